// The choice of a model: a list to search in, behind the button in the chat's head and beside fields of the site.

export class Picker {
  #dialog = document.getElementById("models-dialog");
  #search = document.getElementById("models-search");
  #list = document.getElementById("models-list");
  #none = document.getElementById("models-none");
  #at = null;
  #onChoice = null;
  #opened = 0;
  #loaded = false;
  #entered = false; // before the list was there: the best match is taken once it is

  constructor() {
    this.#search.addEventListener("input", () => {
      this.#entered = false;
      if (this.#loaded) this.#filter();
    });
    this.#dialog.addEventListener("keydown", (event) => this.#onKey(event));
    this.#dialog.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.#choose(option);
      else if (event.target === this.#dialog) this.#dialog.close();
    });
  }

  // Shows what the address answers; the choice is handed on unless it is the current one.
  async open(address, onChoice) {
    const turn = ++this.#opened;
    this.#onChoice = onChoice;
    this.#entered = this.#loaded = false;
    this.#search.value = "";
    this.#say("Loading the models…");
    this.#dialog.showModal();
    try {
      const response = await fetch(address, { headers: { Accept: "text/html" } });
      if (!response.ok) throw new Error();
      const models = await response.text();
      if (turn !== this.#opened) return;
      this.#list.innerHTML = models;
      this.#loaded = true;
      this.#filter();
      if (this.#entered && this.#at && this.#dialog.open) this.#choose(this.#at);
    } catch {
      if (turn === this.#opened) this.#say("The models cannot be listed just now. Type a name instead.");
    }
  }

  #say(text) {
    this.#list.replaceChildren();
    this.#none.textContent = text;
    this.#none.hidden = !text;
    this.#mark(null);
  }

  #filter() {
    const words = this.#search.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const option of this.#list.querySelectorAll("[role=option]")) {
      const text = option.textContent.toLowerCase();
      option.hidden = !words.every((word) => text.includes(word));
    }
    for (const group of this.#list.querySelectorAll("[role=group]")) {
      group.hidden = !group.querySelector("[role=option]:not([hidden])");
    }
    const shown = this.#shown();
    this.#none.textContent = "No model has these words.";
    this.#none.hidden = shown.length > 0 || !words.length;
    this.#mark(shown.find((option) => "current" in option.dataset) ?? shown[0] ?? null);
  }

  #shown() {
    return [...this.#list.querySelectorAll("[role=option]:not([hidden])")];
  }

  #onKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      const shown = this.#shown();
      const next = shown.indexOf(this.#at) + step;
      this.#mark(shown.at(next % (shown.length || 1)) ?? null);
    } else if (event.key === "Escape") {
      this.#dialog.close();
    } else if (event.key === "Enter" && event.target === this.#search) {
      if (this.#at) this.#choose(this.#at);
      else this.#entered = this.#search.value.trim() !== "";
    } else {
      return;
    }
    event.preventDefault();
  }

  #mark(option) {
    this.#at?.setAttribute("aria-selected", "false");
    this.#at = option;
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) this.#search.setAttribute("aria-activedescendant", option.id);
    else this.#search.removeAttribute("aria-activedescendant");
  }

  #choose(option) {
    this.#dialog.close();
    if (!("current" in option.dataset)) this.#onChoice(option.dataset.model);
  }
}
