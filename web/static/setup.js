// Pages that set things up: what is to be pasted elsewhere is copied by a button.

async function copy(button) {
  const field = document.getElementById(button.dataset.copies);
  const label = button.textContent;
  try {
    await navigator.clipboard.writeText(field.value);
    button.textContent = "Copied";
  } catch {
    // Over plain HTTP to another machine there is no clipboard for pages: what is selected can be copied by hand.
    field.select();
    button.textContent = "Selected: now copy it";
  }
  setTimeout(() => (button.textContent = label), 2500);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copies]");
  if (button) copy(button);
});

// An address like /start#slack opens that step.
const meant = document.getElementById(location.hash.slice(1))?.querySelector("details");
if (meant) meant.open = true;
