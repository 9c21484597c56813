// The whole night in a strip, and the window on it: drag the window, or press where it shall go.
import { byId, colour, gutter, onScheme } from "../shared.js";

const HEIGHT_PX = 34;
const DECADES = 3.2;
const LANES = ["cramp", "rhythmic", "tight"];

export class Overview {
  constructor(onMove) {
    this.canvas = byId("overview");
    this.curves = [];
    this.night = null;
    this.canvas.addEventListener("pointerdown", (event) => { this.canvas.setPointerCapture(event.pointerId); this.move(event, onMove); });
    this.canvas.addEventListener("pointermove", (event) => { if (this.canvas.hasPointerCapture(event.pointerId)) this.move(event, onMove); });
    new ResizeObserver(() => this.draw()).observe(this.canvas);
    onScheme(() => this.draw());
  }

  set(night, curves) { this.night = night; this.curves = curves; this.draw(); }

  place(start, end) { this.start = start; this.end = end; this.draw(); }

  move(event, onMove) {
    const box = this.canvas.getBoundingClientRect();
    const share = (event.clientX - box.left - gutter()) / (box.width - gutter());
    const half = (this.end - this.start) / 2, middle = this.night.start + share * (this.night.end - this.night.start);
    onMove(middle - half, middle + half);
  }

  draw() {
    const { canvas, night } = this;
    const ratio = devicePixelRatio, wide = canvas.clientWidth * ratio, high = HEIGHT_PX * ratio;
    if (!night || !wide) return;
    if (canvas.width !== Math.round(wide)) { canvas.width = Math.round(wide); canvas.height = Math.round(high); }
    const ctx = canvas.getContext("2d"), left = gutter() * ratio, width = wide - left;
    const xOf = (at) => left + ((at - night.start) / Math.max(1e-9, night.end - night.start)) * width;
    ctx.clearRect(0, 0, wide, high);
    ctx.fillStyle = colour("raised");
    ctx.fillRect(left, 0, width, high);
    ctx.fillStyle = colour("window");
    ctx.fillRect(xOf(this.start), 0, Math.max(2 * ratio, xOf(this.end) - xOf(this.start)), high);
    this.drawCurves(ctx, xOf, high);
    for (const event of night.events) {
      if (!LANES.includes(event.lane)) continue;
      ctx.fillStyle = colour(event.lane);
      ctx.fillRect(xOf(event.start), high - 4 * ratio, Math.max(2 * ratio, xOf(event.end) - xOf(event.start)), 4 * ratio);
    }
    ctx.strokeStyle = colour("quiet");
    ctx.lineWidth = ratio;
    ctx.strokeRect(xOf(this.start) + ratio / 2, ratio / 2, Math.max(2 * ratio, xOf(this.end) - xOf(this.start) - ratio), high - ratio);
  }

  drawCurves(ctx, xOf, high) {
    ctx.fillStyle = colour("trace");
    ctx.globalAlpha = 0.55;
    for (const curve of this.curves) {
      for (let i = 0; i < curve.bins; i += 1) {
        const tall = Math.max(0, Math.log10(Math.max(1, curve.at(i) || 0)) / DECADES) * high;
        const x = xOf(curve.start + i * curve.step);
        ctx.fillRect(x, high - tall, Math.max(1, xOf(curve.start + (i + 1) * curve.step) - x), tall);
      }
    }
    ctx.globalAlpha = 1;
  }
}
