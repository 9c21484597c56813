// A night: what happened in lanes above the signals, all on one time axis, from the whole night to a single spike.
import { chart, drawExtremes, drawLine, projection, show } from "./chart.js";
import { Detail } from "./night/detail.js";
import { hands, keys } from "./night/gestures.js";
import { Labels } from "./night/labels.js";
import { Lanes } from "./night/lanes.js";
import { List } from "./night/list.js";
import { Opinions } from "./night/opinions.js";
import { Overview } from "./night/overview.js";
import { offer, picture } from "./night/taking.js";
import { decode, limits, Windows } from "./night/wave.js";
import { byId, clock, colour, element, gutter, say, setText, width } from "./shared.js";

const name = byId("date").dataset.night;
const SHORTEST_S = 0.05;
// An event is shown with this part of its length to either side, and never closer than that.
const AROUND = 0.6, LEAST_AROUND_S = 2;
const GROWING_MS = 10000;
// A span that a person marks is looked at, not a whole night.
const LONGEST_DRAWN_S = 1800;
const AXES = [["ax", "acc-x"], ["ay", "acc-y"], ["az", "acc-z"]];
const LEAST_EMG_UV = 10, PADDING = 1.08;
// The logarithmic axis begins at 1 µV, under which nothing but noise is.
const LEAST_DECADES = 2;

const view = { start: 0, end: 1, night: null, events: [], curves: { rms: [], emg: [], ax: [], ay: [], az: [] }, selected: null };
const range = { envelope: [0, LEAST_DECADES], emg: [-LEAST_EMG_UV, LEAST_EMG_UV], posture: [-1.25, 1.25] };
const log = (value) => Math.log10(Math.max(value, 1));

// ---------------------------------------------------------------- curves

const draw = (u, curves, paint, bend) => { for (const curve of curves) (curve.isExtremes ? drawExtremes : drawLine)(u, curve, paint, bend); };
const decades = (low, high) => Array.from({ length: Math.floor(high) - Math.ceil(low) + 1 }, (_, i) => Math.ceil(low) + i);
const still = matchMedia("(prefers-reduced-motion: reduce)");
const isPhone = matchMedia("(max-width: 700px)").matches;
const charts = {
  envelope: chart(byId("envelope"), {
    height: 168, under: shadeEvents,
    yTicks: { splits: (u, axis, low, high) => decades(low, high), values: (u, at) => at.map((value) => String(Math.round(10 ** value))) },
    draw(u) { draw(u, view.curves.rms, colour("trace"), log); hatchMissing(u); },
  }),
  emg: chart(byId("emg"), {
    height: isPhone ? 130 : 160, under: shadeEvents, timeAxis: false,
    draw(u) { draw(u, view.curves.emg, colour("emg")); hatchMissing(u); },
  }),
  posture: chart(byId("posture"), {
    height: isPhone ? 110 : 124, under: shadeEvents,
    yTicks: { space: 24 },
    draw(u) { for (const [axis, paint] of AXES) draw(u, view.curves[axis], colour(paint)); hatchMissing(u); },
  }),
};

function shadeEvents(u) {
  if (!view.night) return;
  const { ctx, bbox } = u, { xOf } = projection(u);
  for (const event of view.events) {
    // A hundred twitches would only make the curves grey; their lane shows them.
    const isQuiet = event.lane === "signal" || (event.lane === "leg_movement" && event.id !== view.selected);
    if (event.end < view.start || event.start > view.end || isQuiet) continue;
    const left = Math.max(bbox.left, xOf(event.start)), right = Math.min(bbox.left + bbox.width, xOf(event.end));
    ctx.globalAlpha = event.id === view.selected ? 0.22 : 0.14;
    ctx.fillStyle = colour(event.lane);
    ctx.fillRect(left, bbox.top, Math.max(devicePixelRatio, right - left), bbox.height);
    ctx.globalAlpha = 1;
  }
}

