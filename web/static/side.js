// The list of threads: a side bar, on a phone a drawer.

import { showTimes } from "./times.js";

const PAUSE = 400;

export function setUpSide() {
  const side = document.getElementById("side");
  const veil = document.getElementById("veil");
  const opener = document.getElementById("open-side");
  const threads = document.getElementById("threads");
  const title = document.getElementById("title");
  const answers = document.getElementById("model-name");
  let timer = 0;

  function setOpen(open) {
    side.toggleAttribute("data-open", open);
    veil.hidden = !open;
    opener.setAttribute("aria-expanded", String(open));
    document.getElementById("room").inert = open;
    (open ? document.getElementById("close-side") : opener).focus();
  }

  async function load(thread) {
    try {
      const response = await fetch(`/try/${thread}/threads`, { headers: { Accept: "text/html" } });
      if (!response.ok) return;
      threads.innerHTML = await response.text();
      showTimes(threads);
      answers.textContent = threads.querySelector("[data-model]").dataset.model;
      const current = threads.querySelector("[aria-current] span");
      if (current) title.textContent = current.textContent;
      document.title = `${title.textContent} · Switchboard`;
    } catch {
      // The banner tells of a lost connection; the list is fetched again after the next message.
    }
  }

  opener.addEventListener("click", () => setOpen(true));
  veil.addEventListener("click", () => setOpen(false));
  document.getElementById("close-side").addEventListener("click", () => setOpen(false));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !side.hasAttribute("data-open")) return;
    event.preventDefault();
    setOpen(false);
  });

  return {
    reload(thread) {
      clearTimeout(timer);
      timer = setTimeout(() => void load(thread), PAUSE);
    },
  };
}
