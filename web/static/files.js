// Files to send: picked, pasted or dropped; each is a chip that can be taken away again.

export function readable(size) {
  if (size < 1000) return `${size} B`;
  if (size < 1_000_000) return `${Math.round(size / 1000)} kB`;
  return `${(size / 1_000_000).toFixed(1)} MB`;
}

export class Files {
  list = [];
  #chips = document.getElementById("chips");
  #input = document.getElementById("files");
  #form;

  constructor(form, { onChange, complain }) {
    this.#form = form;
    this.onChange = onChange;
    this.complain = complain;
    this.#input.addEventListener("change", () => {
      this.#add([...this.#input.files]);
      this.#input.value = "";
    });
    form.addEventListener("paste", (event) => {
      const pasted = [...event.clipboardData.files];
      if (!pasted.length) return;
      event.preventDefault();
      this.#add(pasted);
    });
    this.#setUpDrop(document.getElementById("room"));
  }

  clear() {
    this.list = [];
    this.#draw();
  }

  #setUpDrop(room) {
    const over = (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      this.#form.toggleAttribute("data-over", event.type === "dragover");
      if (event.type === "drop") this.#add([...event.dataTransfer.files]);
    };
    for (const type of ["dragover", "dragleave", "drop"]) room.addEventListener(type, over);
  }

  #add(files) {
    const problems = files.map((file) => this.#problem(file)).filter(Boolean);
    const good = files.filter((file) => !this.#problem(file));
    const limits = this.#form.dataset;
    const room = Math.max(0, Number(limits.mostFiles) - this.list.length);
    if (good.length > room) problems.push(`One message takes ${limits.mostFiles} files.`);
    this.list.push(...good.slice(0, room));
    this.#dropOverflow(problems, Number(limits.allBytes));
    this.#draw();
    this.onChange();
    if (problems.length) this.complain(problems.join(" "));
  }

  #problem(file) {
    const limits = this.#form.dataset;
    const [what, most] = this.#kind(file, limits);
    if (file.size === 0) return `“${file.name}” is empty.`;
    if (file.size <= Number(most)) return "";
    return `“${file.name}” has ${readable(file.size)}; ${what} may have ${readable(Number(most))}.`;
  }

  // By its name: what a file really is the server reads from its bytes.
  #kind(file, limits) {
    const name = file.name.toLowerCase();
    if (file.type.startsWith("image/")) return ["an image", limits.imageBytes];
    if (limits.documents.split(" ").some((end) => name.endsWith(end))) return ["a document", limits.documentBytes];
    return ["a text file", limits.textBytes];
  }

  #dropOverflow(problems, most) {
    let size = 0;
    const fitting = this.list.filter((file) => (size += file.size) <= most);
    if (fitting.length < this.list.length) problems.push(`One message takes ${readable(most)} of files in all.`);
    this.list = fitting;
  }

  #draw() {
    this.#chips.hidden = !this.list.length;
    for (const image of this.#chips.querySelectorAll("img")) URL.revokeObjectURL(image.src);
    this.#chips.replaceChildren(...this.list.map((file) => this.#chip(file)));
  }

  #chip(file) {
    const chip = document.createElement("li");
    if (file.type.startsWith("image/")) {
      const image = new Image();
      image.alt = "";
      image.src = URL.createObjectURL(file);
      chip.append(image);
    }
    const name = Object.assign(document.createElement("span"), { textContent: file.name });
    const size = Object.assign(document.createElement("small"), { textContent: readable(file.size) });
    const away = Object.assign(document.createElement("button"), { type: "button", textContent: "✕" });
    away.setAttribute("aria-label", `Take ${file.name} away`);
    away.addEventListener("click", () => {
      this.list = this.list.filter((other) => other !== file);
      this.#draw();
      this.onChange();
    });
    chip.append(name, size, away);
    return chip;
  }
}