/** What was not recorded, or of no use, is covered, so that its edges cannot be taken for muscle. */
function hatchMissing(u) {
  const { ctx, bbox } = u, { xOf } = projection(u), step = 7 * devicePixelRatio;
  for (const [start, end] of spoilt()) {
    if (end < view.start || start > view.end) continue;
    const left = Math.max(bbox.left, xOf(start)), right = Math.min(bbox.left + bbox.width, xOf(end));
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, bbox.top, right - left, bbox.height);
    ctx.clip();
    ctx.fillStyle = colour("ground");
    ctx.fillRect(left, bbox.top, right - left, bbox.height);
    ctx.strokeStyle = colour("missing");
    ctx.lineWidth = devicePixelRatio;
    ctx.beginPath();
    for (let x = left - bbox.height - ((left - bbox.height) % step); x < right; x += step) { ctx.moveTo(x, bbox.top + bbox.height); ctx.lineTo(x + bbox.height, bbox.top); }
    ctx.stroke();
    ctx.restore();
  }
}

function spoilt() {
  if (!view.night) return [];
  const useless = view.night.events.filter((event) => event.lane === "signal").map((event) => [event.start, event.end]);
  return [...useless, ...view.night.pauses, ...view.night.parts.flatMap((part) => part.gaps)];
}

function rescale() {
  const useless = spoilt();
  const isSpoilt = (at) => useless.some(([start, end]) => at >= start && at <= end);
  const own = (curves) => limits(curves, view.start, view.end, isSpoilt);
  const strength = own(view.curves.rms);
  range.envelope = [0, Math.max(LEAST_DECADES, strength ? Math.ceil(log(strength[1] * 1.15) * 4) / 4 : 0)];
  range.emg = around(own(view.curves.emg));
  const tilt = own(AXES.flatMap(([axis]) => view.curves[axis]));
  if (tilt) { const most = Math.max(1.25, PADDING * Math.abs(tilt[0]), PADDING * tilt[1]); range.posture = [-most, most]; }
}

/** Symmetric about 0 where the signal is, or else just what it fills. */
function around(found) {
  if (!found) return [-LEAST_EMG_UV, LEAST_EMG_UV];
  const [low, high] = found, most = Math.max(LEAST_EMG_UV, -low, high) * PADDING;
  if (low <= 0 && high >= 0) return [-most, most];
  const half = Math.max(LEAST_EMG_UV, ((high - low) / 2) * PADDING), middle = (low + high) / 2;
  return [middle - half, middle + half];
}

// ---------------------------------------------------------------- the window

const windows = new Windows(`/api/nights/${name}`, ["rms", "emg", "ax", "ay", "az"], {
  onCurves(curves) {
    view.curves = curves;
    rescale();
    redraw();
    document.body.dataset.painted = `${view.start.toFixed(3)},${view.end.toFixed(3)}`;
  },
  onBusy: (busy) => byId("range").toggleAttribute("data-busy", busy),
  onError: (error) => trouble(say("unreadable", { reason: error.message })),
});

function redraw() { for (const [key, u] of Object.entries(charts)) show(u, view.start, view.end, range[key]); }

function trouble(text) {
  byId("troubles").hidden = !text;
  setText("troubles", text);
}

function moveTo(start, end, remember = true) {
  const { night } = view;
  if (!night) return;
  const whole = Math.max(night.end - night.start, 1);
  const wide = Math.min(Math.max(end - start, SHORTEST_S), whole);
  // A window that was held at its narrowest stays where it was wanted.
  const middle = (start + end) / 2;
  view.start = Math.min(Math.max(middle - wide / 2, night.start), night.start + whole - wide);
  view.end = view.start + wide;
  const digits = wide < 2 ? 3 : wide < 60 ? 1 : 0;
  setText("range", `${clock(view.start, digits)} – ${clock(view.end, digits)} · ${width(wide)}`);
  redraw();
  lanes.place(view.start, view.end);
  overview.place(view.start, view.end);
  windows.want(view.start, view.end, byId("view").clientWidth - gutter());
  offer(name, view.start, view.end);
  if (remember) history.replaceState(null, "", `#${view.start.toFixed(3)},${view.end.toFixed(3)}`);
}

