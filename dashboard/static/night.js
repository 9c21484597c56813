// A night: what happened in lanes above the signals, all on one time axis, from the whole night to a single spike.
import { byId, clock, colour, element, onResize, plot } from "./shared.js";

const name = byId("date").dataset.night;
const SHORTEST_S = 0.05;
// A window is asked for with so much to either side, so that moving has something to show at once.
const MARGIN = 0.15;
const WAIT_MS = 90;
const KINDS = { raw: 0, minMax: 1, envelope: 2, movement: 3 };
const HEADER_BYTES = 32;
const MISSING = -32768;
const FOCUS_MARGIN = 0.6;

const gutter = () => parseFloat(getComputedStyle(byId("lanes")).getPropertyValue("--gutter")) * parseFloat(getComputedStyle(document.documentElement).fontSize);
const view = { start: 0, end: 1, night: null, events: [], selected: null, asked: 0 };

// ---------------------------------------------------------------- curves

const range = { envelope: [1, 100], emg: [-10, 10], movement: [0, 10] };

const curves = {
  envelope: plot(byId("envelope"), { series: [{ stroke: () => colour("trace"), width: 1, points: { show: false } }], height: 150, gutter: gutter(), yRange: () => range.envelope, timeAxis: false }),
  emg: plot(byId("emg"), {
    series: [{ stroke: () => colour("trace"), width: 1, points: { show: false } }, { stroke: () => colour("trace"), width: 1, points: { show: false } }],
    height: 170, gutter: gutter(), yRange: () => range.emg, timeAxis: false, hooks: { drawSeries: [fillBetween] },
  }),
  movement: plot(byId("movement"), { series: [{ stroke: () => colour("movement"), width: 1, points: { show: false } }], height: 90, gutter: gutter(), yRange: () => range.movement }),
};
const HEIGHTS = new Map([[curves.envelope, 150], [curves.emg, 170], [curves.movement, 90]]);
onResize(byId("view"), Object.values(curves), (made) => HEIGHTS.get(made));

function fillBetween(u, index) {
  // The band between minimum and maximum: a column for each bin.
  if (index !== 2 || !u.data[2].length) return;
  const [xs, low, high] = u.data;
  const { ctx } = u;
  ctx.save();
  ctx.fillStyle = colour("trace");
  const width = Math.max(1, xs.length > 1 ? u.valToPos(xs[1], "x", true) - u.valToPos(xs[0], "x", true) : 1);
  for (let i = 0; i < xs.length; i++) {
    if (low[i] === null || high[i] === null || high[i] === undefined) continue;
    const top = u.valToPos(high[i], "y", true), bottom = u.valToPos(low[i], "y", true);
    ctx.fillRect(u.valToPos(xs[i], "x", true), top, width, Math.max(1, bottom - top));
  }
  ctx.restore();
}

// ---------------------------------------------------------------- signals from the server

function decode(buffer) {
  const traces = [];
  const bytes = new DataView(buffer);
  for (let at = 0; at < buffer.byteLength;) {
    const kind = bytes.getUint32(at + 4, true), start = bytes.getFloat64(at + 8, true), step = bytes.getFloat64(at + 16, true);
    const bins = bytes.getUint32(at + 24, true), scale = bytes.getFloat32(at + 28, true);
    const columns = kind === KINDS.minMax ? 2 : 1;
    const values = new Int16Array(buffer.slice(at + HEADER_BYTES, at + HEADER_BYTES + bins * columns * 2));
    traces.push({ kind, start, step, bins, scale, values, columns });
    at += HEADER_BYTES + bins * columns * 2;
  }
  return traces;
}

const value = (trace, i) => (trace.values[i] === MISSING ? null : trace.values[i] * trace.scale);

function columnsOf(traces, columns) {
  const data = Array.from({ length: columns + 1 }, () => []);
  for (const trace of traces.sort((a, b) => a.start - b.start)) {
    if (data[0].length) { data[0].push(trace.start - 1e-6); for (let c = 1; c <= columns; c++) data[c].push(null); }
    for (let i = 0; i < trace.bins; i++) {
      data[0].push(trace.start + i * trace.step);
      for (let c = 0; c < columns; c++) data[c + 1].push(c < trace.columns ? value(trace, i * trace.columns + c) : null);
    }
  }
  return data;
}

let pending = null, timer = 0;
function refresh() {
  clearTimeout(timer);
  timer = setTimeout(fetchWindow, WAIT_MS);
}

