// What both pages need: colours of the scheme, times in words, and curves that follow both.

export const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
export const byId = (id) => document.getElementById(id);

const pad = (number) => String(number).padStart(2, "0");

export function clock(seconds, withTenths = false) {
  const when = new Date(seconds * 1000);
  const text = `${pad(when.getHours())}:${pad(when.getMinutes())}:${pad(when.getSeconds())}`;
  return withTenths ? `${text}.${Math.floor(when.getMilliseconds() / 100)}` : text;
}

export function element(tag, text, attributes = {}) {
  const made = document.createElement(tag);
  if (text !== undefined && text !== null) made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

// Round steps of a clock, so that ticks stand at whole minutes and hours, never at 22:48.
const STEPS_S = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400];

export function ticks(start, end, most) {
  const step = STEPS_S.find((s) => (end - start) / s <= most) ?? 28800;
  const zone = new Date(start * 1000).getTimezoneOffset() * 60;
  const first = Math.ceil((start - zone) / step) * step + zone;
  const found = [];
  for (let at = first; at <= end + 1e-9; at += step) found.push(at);
  return { found, step };
}

export function tickText(at, step) {
  const when = new Date(Math.round(at * 1000));
  const minutes = `${pad(when.getHours())}:${pad(when.getMinutes())}`;
  if (step >= 60) return minutes;
  if (step >= 1) return `${minutes}:${pad(when.getSeconds())}`;
  return `${pad(when.getSeconds())}.${String(when.getMilliseconds()).padStart(3, "0").slice(0, step >= 0.1 ? 1 : 2)}`;
}

export function plot(target, { series, height, gutter, yRange, hooks = {}, timeAxis = true }) {
  const axis = { stroke: () => colour("quiet"), grid: { stroke: () => colour("line"), width: 1 }, ticks: { show: false }, font: "12px system-ui" };
  return new uPlot(
    {
      width: target.clientWidth, height, padding: [8, 0, 0, 0], legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: false }, y: { range: yRange } },
      axes: [
        { ...axis, size: timeAxis ? 24 : 6, splits: (u) => ticks(u.scales.x.min, u.scales.x.max, Math.max(3, u.width / 110)).found,
          values: (u, at) => { const { step } = ticks(u.scales.x.min, u.scales.x.max, Math.max(3, u.width / 110)); return at.map((t) => (timeAxis ? tickText(t, step) : "")); } },
        { ...axis, size: gutter, space: 34 },
      ],
      series: [{}, ...series], hooks,
    },
    [[], ...series.map(() => [])],
    target,
  );
}

export function onResize(target, plots, height) {
  new ResizeObserver(() => {
    for (const made of plots) if (target.clientWidth) made.setSize({ width: target.clientWidth, height: height(made) });
  }).observe(target);
  matchMedia("(prefers-color-scheme: light)").addEventListener("change", () => plots.forEach((made) => made.redraw(false)));
}
