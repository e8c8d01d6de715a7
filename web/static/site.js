// What every page of the site does: the drawer on a phone, fields that show a secret, questions before what cannot
// be taken back, times in the viewer's zone, wide tables in reach of the keyboard. Pages work without it, but for the
// questions.

import { showTimes } from "./times.js";

const doors = document.getElementById("doors");
const opener = document.getElementById("open-doors");
const page = document.getElementById("content");

function setOpen(open) {
  doors.toggleAttribute("data-open", open);
  opener.setAttribute("aria-expanded", String(open));
  page.inert = open;
  (open ? doors.querySelector("a") : opener).focus();
}

function showSecret(eye) {
  const field = document.getElementById(eye.dataset.shows);
  const shown = field.type === "password";
  field.type = shown ? "text" : "password";
  eye.setAttribute("aria-pressed", String(shown));
}

function ask(form) {
  const dialog = document.createElement("dialog");
  dialog.className = "asks";
  const words = document.createElement("p");
  words.textContent = form.dataset.asks;
  const row = document.createElement("div");
  row.className = "acts-row";
  const no = document.createElement("button");
  no.className = "quiet";
  no.textContent = "Keep it";
  const yes = document.createElement("button");
  yes.className = "danger";
  yes.textContent = form.querySelector("button:not([type=button])")?.textContent ?? "Yes";
  row.append(no, yes);
  dialog.append(words, row);
  document.body.append(dialog);
  no.addEventListener("click", () => dialog.close());
  yes.addEventListener("click", () => {
    form.dataset.asked = "yes";
    dialog.close();
    form.requestSubmit();
  });
  dialog.addEventListener("close", () => dialog.remove());
  dialog.showModal();
}

// A table that is wider than its place is moved by the keyboard too; one that fits is no stop on the way.
const widths = new ResizeObserver((seen) => {
  for (const { target } of seen) {
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
});
const watchTables = () => {
  for (const table of document.querySelectorAll(".site-main .table")) widths.observe(table);
};

opener.addEventListener("click", () => setOpen(!doors.hasAttribute("data-open")));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && doors.hasAttribute("data-open")) setOpen(false);
});
document.addEventListener("click", (event) => {
  const eye = event.target.closest("button.eye");
  if (eye) showSecret(eye);
  const outside = doors.hasAttribute("data-open") && !event.target.closest("#doors, #open-doors");
  if (outside) setOpen(false);
});
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.dataset.asks || form.dataset.asked) return;
  event.preventDefault();
  ask(form);
});
document.addEventListener("change", (event) => {
  event.target.closest("form[data-sends-itself]")?.requestSubmit();
});
document.addEventListener("htmx:after:swap", () => {
  showTimes(document);
  watchTables();
});
showTimes(document);
watchTables();
document.querySelector(".field.wrong input, .field.wrong select, .field.wrong textarea")?.focus();
