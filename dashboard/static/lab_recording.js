// A recording with what the detector saw under its signals, from the whole of it to a single spike.
import { chart, drawExtremes, drawLine, projection, show } from "./chart.js";
import { hands, keys } from "./night/gestures.js";
import { Lanes } from "./night/lanes.js";
import { limits, Windows } from "./night/wave.js";
import { byId, clock, colour, element, gutter, say, setText, width } from "./shared.js";

const { id } = document.querySelector(".looked").dataset;
const ADDRESS = `/api/lab/recordings/${id}`;
const SHORTEST_S = 0.05, AGAIN_MS = 500, LEAST_UV = 10, LEAST_DECADES = 2, HEADROOM = 1.1;
const SIGNALS = ["rms", "emg"], CLASSES = ["tonic", "clonic", "other", "artefact"], PAINTS = ["cramp", "rhythmic", "movement", "signal"];
const log = (value) => Math.log10(Math.max(value, 1));
const view = { start: 0, end: 1, facts: null, truth: [], curves: {} };
const range = { envelope: [0, LEAST_DECADES], emg: [-LEAST_UV, LEAST_UV], probabilities: [0, 1.05], feature: [0, 1] };
const of = (name) => view.curves[name] ?? [];
const draw = (u, curves, paint, bend) => { for (const one of curves) (one.isExtremes ? drawExtremes : drawLine)(u, one, colour(paint), bend); };
const decades = (low, high) => Array.from({ length: Math.floor(high) - Math.ceil(low) + 1 }, (_, i) => Math.ceil(low) + i);
const charts = {
  envelope: chart(byId("envelope"), {
    height: 130, under: shade, timeAxis: false, draw: (u) => draw(u, of("rms"), "trace", log),
    yTicks: { splits: (u, axis, low, high) => decades(low, high), values: (u, at) => at.map((value) => String(Math.round(10 ** value))) },
  }),
  emg: chart(byId("emg"), { height: 150, under: shade, draw: (u) => draw(u, of("emg"), "emg") }),
  probabilities: chart(byId("probabilities"), { height: 120, under: shade, timeAxis: false, draw: (u) => CLASSES.forEach((name, place) => draw(u, of(name), PAINTS[place])) }),
  feature: chart(byId("feature-plot"), { height: 120, under: shade, draw: (u) => draw(u, of(byId("feature").value), "trace") }),
};

function shade(u) {
  const { ctx, bbox } = u, { xOf } = projection(u);
  for (const event of view.facts?.events ?? []) {
    if (event.alert === "none" || event.end < view.start || event.start > view.end) continue;
    ctx.globalAlpha = 0.14;
    ctx.fillStyle = colour(event.lane);
    ctx.fillRect(xOf(event.start), bbox.top, Math.max(devicePixelRatio, xOf(event.end) - xOf(event.start)), bbox.height);
    ctx.globalAlpha = 1;
  }
}

const windows = new Windows(ADDRESS, SIGNALS, {
  onCurves(curves) {
    view.curves = curves;
    const within = (name) => limits(of(name), view.start, view.end);
    const strength = within("rms"), emg = within("emg"), feature = within(byId("feature").value);
    range.envelope = [0, Math.max(LEAST_DECADES, strength ? Math.ceil(log(strength[1] * HEADROOM) * 4) / 4 : 0)];
    const most = emg ? Math.max(LEAST_UV, -emg[0], emg[1]) * HEADROOM : LEAST_UV;
    range.emg = [-most, most];
    range.feature = feature ? [Math.min(0, feature[0]), feature[1] * HEADROOM || 1] : [0, 1];
    redraw();
    document.body.dataset.painted = `${view.start.toFixed(3)},${view.end.toFixed(3)}`;
  },
  onBusy: (busy) => byId("range").toggleAttribute("data-busy", busy),
  onError: (error) => setText("job-said", error.message),
});
const lanes = new Lanes((event) => moveTo(event.start - 2, event.end + 2));

function redraw() { for (const [name, u] of Object.entries(charts)) show(u, view.start, view.end, range[name]); }

