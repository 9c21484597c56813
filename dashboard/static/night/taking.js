// What is shown, to take along: addresses of the base station's files, and a picture made here from what is drawn.
import { byId, colour, gutter } from "../shared.js";

const PADDING_PX = 16, TITLE_PX = 30, LANE_FONT = "13px system-ui, sans-serif", TITLE_FONT = "600 16px system-ui, sans-serif";

/** Let the files be of this window. */
export function offer(night, start, end) {
  const query = new URLSearchParams({ t0: start.toFixed(4), t1: end.toFixed(4) });
  for (const kind of ["edf", "csv"]) byId(`export-${kind}`).href = `/api/nights/${night}/selection.${kind}?${query}`;
}

/** Give the lanes and curves that are drawn as a picture, with a title above. */
export async function picture(title, name) {
  const lanes = [...document.querySelectorAll(".lane")], plots = [...document.querySelectorAll(".plot canvas")].filter((canvas) => canvas.clientHeight);
  const wide = byId("view").clientWidth, ratio = devicePixelRatio;
  const high = [...lanes, ...plots].reduce((sum, part) => sum + part.clientHeight + 4, TITLE_PX + 2 * PADDING_PX);
  const canvas = document.createElement("canvas");
  canvas.width = (wide + 2 * PADDING_PX) * ratio;
  canvas.height = high * ratio;
  const ctx = canvas.getContext("2d");
  ctx.scale(ratio, ratio);
  ctx.fillStyle = colour("ground");
  ctx.fillRect(0, 0, wide + 2 * PADDING_PX, high);
  ctx.fillStyle = colour("text");
  ctx.font = TITLE_FONT;
  ctx.fillText(title, PADDING_PX, PADDING_PX + 14);
  let y = PADDING_PX + TITLE_PX;
  for (const lane of lanes) {
    drawLane(ctx, lane, PADDING_PX, y, wide);
    y += lane.clientHeight + 4;
  }
  for (const plot of plots) {
    ctx.drawImage(plot, PADDING_PX, y, plot.clientWidth, plot.clientHeight);
    y += plot.clientHeight + 4;
  }
  const made = await new Promise((done) => { canvas.toBlob(done, "image/png"); });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(made);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

function drawLane(ctx, lane, x, y, wide) {
  const left = x + gutter(), track = lane.lastElementChild.getBoundingClientRect(), high = lane.clientHeight;
  ctx.fillStyle = colour("quiet");
  ctx.font = LANE_FONT;
  ctx.fillText(lane.firstElementChild.textContent, x, y + high / 2 + 4);
  ctx.fillStyle = colour("raised");
  ctx.fillRect(left, y, wide - gutter(), high);
  for (const mark of lane.querySelectorAll("i")) {
    const box = mark.getBoundingClientRect(), style = getComputedStyle(mark);
    const from = Math.max(box.left, track.left), to = Math.min(box.right, track.right);
    if (style.display === "none" || to <= from) continue;
    ctx.fillStyle = style.backgroundColor === "rgba(0, 0, 0, 0)" ? style.getPropertyValue("--lane") || colour("signal") : style.backgroundColor;
    ctx.fillRect(left + from - track.left, y + box.top - track.top, to - from, box.height);
  }
}
