// Times in the viewer's own zone and words.

const clock = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const moment = new Intl.DateTimeFormat(undefined, {
  weekday: "long",
  day: "numeric",
  month: "long",
  hour: "numeric",
  minute: "2-digit",
});
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });

// A moment that is waited for is told whole, by ``data-moment``; what was is told by its hour, or by its day.
function words(element, at, today) {
  if ("moment" in element.dataset) return `on ${moment.format(at)}`;
  return at.toDateString() === today ? clock.format(at) : day.format(at);
}

export function showTimes(root) {
  const today = new Date().toDateString();
  for (const element of root.querySelectorAll("time[datetime]")) {
    const at = new Date(element.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    element.textContent = words(element, at, today);
    element.title = full.format(at);
  }
}