function moveTo(start, end) {
  const { facts } = view, whole = Math.max(facts.end - facts.start, SHORTEST_S);
  const wide = Math.min(Math.max(end - start, SHORTEST_S), whole), middle = (start + end) / 2;
  view.start = Math.min(Math.max(middle - wide / 2, facts.start), facts.start + whole - wide);
  view.end = view.start + wide;
  setText("range", `${clock(view.start, wide < 2 ? 3 : 0)} – ${clock(view.end, wide < 2 ? 3 : 0)} · ${width(wide)}`);
  redraw();
  lanes.place(view.start, view.end);
  windows.want(view.start, view.end, byId("view").clientWidth - gutter());
  history.replaceState(null, "", `#${view.start.toFixed(3)},${view.end.toFixed(3)}`);
}

const zoom = (factor, share = 0.5) => { const wide = view.end - view.start, at = view.start + share * wide, wanted = Math.max(SHORTEST_S, wide * factor); moveTo(at - share * wanted, at + (1 - share) * wanted); };
const pan = (share) => { const by = (view.end - view.start) * share; moveTo(view.start + by, view.end + by); };
const whole = () => moveTo(view.facts.start, view.facts.end);

function drawLanes() {
  const told = (event) => ({ ...event, label: null });
  const side = (name, events) => ({ name, spans: events.filter((event) => event.alert !== "none").map(told) });
  lanes.set({ lanes: {}, events: [], opinions: [side(say("lab_found"), view.facts.events), ...(view.truth.length ? [side(say("lab_truth"), view.truth)] : [])] });
  lanes.place(view.start, view.end);
}

/** How things stand; asked again while the detector works. */
async function load() {
  const answer = await fetch(ADDRESS);
  if (!answer.ok) { setText("job-said", await answer.text()); return; }
  const facts = await answer.json(), isFirst = !view.facts;
  view.facts = facts;
  const isDone = facts.state === "done", isRunning = facts.state === "running";
  byId("bar").hidden = !isRunning;
  byId("bar").value = facts.share;
  byId("run").hidden = isRunning;
  byId("stop").hidden = !isRunning;
  byId("events").hidden = byId("seen").hidden = byId("compare-part").hidden = !isDone;
  setText("run", say(isDone ? "run_again" : "run"));
  const said = { running: say("run_going", { share: Math.floor(100 * facts.share) }), failed: say("run_failed", { why: facts.why }), done: say("run_done", { count: facts.events.length }) };
  setText("job-said", said[facts.state] ?? "");
  byId("warnings").replaceChildren(...facts.warnings.map((text) => element("li", text)));
  windows.names = isDone ? [...SIGNALS, ...CLASSES, byId("feature").value] : SIGNALS;
  drawLanes();
  const wanted = location.hash.slice(1).split(",").map(Number);
  if (isFirst && wanted.length === 2 && wanted.every(Number.isFinite)) moveTo(...wanted);
  else if (isFirst) whole();
  else moveTo(view.start, view.end);
  if (isRunning) setTimeout(load, AGAIN_MS);
}

async function ask(what) {
  const answer = await fetch(`${ADDRESS}/${what}`, { method: "POST" });
  if (!answer.ok) { setText("job-said", (await answer.json()).why); return false; }
  return true;
}

byId("run").onclick = async () => { if (await ask("run")) await load(); };
byId("stop").onclick = async () => { if (await ask("stop")) { await load(); setText("job-said", say("run_stopped")); } };
byId("remove").onclick = async () => { if (await ask("remove")) location.href = "/lab/recordings"; };
byId("feature").onchange = () => load();
byId("in").onclick = () => zoom(0.5);
byId("out").onclick = () => zoom(2);
byId("whole").onclick = whole;
keys({ ArrowLeft: () => pan(-0.25), ArrowRight: () => pan(0.25), "+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2), 0: whole });
const plot = () => { const box = byId("view").getBoundingClientRect(); return { left: box.left + gutter(), width: box.width - gutter() }; };
hands(byId("view"), plot, { pan, zoom, hover: () => {} });

byId("truth").onsubmit = async (event) => {
  event.preventDefault();
  const [file] = byId("truth-file").files;
  const answer = await fetch(`${ADDRESS}/truth`, { method: "POST", body: await file.text() });
  const told = await answer.json();
  setText("truth-said", answer.ok ? "" : told.why);
  view.truth = told.events ?? [];
  byId("scores").replaceChildren(...(told.scores ?? []).map(({ target, figures }) => element("section", null, {}, element("h3", target),
    element("dl", null, { class: "figures" }, ...figures.map(({ name, value }) => element("div", null, {}, element("dt", name), element("dd", value)))))));
  drawLanes();
};

await load();
