// Completion of commands: a list above the message box while it begins with a slash.

const PAUSE = 60; // milliseconds of quiet before the server is asked

export class Suggestions {
  #text;
  #list = document.getElementById("suggestions");
  #timer = 0;
  #asked = "";
  #items = [];
  #at = -1;

  constructor(text, { onChoice }) {
    this.#text = text;
    this.onChoice = onChoice;
    let leaving = 0;
    text.addEventListener("blur", () => (leaving = setTimeout(() => this.close(), 150)));
    text.addEventListener("focus", () => clearTimeout(leaving));
  }

  update() {
    clearTimeout(this.#timer);
    const text = this.#text.value;
    if (!/^[/!]/.test(text) || text.includes("\n")) return this.close();
    this.#timer = setTimeout(() => void this.#ask(text), PAUSE);
  }

  close() {
    clearTimeout(this.#timer);
    this.#asked = "";
    this.#items = [];
    this.#draw();
  }

  // Returns whether the key was ours.
  onKey(event) {
    if (!this.#items.length) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      this.#at = (this.#at + step + this.#items.length) % this.#items.length;
      this.#mark();
    } else if (event.key === "Escape") {
      this.close();
    } else if (event.key === "Tab" && !event.shiftKey) {
      this.#choose(this.#at);
    } else if (event.key === "Enter" && !event.shiftKey) {
      return this.#enter();
    } else {
      return false;
    }
    return true;
  }

  // Enter takes the marked suggestion; what is already written out whole is sent.
  #enter() {
    const written = this.#text.value.trim();
    if (this.#items[this.#at].value.trim() === written) return false;
    this.#choose(this.#at);
    return true;
  }

  async #ask(text) {
    this.#asked = text;
    let found = [];
    try {
      const response = await fetch(`/api/complete?text=${encodeURIComponent(text)}`, {
        headers: { Accept: "application/json" },
      });
      if (response.ok) found = (await response.json()).suggestions;
    } catch {
      // Completion is a comfort: the command can be typed without it.
    }
    if (this.#asked !== text) return;
    this.#items = found;
    this.#at = 0;
    this.#draw();
  }

  #choose(index) {
    const { value } = this.#items[index];
    this.close();
    this.#text.value = value;
    this.#text.focus();
    this.onChoice();
  }

  #draw() {
    this.#list.hidden = !this.#items.length;
    this.#list.replaceChildren(...this.#items.map((item, index) => this.#row(item, index)));
    this.#mark();
  }

  #row(item, index) {
    const row = document.createElement("li");
    row.id = `suggestion-${index}`;
    row.role = "option";
    const label = Object.assign(document.createElement("b"), { textContent: item.label });
    row.append(label, Object.assign(document.createElement("span"), { textContent: item.detail }));
    // Not click: the box must not lose its focus first.
    row.addEventListener("mousedown", (event) => {
      event.preventDefault();
      this.#choose(index);
    });
    return row;
  }

  #mark() {
    for (const [index, row] of [...this.#list.children].entries()) {
      row.setAttribute("aria-selected", String(index === this.#at));
      if (index === this.#at) row.scrollIntoView({ block: "nearest" });
    }
    if (this.#items.length) this.#text.setAttribute("aria-activedescendant", `suggestion-${this.#at}`);
    else this.#text.removeAttribute("aria-activedescendant");
  }
}