async function fetchWindow() {
  pending?.abort();
  pending = new AbortController();
  const margin = (view.end - view.start) * MARGIN;
  const pixels = Math.round((byId("view").clientWidth - gutter()) * (1 + 2 * MARGIN));
  const query = new URLSearchParams({ ch: "envelope,emg,movement", t0: view.start - margin, t1: view.end + margin, px: pixels });
  try {
    const answer = await fetch(`/api/nights/${name}/wave?${query}`, { signal: pending.signal });
    if (!answer.ok) throw new Error(await answer.text());
    const traces = decode(await answer.arrayBuffer());
    const of = (kinds) => traces.filter((trace) => kinds.includes(trace.kind));
    show("envelope", columnsOf(of([KINDS.envelope]), 1), (top) => [0, Math.max(20, top * 1.1)]);
    show("emg", columnsOf(of([KINDS.raw, KINDS.minMax]), 2), (top) => [-Math.max(20, top * 1.1), Math.max(20, top * 1.1)]);
    show("movement", columnsOf(of([KINDS.movement]), 1), (top) => [0, Math.max(10, top * 1.1)]);
    document.body.dataset.painted = `${view.start}-${view.end}`;
  } catch (error) {
    if (error.name !== "AbortError") byId("headline").textContent = `The signals cannot be read: ${error.message}`;
  }
}

function show(which, data, limits) {
  let top = 0;
  for (let i = 0; i < data[0].length; i++) {
    if (data[0][i] < view.start || data[0][i] > view.end) continue;
    for (let c = 1; c < data.length; c++) if (data[c][i] !== null) top = Math.max(top, Math.abs(data[c][i]));
  }
  range[which] = limits(top);
  curves[which].setData(data, false);
  curves[which].setScale("x", { min: view.start, max: view.end });
}

// ---------------------------------------------------------------- the window

function moveTo(start, end, remember = true) {
  const { night } = view;
  const whole = Math.max(night.end - night.start, 1);
  const width = Math.min(Math.max(end - start, SHORTEST_S), whole);
  view.start = Math.min(Math.max(start, night.start), night.start + whole - width);
  view.end = view.start + width;
  byId("range").textContent = `${clock(view.start, width < 60)} – ${clock(view.end, width < 60)}`;
  for (const made of Object.values(curves)) made.setScale("x", { min: view.start, max: view.end });
  drawLanes();
  refresh();
  if (remember) history.replaceState(null, "", `#${view.start.toFixed(3)},${view.end.toFixed(3)}`);
}

const zoom = (factor, at = (view.start + view.end) / 2) => moveTo(at - (at - view.start) * factor, at + (view.end - at) * factor);
const pan = (share) => { const by = (view.end - view.start) * share; moveTo(view.start + by, view.end + by); };
const whole = () => moveTo(view.night.start, view.night.end);

// ---------------------------------------------------------------- lanes and list

function drawLanes() {
  const width = view.end - view.start;
  const place = (mark, start, end) => {
    mark.style.left = `${((start - view.start) / width) * 100}%`;
    mark.style.width = `${((end - start) / width) * 100}%`;
  };
  const rows = Object.entries(view.night.lanes).map(([key, title]) => {
    const row = element("div", null, { class: "lane", "data-lane": key });
    const track = element("div");
    for (const event of view.events) {
      if (event.lane !== key || event.end < view.start || event.start > view.end) continue;
      const mark = element("i", null, { title: `${clock(event.start)} ${event.what}, ${event.length}`, "data-id": event.id });
      place(mark, event.start, event.end);
      mark.onclick = () => select(event);
      track.append(mark);
    }
    if (key === "signal") {
      for (const part of view.night.parts) for (const [start, end] of part.gaps) {
        if (end < view.start || start > view.end) continue;
        const mark = element("i", null, { class: "gap", title: `${clock(start)} no signal` });
        place(mark, start, end);
        track.append(mark);
      }
    }
    const count = view.events.filter((event) => event.lane === key).length;
    row.append(element("span", title), track);
    row.setAttribute("role", "img");
    row.setAttribute("aria-label", `${title}: ${count}`);
    return row;
  });
  byId("lanes").replaceChildren(...rows);
}

const listed = () => view.events.filter((event) => byId("all").checked || !["leg_movement", "signal"].includes(event.lane));

function drawList() {
  const events = listed();
  byId("rows").replaceChildren(...events.map((event) => {
    const row = element("tr", null, { "data-id": event.id, "aria-selected": event.id === view.selected, tabindex: "0" });
    const what = element("td", event.what, { class: "what", "data-lane": event.lane });
    const peak = element("td", event.peak_uv === null ? "–" : `${Math.round(event.peak_uv)} µV`, { class: "number" });
    row.append(element("td", clock(event.start)), element("td", event.length), what, peak, element("td", event.reason, { class: "why" }));
    row.onclick = () => select(event);
    row.onkeydown = (key) => { if (key.key === "Enter" || key.key === " ") { key.preventDefault(); select(event); } };
    return row;
  }));
  byId("empty").hidden = events.length > 0;
}

