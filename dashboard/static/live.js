// The page of now: one light with a word and a reason, the last minute, and what was found.
import { byId, clock, colour, element, onResize, plot } from "./shared.js";

const WINDOW_S = 60;
const KEPT_EVENTS = 50;
// The base station speaks every second; after this much silence the page says that it is alone.
const STALE_MS = 5000;
const SHAPES = {
  calm: "M4 32 H60",
  tight: "M4 32 H18 L23 24 L28 40 L33 24 L38 40 L43 32 H60",
  cramp: "M4 32 H12 L18 10 L24 54 L30 10 L36 54 L42 10 L48 54 L52 32 H60",
  rhythmic: "M4 40 H10 V18 H18 V40 H26 V18 H34 V40 H42 V18 H50 V40 H60",
  off: "M4 32 H22 M42 32 H60 M26 24 L38 40 M38 24 L26 40",
};
const COVERS_UP_TO = { calm: 1, tight: 2, rhythmic: 3, cramp: 4, off: 5 };

const state = { sensors: {}, levels: {}, events: new Map(), heard: 0, shown: null };
const y = { top: 20 };

const chart = plot(byId("envelope"), {
  series: [
    { stroke: () => colour("trace"), width: 1.5, fill: () => `${colour("trace")}22`, spanGaps: false },
    { stroke: () => colour("quiet"), width: 1, dash: [4, 4] },
  ],
  height: 200, gutter: 52, yRange: () => [0, y.top],
});
onResize(byId("envelope"), [chart], () => 200);

function choose() {
  // The sensor that has most to say is shown: a contraction before calm.
  const names = Object.keys(state.sensors);
  names.sort((a, b) => COVERS_UP_TO[state.sensors[b].light.shape] - COVERS_UP_TO[state.sensors[a].light.shape]);
  return names[0] ?? null;
}

function showState(never) {
  const name = choose();
  state.shown = name;
  const sensor = name ? state.sensors[name] : { light: { shape: "off", word: "Not watching", reason: never }, state: null };
  setText("word", sensor.light.word);
  setText("reason", sensor.light.reason);
  document.querySelector(".state").dataset.shape = sensor.light.shape;
  byId("light").firstElementChild.setAttribute("d", SHAPES[sensor.light.shape]);
  document.title = `${sensor.light.word} · crampwatch`;
  const told = sensor.state;
  byId("synthetic").hidden = !(told && told.synthetic);
  setText("cramps", told ? `${told.cramps_tonight} cramp${told.cramps_tonight === 1 ? "" : "s"}` : "–");
  setText("coverage", told ? `${span(told.usable_s)} of ${span(told.monitored_s)}` : "–");
  setText("contact", told && watching() ? told.contact : "not known");
  setText("battery", told && told.battery !== null ? `${told.battery} %` : "not measured");
  setText("site", told && told.sites.length ? `· ${told.sites[0]}` : "");
}

function setText(id, text) {
  // Only on change: a screen reader speaks what is set, changed or not.
  const target = byId(id);
  if (target.textContent !== text) target.textContent = text;
}

function span(seconds) {
  const minutes = Math.floor(Math.round(seconds) / 60);
  if (minutes && minutes < 60) return `${minutes} min ${String(Math.round(seconds) % 60).padStart(2, "0")} s`;
  return minutes >= 60 ? `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")}` : `${Math.round(seconds)} s`;
}

function addLevels(message) {
  const kept = (state.levels[message.sensor] ??= []);
  const start = Date.parse(message.at) / 1000;
  const step = 1 / message.rate_hz;
  message.envelope_uv.forEach((row, i) => kept.push([start + i * step, row[0], message.baseline_uv[0]]));
  const oldest = start - WINDOW_S - 2;
  while (kept.length && (kept[0][0] < oldest || kept[0][0] > start + 1)) kept.shift();
}

function draw() {
  const kept = state.levels[state.shown] ?? [];
  const end = kept.length ? Math.max(kept.at(-1)[0], Date.now() / 1000 - 1.5) : Date.now() / 1000;
  const xs = [], envelope = [], resting = [];
  let before = null, top = 20;
  for (const [at, uv, base] of kept) {
    if (before !== null && at - before > 0.6) { xs.push(before + 0.1); envelope.push(null); resting.push(null); }
    xs.push(at); envelope.push(uv); resting.push(base);
    if (uv > top) top = uv;
    before = at;
  }
  // Grows at once and shrinks late, so that the scale does not jump about.
  const wanted = top * 1.15;
  if (wanted > y.top || wanted < y.top / 3) y.top = wanted;
  chart.setData([xs, envelope, resting], false);
  chart.setScale("x", { min: end - WINDOW_S, max: end });
}

function addEvent(row) {
  const known = state.events.get(row.id);
  if (known && known.revision >= row.revision) return;
  state.events.set(row.id, row);
  const newest = [...state.events.values()].sort((a, b) => b.start - a.start).slice(0, KEPT_EVENTS);
  state.events = new Map(newest.map((event) => [event.id, event]));
  byId("events").replaceChildren(...newest.map(eventItem));
  byId("none").hidden = newest.length > 0;
}

function eventItem(row) {
  const item = element("li", null, { "data-lane": row.lane, "data-alert": row.alert, "data-phase": row.phase });
  const more = row.phase === "ended" ? row.length : elapsed(row);
  item.append(element("time", clock(row.start)), element("b", row.what), element("span", more, { class: "length", "data-since": row.phase === "ended" ? "" : row.start }), element("span", row.reason, { class: "why" }));
  return item;
}

const watching = () => state.sensors[state.shown] && state.sensors[state.shown].light.shape !== "off";
// Nobody knows how long it goes on while nobody watches.
const elapsed = (row) => !watching() ? "end not seen" : `${span(Math.max(0, Date.now() / 1000 - row.start))}, going on`;

function tick() {
  for (const running of document.querySelectorAll(".length:not([data-since=''])")) running.textContent = elapsed({ start: Number(running.dataset.since) });
}

const HEARERS = {
  hello(said) {
    for (const list of Object.values(said.levels)) list.forEach(addLevels);
    said.events.forEach(addEvent);
    HEARERS.standing(said);
  },
  standing(said) { state.sensors = said.sensors; showState(said.never); },
  levels(said) { addLevels(said.message); },
  event(said) { addEvent(said.message); },
  state() {}, availability() {},
};

function connect() {
  const socket = new WebSocket(`ws://${location.host}/ws/live`);
  socket.onmessage = (event) => {
    state.heard = performance.now();
    const said = JSON.parse(event.data);
    HEARERS[said.type]?.(said);
  };
  socket.onclose = () => setTimeout(connect, 1000);
}

const still = matchMedia("(prefers-reduced-motion: reduce)");
let drawn = 0;
function frame(now) {
  if (now - drawn > (still.matches ? 1000 : 100)) { drawn = now; draw(); }
  requestAnimationFrame(frame);
}

setInterval(() => { byId("stale").hidden = performance.now() - state.heard < STALE_MS; tick(); }, 500);
state.heard = performance.now();
connect();
requestAnimationFrame(frame);
