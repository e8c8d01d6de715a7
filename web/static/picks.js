// Fields that take a model: a button beside each opens the list to search in.

import { Picker } from "./picker.js";

const picker = new Picker();

function put(field, value, several) {
  const there = field.value.split(/[\s,]+/).filter(Boolean);
  if (!several) field.value = value;
  else if (!there.includes(value)) field.value = [...there, value].join(", ");
  field.focus();
}

for (const button of document.querySelectorAll("[data-picks]")) {
  const field = document.getElementById(button.dataset.picks);
  button.hidden = false;
  button.addEventListener("click", () => {
    void picker.open(button.dataset.from, (value) => put(field, value, "several" in button.dataset));
  });
}
