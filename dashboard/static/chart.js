// Axes and curves: uPlot draws the axes, the curves come as they were sent and are drawn here.
import { colour, gutter, onScheme } from "./shared.js";

// Round steps of a clock, so that ticks stand at whole minutes and hours, never at 22:48.
const STEPS_S = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400];
const FONT = "12px system-ui, sans-serif";
// Room for "14:03:20" and a breath beside it, and what of it stands left and right of its tick.
const LABEL_PX = 80, HALF_LABEL_PX = 27;
const AXIS_PX = 24;

const pad = (number) => String(number).padStart(2, "0");

function ticks(start, end, most) {
  const step = STEPS_S.find((s) => (end - start) / s <= most) ?? 28800;
  // Whole hours of this place's clock, which is not everywhere whole hours from Greenwich.
  const zone = new Date(start * 1000).getTimezoneOffset() * 60;
  const found = [];
  for (let n = Math.ceil((start - zone) / step); n * step + zone <= end + 1e-9; n += 1) found.push(n * step + zone);
  return { found, step };
}

function tickText(at, step) {
  const when = new Date(Math.round(at * 1000));
  if (step >= 60) return `${pad(when.getHours())}:${pad(when.getMinutes())}`;
  const seconds = `${pad(when.getHours())}:${pad(when.getMinutes())}:${pad(when.getSeconds())}`;
  if (step >= 1) return seconds;
  return `${pad(when.getSeconds())}.${String(when.getMilliseconds()).padStart(3, "0").slice(0, step >= 0.1 ? 1 : 2)} s`;
}

const grid = (u) => ticks(u.scales.x.min, u.scales.x.max, Math.max(2, u.bbox.width / devicePixelRatio / LABEL_PX));

function labels(u, at) {
  const { step } = grid(u);
  const right = u.bbox.width / devicePixelRatio - HALF_LABEL_PX;
  // A label that would be cut at the edge is left out; its line stays.
  return at.map((t) => (u.valToPos(t, "x") > right ? "" : tickText(t, step)));
}

/** A chart: `draw` fills it, `under` goes below the grid. uPlot keeps books on the pen, so it gets it back as it was. */
export function chart(target, { height, draw, under = () => {}, timeAxis = true, yTicks = {} }) {
  const axis = { stroke: () => colour("quiet"), grid: { stroke: () => colour("line"), width: 1 }, ticks: { show: false }, font: FONT };
  const u = new uPlot(
    {
      width: target.clientWidth || 300, height, padding: [8, 0, timeAxis ? 0 : 4, 0], legend: { show: false }, cursor: { show: false },
      scales: { x: { time: false }, y: { range: (self, low, high) => [low ?? 0, high ?? 1] } },
      axes: [
        { ...axis, size: timeAxis ? AXIS_PX : 0, splits: (self) => grid(self).found, values: timeAxis ? labels : (self, at) => at.map(() => "") },
        { ...axis, size: gutter(), gap: 6, space: 30, ...yTicks },
      ],
      series: [{}, { paths: () => null, points: { show: false } }],
      hooks: { drawClear: [(self) => inside(self, () => under(self))], draw: [(self) => inside(self, () => draw(self))] },
    },
    [[0, 1], [null, null]],
    target,
  );
  new ResizeObserver(() => { if (target.clientWidth) u.setSize({ width: target.clientWidth, height: u.height }); }).observe(target);
  onScheme(() => u.redraw(false, true));
  return u;
}

function inside(u, draw) {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  draw();
  ctx.restore();
}

/** Draw a window anew, its y axis from `low` to `high`. */
export function show(u, start, end, [low, high]) {
  u.batch(() => {
    u.setScale("x", { min: start, max: end });
    u.setScale("y", { min: low, max: high });
  });
}

/** What turns times and values into canvas pixels, in one multiplication each. */
export function projection(u, bend = (value) => value) {
  const { bbox, scales: { x, y } } = u;
  const xScale = bbox.width / (x.max - x.min), yScale = bbox.height / (y.max - y.min);
  return {
    xOf: (at) => bbox.left + (at - x.min) * xScale,
    yOf: (value) => bbox.top + (y.max - bend(value)) * yScale,
    start: x.min, end: x.max,
  };
}

/** Bins of a curve that touch the window. */
export function visible(curve, start, end) {
  const first = Math.max(0, Math.floor((start - curve.start) / curve.step) - 1);
  return [first, Math.min(curve.bins, Math.ceil((end - curve.start) / curve.step) + 1)];
}

export function drawLine(u, curve, paint, bend) {
  const { ctx } = u, { xOf, yOf, start, end } = projection(u, bend);
  const [first, last] = visible(curve, start, end);
  ctx.beginPath();
  let pen = false;
  for (let i = first; i < last; i += 1) {
    const value = curve.at(i);
    if (Number.isNaN(value)) { pen = false; continue; }
    const x = xOf(curve.start + i * curve.step), y = yOf(value);
    if (pen) ctx.lineTo(x, y); else ctx.moveTo(x, y);
    pen = true;
  }
  ctx.strokeStyle = paint;
  ctx.lineWidth = devicePixelRatio;
  ctx.lineJoin = "round";
  ctx.stroke();
}

/** Columns from minimum to maximum, each joined to the one before, so that the curve has no cracks. */
export function drawExtremes(u, curve, paint, bend) {
  const { ctx } = u, { xOf, yOf, start, end } = projection(u, bend);
  const [first, last] = visible(curve, start, end);
  const thin = devicePixelRatio;
  ctx.fillStyle = paint;
  ctx.beginPath();
  let before = null;
  for (let i = first; i < last; i += 1) {
    const low = curve.at(2 * i), high = curve.at(2 * i + 1);
    if (Number.isNaN(low)) { before = null; continue; }
    let top = yOf(high), bottom = yOf(low);
    const own = [top, bottom];
    if (before) { top = Math.min(top, before[1]); bottom = Math.max(bottom, before[0]); }
    const x = xOf(curve.start + i * curve.step);
    ctx.rect(x, top - thin / 2, Math.max(thin, xOf(curve.start + (i + 1) * curve.step) - x), Math.max(thin, bottom - top + thin));
    before = own;
  }
  ctx.fill();
}
