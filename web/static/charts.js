// Draws the charts of a page. Each stands in an element with data-chart, which names the JSON block that it shows:
// {draws: "cost" or "tokens", labels: [...], values: [...]}, dollars or tokens by label. The table beneath has the same.

const uPlot = window.uPlot;
const HEIGHT = 210; // pixels
const money = new Intl.NumberFormat("en-US", {
  style: "currency",
  currency: "USD",
  minimumFractionDigits: 0,
  maximumSignificantDigits: 3,
});
const count = new Intl.NumberFormat("en-US", { notation: "compact", maximumSignificantDigits: 3 });
const dark = window.matchMedia("(prefers-color-scheme: dark)");

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function tipped(data, words) {
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  return {
    hooks: {
      init: (plot) => plot.over.append(tip),
      setCursor: (plot) => {
        const { idx, left } = plot.cursor;
        tip.hidden = idx === null || idx === undefined || left < 0;
        if (tip.hidden) return;
        tip.textContent = `${data.labels[idx]}: ${words(data.values[idx])}`;
        const room = plot.over.clientWidth - tip.offsetWidth;
        tip.style.left = `${Math.max(0, Math.min(left - tip.offsetWidth / 2, room))}px`;
      },
    },
  };
}

function axis(more) {
  const line = colour("--line");
  return {
    stroke: colour("--soft"),
    font: `12px ${colour("--sans")}`,
    grid: { stroke: line, width: 1 },
    ticks: { show: false },
    ...more,
  };
}

function options(host, data) {
  const words = data.draws === "cost" ? (value) => money.format(value) : (value) => count.format(value);
  const accent = colour("--accent");
  const bars = data.draws === "cost";
  const last = data.labels.length - 1;
  return {
    width: host.clientWidth,
    height: HEIGHT,
    padding: [10, 6, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: !bars } },
    plugins: [tipped(data, words)],
    scales: {
      x: { time: false, range: [-0.6, last + 0.6] },
      y: { range: (plot, low, high) => [0, high > 0 ? high * 1.12 : 1] },
    },
    axes: [
      axis({
        grid: { show: false },
        size: 30,
        incrs: [1, 2, 3, 5, 7, 10],
        space: 58,
        values: (plot, splits) => splits.map((at) => (Number.isInteger(at) ? (data.labels[at] ?? "") : "")),
      }),
      axis({ size: 58, space: 42, values: (plot, splits) => splits.map(words) }),
    ],
    series: [
      {},
      {
        stroke: accent,
        fill: bars ? accent : `${accent}24`,
        width: bars ? 0 : 2,
        paths: bars ? uPlot.paths.bars({ size: [0.68, 34], radius: 0.18 }) : undefined,
        points: { show: !bars, size: 5, fill: accent },
      },
    ],
  };
}

function draw(host) {
  const data = JSON.parse(document.getElementById(host.dataset.chart).textContent);
  const made = () => new uPlot(options(host, data), [data.values.map((_, at) => at), data.values], host);
  host.hidden = false;
  let plot = made();
  new ResizeObserver(() => plot.setSize({ width: host.clientWidth, height: HEIGHT })).observe(host);
  dark.addEventListener("change", () => {
    plot.destroy();
    plot = made();
  });
}

if (uPlot) for (const host of document.querySelectorAll("[data-chart]")) draw(host);