const zoom = (factor, share = 0.5) => {
  const wide = view.end - view.start, at = view.start + share * wide;
  const wanted = Math.min(Math.max(SHORTEST_S, wide * factor), view.night.end - view.night.start);
  moveTo(at - share * wanted, at + (1 - share) * wanted);
};
const pan = (share) => { const by = (view.end - view.start) * share; moveTo(view.start + by, view.end + by); };
const whole = () => { choose(null); moveTo(view.night.start, view.night.end); };

// ---------------------------------------------------------------- events

const lanes = new Lanes(select);
const labels = new Labels(name, merge);
const detail = new Detail(name, labels);
const list = new List(select, labels);
const opinions = new Opinions(name, (row) => lookAt(row), () => merge());
const overview = new Overview((start, end) => moveTo(start, end));

/** What the detector found, and what people marked themselves. */
function merge() {
  if (!view.night) return;
  view.events = [...view.night.events, ...labels.drawn()].sort((one, other) => one.start - other.start);
  lanes.set({ ...view.night, events: view.events, opinions: opinions.lanes });
  lanes.place(view.start, view.end);
  list.set(view.events);
  // A span that was just marked is chosen under the name that it has got.
  const marked = view.draft && view.events.find((event) => event.label && event.start === view.draft.start && event.end === view.draft.end);
  if (marked) { view.draft = null; choose(marked.id); } else choose(view.selected);
  redraw();
}

function choose(id) {
  view.selected = id;
  list.choose(id);
  lanes.choose(id);
  if (view.draft?.id !== id) view.draft = null;
  detail.show(view.draft ?? view.events.find((event) => event.id === id) ?? null);
}

/** What nobody found: the window that is shown, to be named. */
function drawSpan() {
  if (view.end - view.start > LONGEST_DRAWN_S) { trouble(say("too_wide")); return; }
  trouble("");
  const [start, end] = [view.start, view.end].map((at) => Math.round(at * 1000) / 1000);
  view.draft = { id: "draft", isDrawn: true, lane: "tight", what: say("drawn_new"), start, end, reason: "", doubt: "" };
  choose("draft");
}

function select(event) {
  choose(event.id);
  lookAt(event);
}

function lookAt(event) {
  const margin = Math.max((event.end - event.start) * AROUND, LEAST_AROUND_S);
  // Cut at the night's edges, not moved away from them: what was picked stays in the middle.
  moveTo(Math.max(view.night.start, event.start - margin), Math.min(view.night.end, event.end + margin));
  // On a phone the list lies below; what was asked for is brought into sight.
  if (byId("view").getBoundingClientRect().bottom < 0) byId("view").parentElement.scrollIntoView({ behavior: still.matches ? "auto" : "smooth" });
}

function step(direction) {
  const events = list.listed;
  if (!events.length) return;
  const at = events.findIndex((event) => event.id === view.selected);
  const middle = (view.start + view.end) / 2;
  const near = direction > 0 ? events.findIndex((event) => event.start > middle) : events.findLastIndex((event) => event.end < middle);
  const isWhole = view.end - view.start >= view.night.end - view.night.start - 1e-6;
  const next = at >= 0 ? at + direction : isWhole ? (direction > 0 ? 0 : events.length - 1) : near;
  select(events[Math.min(Math.max(next, 0), events.length - 1)]);
}

// ---------------------------------------------------------------- hands

