// The message box: writing, sending, files, commands and the stop button.

import { newKey } from "./keys.js";
import { Files } from "./files.js";
import { Suggestions } from "./suggestions.js";

export class Composer {
  #form = document.getElementById("composer");
  #text = document.getElementById("text");
  #send = document.getElementById("send");
  #stop = document.getElementById("stop");
  #problem = document.getElementById("problem");
  #passing = document.getElementById("passing");
  #mentioned = 0;
  #files;
  #suggestions;
  #key = newKey();
  #sending = false;
  #aside = "";

  constructor({ thread, send, stop }) {
    this.draft = `draft:${thread}`;
    this.send = send;
    this.#files = new Files(this.#form, { onChange: () => this.#changed(), complain: (say) => this.complain(say) });
    this.#suggestions = new Suggestions(this.#text, { onChoice: () => this.#changed() });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#submit();
    });
    this.#text.addEventListener("input", () => this.#onInput());
    this.#text.addEventListener("keydown", (event) => this.#onKey(event));
    this.#stop.addEventListener("click", () => stop());
    this.#text.value ||= sessionStorage.getItem(this.draft) ?? "";
    this.#fit();
  }

  // Shows the stop button while an answer is on its way.
  answering(busy) {
    this.#stop.hidden = !busy;
  }

  complain(say) {
    // Words in backquotes are meant to be typed.
    const parts = say.split("`").map((part, index) => (index % 2 ? code(part) : part));
    this.#problem.replaceChildren(...parts);
    this.#problem.hidden = !say;
  }

  // Something worth a moment's notice; the server's own HTML.
  mention(html, bad = false) {
    clearTimeout(this.#mentioned);
    this.#passing.innerHTML = html;
    this.#passing.hidden = !html;
    this.#passing.toggleAttribute("data-bad", bad);
    if (html) this.#mentioned = setTimeout(() => this.mention(""), 7000);
  }

  // Send this text at once.
  say(text) {
    this.#text.value = text;
    this.#changed();
    void this.#submit();
  }

  // Begin a command in the box; what was being written comes back after it. False where files wait to be sent.
  begin(text) {
    if (this.#files.list.length || this.#sending) return false;
    if (this.#text.value.trim() && !this.#text.value.startsWith("/")) this.#aside = this.#text.value;
    this.#text.value = text;
    this.#text.focus();
    this.#changed();
    return true;
  }

  #onKey(event) {
    if (event.isComposing || event.defaultPrevented) return;
    if (this.#suggestions.onKey(event)) {
      event.preventDefault();
    } else if (event.key === "Enter" && !event.shiftKey && !event.altKey && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      void this.#submit();
    }
  }

  #onInput() {
    if (!this.#text.value && this.#aside) [this.#text.value, this.#aside] = [this.#aside, ""];
    this.#changed();
  }

  // What is written differs from what was tried before: it is another message, with a key of its own.
  #changed() {
    this.#key = newKey();
    this.complain("");
    this.#fit();
    this.#suggestions.update();
    const draft = this.#aside || this.#text.value;
    if (draft.length < 100_000) sessionStorage.setItem(this.draft, draft);
  }

  #fit() {
    this.#text.style.height = "auto";
    this.#text.style.height = `${this.#text.scrollHeight}px`;
  }

  async #submit() {
    if (this.#sending) return;
    // A space at its beginning makes a message of what would be a command.
    const text = this.#text.value.trimEnd();
    const problem = this.#tooMuch(text);
    if (problem) return this.complain(problem);
    this.#setSending(true);
    const answer = await this.send(this.#contents(text));
    this.#setSending(false);
    if (answer.ok) this.#clear();
    else this.complain(answer.say);
    this.#text.focus();
  }

  #contents(text) {
    const form = new FormData();
    form.set("key", this.#key);
    form.set("text", text);
    for (const file of this.#files.list) form.append("files", file, file.name);
    return form;
  }

  #tooMuch(text) {
    const most = Number(this.#form.dataset.mostChars);
    if (!text.trim() && !this.#files.list.length) return "Write something first.";
    if (text.length <= most) return "";
    const [is, may] = [text.length, most].map((count) => count.toLocaleString());
    return `A message may have ${may} characters; this one has ${is}. Attach long texts as a file.`;
  }

  #setSending(sending) {
    this.#sending = sending;
    this.#send.disabled = sending;
    this.#text.readOnly = sending;
    this.#form.setAttribute("aria-busy", String(sending));
    if (sending) this.#suggestions.close();
  }

  #clear() {
    this.#text.value = this.#aside;
    this.#aside = "";
    this.#files.clear();
    this.#changed();
    if (!this.#text.value) sessionStorage.removeItem(this.draft);
  }
}

function code(text) {
  return Object.assign(document.createElement("code"), { textContent: text });
}
