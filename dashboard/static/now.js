// The page of now: one light with a word and a reason, the last minute, and what was found.
import { chart, drawLine, projection, show as redraw } from "./chart.js";
import { follow, heardAgo, isStale, now, oneOfSeveral, showStanding, shown, standing } from "./live/standing.js";
import { byId, clock, colour, duration, element, say, setText } from "./shared.js";

const WINDOW_S = 60;
const KEPT_EVENTS = 50;
// Header of levels (dashboard/live.py).
const HEADER_BYTES = 28;
const LEAST_UV = 20;
// Steps of the movement's scale: only its two ends are written.
const ROUND_MG = [50, 100, 200, 500, 1000, 2000, 5000, 16000];
const MOST_FRAMES_S = 15, CALM_FRAMES_S = 1;

const page = { shown: null, levels: new Map(), events: new Map(), lag: 0.6 };
const scale = { uv: LEAST_UV, mg: ROUND_MG[0] };

// ---------------------------------------------------------------- curves

const none = { rows: [], start: 0, step: 1, bins: 0, at: () => NaN };
const kept = () => page.levels.get(page.shown) ?? { pieces: [], movement: [] };

const envelope = chart(byId("envelope"), {
  height: innerWidth < 700 ? 190 : 260, under: shadeEvents, timeAxis: true,
  draw(u) {
    const pieces = kept().pieces;
    fillUnder(u, pieces);
    for (const piece of pieces) drawLine(u, piece, colour("trace"));
    drawResting(u, pieces.at(-1));
  },
});
const movement = chart(byId("movement"), {
  height: 64, timeAxis: false,
  yTicks: { splits: () => [0, scale.mg], values: (u, at) => at.map((value) => Math.round(value)) },
  draw: (u) => drawLine(u, kept().movement.at(-1) ? asCurve(kept().movement) : none, colour("movement")),
});

function shadeEvents(u) {
  const { ctx, bbox } = u, { xOf } = projection(u);
  for (const event of page.events.values()) {
    if (event.sensor && event.sensor !== page.shown) continue;
    const end = event.phase === "ended" || !isWatching() ? event.end : now();
    const left = Math.max(bbox.left, xOf(event.start)), right = Math.min(bbox.left + bbox.width, xOf(end));
    if (right <= left) continue;
    ctx.globalAlpha = 0.16;
    ctx.fillStyle = colour(event.lane);
    ctx.fillRect(left, bbox.top, right - left, bbox.height);
    ctx.globalAlpha = 1;
  }
}

function fillUnder(u, pieces) {
  const { ctx, bbox } = u, { xOf, yOf } = projection(u);
  ctx.globalAlpha = 0.08;
  ctx.fillStyle = colour("trace");
  for (const piece of pieces) {
    ctx.beginPath();
    ctx.moveTo(xOf(piece.start), bbox.top + bbox.height);
    for (let i = 0; i < piece.bins; i += 1) ctx.lineTo(xOf(piece.start + i * piece.step), yOf(piece.at(i) || 0));
    ctx.lineTo(xOf(piece.start + (piece.bins - 1) * piece.step), bbox.top + bbox.height);
    ctx.fill();
  }
  ctx.globalAlpha = 1;
}

function drawResting(u, piece) {
  if (!piece || Number.isNaN(piece.resting)) return;
  const { ctx, bbox } = u, y = projection(u).yOf(piece.resting);
  ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.strokeStyle = colour("quiet");
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
}

const asCurve = (points) => ({ start: points[0][0], step: points.length > 1 ? (points.at(-1)[0] - points[0][0]) / (points.length - 1) : 1, bins: points.length, at: (i) => points[i][1] });

function hearLevels(buffer) {
  const bytes = new DataView(buffer);
  const number = bytes.getUint16(0, true), start = bytes.getFloat64(4, true), step = 1 / bytes.getFloat64(12, true);
  const rows = new Float32Array(buffer, HEADER_BYTES);
  const sensor = standing()?.sensors.find((known) => known.number === number)?.name ?? number;
  if (!page.levels.has(sensor)) page.levels.set(sensor, { pieces: [], movement: [] });
  const own = page.levels.get(sensor);
  const last = own.pieces.at(-1);
  // Samples that follow each other make one curve; a hole, or a clock that was set, begins another.
  const follows = last && Math.abs(last.start + last.bins * last.step - start) < 2 * step && last.step === step;
  if (follows) { last.rows.push(...rows); last.bins = last.rows.length; last.resting = bytes.getFloat32(20, true); }
  else own.pieces.push(pieceOf(start, step, [...rows], bytes.getFloat32(20, true)));
  own.movement.push([start, bytes.getFloat32(24, true)]);
  if (follows && standing()) page.lag = Math.min(5, Math.max(page.lag * 0.999, now() - start));
  forget(own, start);
}