function select(event) {
  view.selected = event.id;
  const around = Math.max((event.end - event.start) * FOCUS_MARGIN, 2);
  // Cut at the night's ends rather than moved, so that the event stays in the middle of the view.
  moveTo(Math.max(view.night.start, event.start - around), Math.min(view.night.end, event.end + around));
  for (const row of byId("rows").children) row.setAttribute("aria-selected", row.dataset.id === event.id);
}

function step(direction) {
  const events = listed();
  if (!events.length) return;
  const at = events.findIndex((event) => event.id === view.selected);
  const middle = (view.start + view.end) / 2;
  const near = direction > 0 ? events.findIndex((event) => event.start > middle) : events.findLastIndex((event) => event.end < middle);
  const next = at >= 0 ? at + direction : near;
  select(events[Math.min(Math.max(next, 0), events.length - 1)]);
}

// ---------------------------------------------------------------- hands

const KEYS = {
  ArrowLeft: () => pan(-0.25), ArrowRight: () => pan(0.25), "+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2),
  0: whole, n: () => step(1), p: () => step(-1),
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, .scroll")) return;
  const act = KEYS[event.key];
  if (act && view.night) { event.preventDefault(); act(); }
});
byId("previous").onclick = () => step(-1);
byId("next").onclick = () => step(1);
byId("in").onclick = () => zoom(0.5);
byId("out").onclick = () => zoom(2);
byId("whole").onclick = whole;
byId("all").onchange = drawList;

const timeAt = (x) => {
  const box = byId("view").getBoundingClientRect();
  return view.start + ((x - box.left - gutter()) / (box.width - gutter())) * (view.end - view.start);
};
byId("view").addEventListener("wheel", (event) => {
  event.preventDefault();
  if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) pan((event.deltaX || event.deltaY) / 1000);
  else zoom(Math.exp(event.deltaY / 400), timeAt(event.clientX));
}, { passive: false });

// One pointer moves, two pinch.
const fingers = new Map();
byId("view").addEventListener("pointerdown", (event) => { if (!event.target.closest("i")) { fingers.set(event.pointerId, event.clientX); } });
byId("view").addEventListener("pointermove", (event) => {
  const before = fingers.get(event.pointerId);
  if (before === undefined) return;
  const box = byId("view").clientWidth - gutter();
  if (fingers.size === 1) pan((before - event.clientX) / box);
  else {
    const other = [...fingers].find(([id]) => id !== event.pointerId)[1];
    const factor = Math.abs(before - other) / Math.max(8, Math.abs(event.clientX - other));
    zoom(Math.min(2, Math.max(0.5, factor)), timeAt(other));
  }
  fingers.set(event.pointerId, event.clientX);
});
for (const end of ["pointerup", "pointercancel", "pointerleave"]) byId("view").addEventListener(end, (event) => fingers.delete(event.pointerId));

// ---------------------------------------------------------------- the night itself

async function load(first) {
  const answer = await fetch(`/api/nights/${name}`);
  if (!answer.ok) { byId("headline").textContent = await answer.text(); return; }
  const night = await answer.json();
  const atEnd = view.night && view.end >= view.night.end - 1;
  view.night = night;
  // What has not ended goes on to where the night has come.
  view.events = night.events.map((event) => (event.phase === "ended" ? event : { ...event, end: Math.max(event.end, night.end), length: `${event.length} and on` }));
  byId("headline").textContent = night.headline;
  byId("date").textContent = `${new Date(`${night.date}T12:00`).toLocaleDateString([], { weekday: "short", day: "numeric", month: "long", year: "numeric" })} · ${night.sensor}`;
  if (!night.parts.length) { byId("headline").textContent = "Nothing of this night can be read."; return; }
  const wanted = location.hash.slice(1).split(",").map(Number);
  if (first && wanted.length === 2 && wanted.every(Number.isFinite)) moveTo(...wanted);
  else if (first) moveTo(night.start, night.end, false);
  else if (atEnd) moveTo(view.start, night.end, false);
  else drawLanes();
  drawList();
}

await load(true);
// A night under way grows; a quiet look twice a minute keeps the page true.
setInterval(() => { if (view.night && Date.now() / 1000 - view.night.end < 120) load(false); }, 30000);
