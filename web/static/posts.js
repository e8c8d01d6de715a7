// The transcript: shows posts as the server renders them and keeps the reader's place.

import { showTimes } from "./times.js";

const NEAR = 90; // pixels from the end that still count as reading along

export class Posts {
  #list = document.getElementById("posts");
  #scroll = document.getElementById("scroll");
  #waiting = document.getElementById("waiting");
  #waitingText = document.getElementById("waiting-text");
  #latest = document.getElementById("latest");
  #welcome = document.getElementById("welcome");
  #announce = document.getElementById("announce");
  #follow = true;

  constructor({ onChange, onPress, onBegin }) {
    this.onChange = onChange;
    this.onPress = onPress;
    this.onBegin = onBegin;
    this.#scroll.addEventListener("scroll", () => this.#onScroll(), { passive: true });
    this.#list.addEventListener("click", (event) => this.#onClick(event));
    this.#latest.addEventListener("click", () => this.toEnd());
    new ResizeObserver(() => this.#keepUp()).observe(this.#list);
    new ResizeObserver(() => this.#keepUp()).observe(this.#scroll);
  }

  get busy() {
    return !this.#waiting.hidden || this.#list.querySelector("[data-growing]") !== null;
  }

  // A post as the server sent it: { id, key, html, growing, mine }.
  show(post) {
    const holder = document.createElement("template");
    holder.innerHTML = post.html;
    const fresh = holder.content.firstElementChild;
    const old = document.getElementById(fresh.id) ?? this.#pendingOf(post.key);
    const ended = !post.growing && (!old || "growing" in old.dataset);
    if (old) merge(old, fresh);
    else this.#insert(fresh);
    const shown = old ?? fresh;
    showTimes(shown);
    this.#welcome.hidden = true;
    if (fresh.matches(".reply, .error")) this.wait(null);
    if (!post.mine && ended) this.#say(shown);
    this.#keepUp();
    this.onChange();
  }

  // What the person just sent, until the server shows it.
  pending(form) {
    const article = document.createElement("article");
    article.className = "post person";
    article.dataset.key = form.get("key");
    article.dataset.pending = "";
    const body = document.createElement("div");
    body.className = "body";
    body.textContent = form.get("text");
    article.append(body);
    this.#list.append(article);
    this.#welcome.hidden = true;
    this.toEnd();
  }

  dropPending(key) {
    this.#list.querySelector(`[data-key="${key}"][data-pending]`)?.remove();
    this.#welcome.hidden = this.#list.childElementCount > 0;
  }

  // Something is on its way to the message of this key, unless it has come already.
  await(key) {
    if (this.#list.lastElementChild?.dataset.key === key) this.wait("Connecting…");
  }

  // What is awaited, in words; null for nothing.
  wait(text) {
    const nothing = text === null;
    if (!nothing && this.#list.querySelector("[data-growing]")) return;
    this.#waiting.hidden = nothing;
    if (!nothing && this.#waitingText.textContent !== text) {
      this.#waitingText.textContent = text;
      this.#announce.textContent = text;
    }
    this.#keepUp();
    this.onChange();
  }

  toEnd() {
    this.#follow = true;
    this.#keepUp();
  }

  #pendingOf(key) {
    return key ? this.#list.querySelector(`[data-key="${key}"]`) : null;
  }

  #insert(article) {
    const id = Number(article.dataset.id);
    const later = [...this.#list.children].find((other) => "id" in other.dataset && Number(other.dataset.id) > id);
    this.#list.insertBefore(article, later ?? this.#list.querySelector("[data-pending]"));
  }

  #say(article) {
    this.#announce.textContent = article.querySelector(".body").textContent.slice(0, 4000);
  }

  #onScroll() {
    this.#follow = this.#scroll.scrollHeight - this.#scroll.scrollTop - this.#scroll.clientHeight < NEAR;
    this.#latest.hidden = this.#follow;
  }

  #keepUp() {
    if (this.#follow) this.#scroll.scrollTop = this.#scroll.scrollHeight;
    this.#latest.hidden = this.#follow;
  }

  async #onClick(event) {
    const button = event.target.closest("button");
    if (!button) return;
    if ("copy" in button.dataset) {
      await copy(button);
    } else if (button.dataset.command) {
      if (button.dataset.begins && this.onBegin(button.dataset.begins)) return;
      button.disabled = true;
      const done = await this.onPress(button.dataset.command);
      button.disabled = false;
      if (done && button.dataset.verdict) judged(button);
    }
  }
}

// Replace only what differs, so that selections and scrolled code blocks survive while the rest grows.
function merge(old, fresh) {
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  const oldBody = old.querySelector(":scope > .body");
  const freshBody = fresh.querySelector(":scope > .body");
  mergeChildren(oldBody, freshBody);
  freshBody.replaceWith(oldBody);
  mergeFrame(old, fresh);
}

function mergeChildren(old, fresh) {
  let same = 0;
  while (same < old.childNodes.length && same < fresh.childNodes.length) {
    if (!old.childNodes[same].isEqualNode(fresh.childNodes[same])) break;
    same += 1;
  }
  while (old.childNodes.length > same) old.lastChild.remove();
  while (fresh.childNodes.length > same) old.append(fresh.childNodes[same]);
}

// Everything around the body is small: it is replaced, unless nothing about it changed.
function mergeFrame(old, fresh) {
  const key = (node) => (node.nodeType === 1 && !node.matches(".body") ? node.outerHTML.replace(/(<time[^>]*>)[^<]*/g, "$1") : "");
  const oldFoot = old.querySelector(":scope > .foot");
  const freshFoot = fresh.querySelector(":scope > .foot");
  if (oldFoot && freshFoot && key(oldFoot) === key(freshFoot)) freshFoot.replaceWith(oldFoot);
  old.replaceChildren(...fresh.childNodes);
}

// One thumb of the two is the verdict.
function judged(thumb) {
  for (const other of thumb.parentElement.querySelectorAll("[data-verdict]")) {
    other.setAttribute("aria-pressed", String(other === thumb));
  }
}

async function copy(button) {
  const text = button.closest(".code").querySelector("pre").textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Press Ctrl+C";
    getSelection().selectAllChildren(button.closest(".code").querySelector("pre"));
  }
  setTimeout(() => (button.textContent = "Copy"), 1600);
}