function pieceOf(start, step, rows, resting) {
  const piece = { start, step, rows, bins: rows.length, resting, at: (i) => piece.rows[i] };
  return piece;
}

function forget(own, newest) {
  const oldest = newest - WINDOW_S - 5;
  own.pieces = own.pieces.filter((piece) => piece.start + piece.bins * piece.step > oldest && piece.start <= newest + 1);
  const first = own.pieces[0];
  const gone = first ? Math.floor((oldest - first.start) / first.step) : 0;
  if (gone > 200) { first.rows.splice(0, gone); first.start += gone * first.step; first.bins = first.rows.length; }
  own.movement = own.movement.filter(([at]) => at > oldest && at <= newest + 1);
}

function draw() {
  const end = now() - page.lag, start = end - WINDOW_S;
  let top = 0, fastest = 0;
  for (const piece of kept().pieces) for (let i = 0; i < piece.bins; i += 1) if (piece.rows[i] > top && piece.start + i * piece.step > start) top = piece.rows[i];
  for (const [at, mg] of kept().movement) if (at > start && mg > fastest) fastest = mg;
  // Grows at once and shrinks late, so that the scale does not jump about.
  const wanted = Math.max(LEAST_UV, top * 1.15);
  if (wanted > scale.uv || wanted < scale.uv / 2.5) scale.uv = wanted;
  scale.mg = ROUND_MG.find((mg) => mg >= fastest) ?? ROUND_MG.at(-1);
  redraw(envelope, start, end, [0, scale.uv]);
  redraw(movement, start, end, [0, scale.mg]);
}

// ---------------------------------------------------------------- how things stand

function show() {
  const sensor = shown();
  page.shown = sensor?.name ?? null;
  if (!showStanding({ whose: oneOfSeveral })) return;
  byId("synthetic").hidden = !sensor?.synthetic;
  for (const fact of ["tonight", "monitored", "contact", "battery"]) setText(fact, sensor?.facts[fact] ?? "–");
  setText("newest", heardAgo(sensor));
  setText("site", sensor?.facts.site ? `· ${sensor.facts.site}` : "");
  for (const running of document.querySelectorAll(".length[data-since]")) running.textContent = goingOn(Number(running.dataset.since));
}

function hearStanding(said) {
  for (const { number, name } of said.sensors) {
    // Levels that came before the name of their sensor did.
    if (page.levels.has(number)) { page.levels.set(name, page.levels.get(number)); page.levels.delete(number); }
  }
  const notes = [...said.notes, ...(said.dropped ? [say("missed", { count: said.dropped })] : [])];
  byId("notes").hidden = !notes.length;
  setText("notes", notes.join(" "));
}

// ---------------------------------------------------------------- what was found

function hearEvent(row) {
  const known = page.events.get(row.id);
  if (known && known.revision >= row.revision) return;
  page.events.set(row.id, row);
  const newest = [...page.events.values()].sort((a, b) => b.start - a.start).slice(0, KEPT_EVENTS);
  page.events = new Map(newest.map((event) => [event.id, event]));
  showEvents();
}

function showEvents() {
  byId("events").replaceChildren(...[...page.events.values()].map(eventItem));
  byId("none").hidden = page.events.size > 0;
}

function eventItem(row) {
  const ended = row.phase === "ended";
  const length = element("span", ended ? row.length : goingOn(row.start), { class: "length", "data-since": ended ? null : row.start });
  const reason = row.doubt ? `${row.reason}; ${row.doubt}` : row.reason;
  return element("li", null, { "data-lane": row.lane, "data-alert": row.alert, "data-phase": row.phase },
    element("b", row.what, {}, element("small", row.sensor)), element("time", clock(row.start)), length, element("span", reason, { class: "why" }));
}

const isWatching = () => !isStale() && shown()?.light.shape !== "off";
// Nobody knows how long it goes on while nobody watches.
const goingOn = (start) => (isWatching() ? say("going_on", { length: duration(Math.max(0, now() - start)) }) : say("end_not_seen"));

// ---------------------------------------------------------------- the line to the base station

const HEARERS = {
  hello(said) { page.events.clear(); page.levels.clear(); said.events.forEach(hearEvent); showEvents(); },
  standing: hearStanding,
  event: (said) => hearEvent(said.event),
  levels: hearLevels,
};

const still = matchMedia("(prefers-reduced-motion: reduce)");
let drawn = 0;
function frame(at) {
  if (at - drawn >= 1000 / (still.matches ? CALM_FRAMES_S : MOST_FRAMES_S) - 4 && !isStale()) { drawn = at; draw(); }
  requestAnimationFrame(frame);
}

follow(show, HEARERS);
requestAnimationFrame(frame);