keys({
  ArrowLeft: () => pan(-0.25), ArrowRight: () => pan(0.25), "+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2),
  0: whole, n: () => step(1), p: () => step(-1), u: () => detail.undo(), d: () => opinions.next(), Escape: () => choose(null),
  ...Object.fromEntries(["cramp", "spasm", "movement", "nothing", "unknown"].map((verdict, place) => [place + 1, () => detail.judge(verdict)])),
});
byId("fold").setAttribute("aria-expanded", String(!isPhone));
byId("fold").onclick = () => byId("fold").setAttribute("aria-expanded", String(byId("fold").getAttribute("aria-expanded") !== "true"));
byId("detail-close").onclick = () => { choose(null); byId("view").focus(); };
byId("draw").onclick = drawSpan;
byId("export-png").onclick = () => picture(`${byId("date").textContent} · ${view.night.sensor} · ${clock(view.start)} – ${clock(view.end)}`, `${name}_${clock(view.start).replaceAll(":", "")}.png`);
byId("channel").onchange = () => { windows.channel = Number(byId("channel").value); moveTo(view.start, view.end); };
byId("previous").onclick = () => step(-1);
byId("next").onclick = () => step(1);
byId("in").onclick = () => zoom(0.5);
byId("out").onclick = () => zoom(2);
byId("whole").onclick = whole;

for (const block of document.querySelectorAll(".zoomable")) {
  const plot = () => { const box = block.getBoundingClientRect(); return { left: box.left + gutter(), width: box.width - gutter() }; };
  hands(block, plot, { pan, zoom, hover });
}

function hover(share) {
  const isInside = share !== null && share >= 0 && share <= 1;
  for (const cross of document.querySelectorAll(".cross")) {
    cross.hidden = !isInside;
    if (isInside) cross.style.left = `${gutter() + share * (byId("view").clientWidth - gutter())}px`;
  }
  setText("readout", isInside ? readout(view.start + share * (view.end - view.start)) : "");
}

function readout(at) {
  const wide = view.end - view.start;
  const curve = view.curves.rms.find((own) => at >= own.start && at < own.start + own.bins * own.step);
  const strength = curve ? curve.at(Math.floor((at - curve.start) / curve.step)) : NaN;
  return clock(at, wide < 2 ? 3 : wide < 60 ? 1 : 0) + (Number.isNaN(strength) ? "" : ` · ${strength < 10 ? strength.toFixed(1) : Math.round(strength)} µV`);
}

// ---------------------------------------------------------------- the night itself

async function load() {
  const answer = await fetch(`/api/nights/${name}`);
  if (!answer.ok) { setText("headline", await answer.text()); return; }
  const night = await answer.json();
  const isFirst = !view.night, followed = view.night && view.end >= view.night.end - 1, wasWhole = followed && view.start <= view.night.start;
  if (!night.parts.length) { setText("headline", say("nothing_readable")); trouble(night.troubles.join("; ")); return; }
  view.night = night;
  setText("headline", night.headline);
  trouble(night.troubles.join("; "));
  offerChannels(night.parts[0].sites);
  byId("posture-part").hidden = !night.parts.some((part) => part.has_acc);
  await Promise.all([labels.load(), opinions.load()]);
  merge();
  overview.set(night, await wholeEnvelope(night));
  const wanted = location.hash.slice(1).split(",").map(Number);
  if (isFirst && wanted.length === 2 && wanted.every((at) => Number.isFinite(at) && at > 0)) moveTo(...wanted);
  else if (isFirst || wasWhole) moveTo(night.start, night.end, false);
  else if (followed) moveTo(view.start + night.end - view.end, night.end, false);
  else moveTo(view.start, view.end, false);
  choose(view.selected);
  if (night.is_growing) setTimeout(load, GROWING_MS);
}

/** Which channel is drawn, where a sensor has several. */
function offerChannels(sites) {
  const names = sites.map((site) => site.replaceAll("-", " "));
  setText("site", names.length === 1 && names[0] ? `· ${names[0]}` : "");
  byId("choose").hidden = names.length < 2;
  if (byId("channel").options.length !== names.length) byId("channel").replaceChildren(...names.map((site, place) => element("option", `${place + 1} ${site}`, { value: place })));
}

async function wholeEnvelope(night) {
  const query = new URLSearchParams({ ch: "rms", t0: night.start, t1: Math.max(night.end, night.start + 1), px: Math.round(byId("overview").clientWidth * devicePixelRatio) });
  const answer = await fetch(`/api/nights/${name}/wave?${query}`);
  return answer.ok ? decode(await answer.arrayBuffer(), ["rms"]).rms : [];
}

await load();
