// The lab: a scope. Samples flow in twenty-five times a second; what they tell of the electrodes stands beside them.
import { chart, drawExtremes, drawLine, show } from "./chart.js";
import { curve, highPassed, mains, rms } from "./lab/measures.js";
import { read, Samples } from "./lab/samples.js";
import { Squeeze } from "./lab/squeeze.js";
import { byId, colour, element, gutter, say, setText } from "./shared.js";

const AXES = ["acc-x", "acc-y", "acc-z"];
const LEAST_UV = 20, LEAST_G = 1.25, HEADROOM = 1.15;
// A scale grows at once and shrinks late: what jumps cannot be read.
const SHRINK_BELOW = 0.4, SHRINK_AFTER_MS = 4000;
const MEASURE_MS = 500, AGAIN_MS = 2000, CALM_MS = 1000;
const still = matchMedia("(prefers-reduced-motion: reduce)");

const samples = new Samples();
const page = { socket: null, sensor: null, said: null, saidAt: 0, frozen: null, drawn: 0, frames: 0, measured: 0, dropped: 0 };
const scale = { emg: { most: LEAST_UV, since: 0 }, acc: { most: LEAST_G, since: 0 } };
const curves = { emg: [], acc: [] };

const paint = (u, list, colours) => list.forEach((one, place) => (one.isExtremes ? drawExtremes : drawLine)(u, one, colour(colours[place])));
const charts = {
  emg: chart(byId("emg"), { height: innerWidth < 700 ? 220 : 320, draw: (u) => paint(u, curves.emg, ["emg"]) }),
  acc: chart(byId("acc"), { height: innerWidth < 700 ? 110 : 150, timeAxis: false, draw: (u) => paint(u, curves.acc, AXES) }),
};

// ---------------------------------------------------------------- drawing

const wanted = () => Number(byId("window").value);
const channel = () => samples.emg[Math.min(Number(byId("channel").value || 0), samples.emg.length - 1)];
const shown = (ring, seconds) => { const values = samples.last(ring, seconds); return byId("filter").checked ? highPassed(values, ring.rate) : values; };

function frame(at) {
  requestAnimationFrame(frame);
  if (!samples.emg.length || page.frozen !== null || samples.endS === page.drawn) return;
  if (still.matches && at - page.frameAt < CALM_MS) return;
  page.frameAt = at;
  page.drawn = samples.endS;
  page.frames += 1;
  draw(at);
}

function draw(at) {
  const seconds = wanted(), pixels = byId("emg").clientWidth - gutter(), end = samples.endS, ring = channel();
  const emg = shown(ring, seconds);
  curves.emg = [curve(emg, end, ring.rate, pixels)];
  curves.acc = samples.acc.map((axis) => curve(samples.last(axis, seconds), end, axis.rate, pixels));
  byId("acc-part").hidden = !samples.acc.length;
  fit(scale.emg, largest([emg]), LEAST_UV, at);
  fit(scale.acc, largest(samples.acc.map((axis) => samples.last(axis, seconds))), LEAST_G, at);
  show(charts.emg, end - seconds, end, [-scale.emg.most, scale.emg.most]);
  if (samples.acc.length) show(charts.acc, end - seconds, end, [-scale.acc.most, scale.acc.most]);
  document.body.dataset.drawn = String(Number(document.body.dataset.drawn ?? 0) + 1);
}

function largest(lists) {
  let most = 0;
  for (const values of lists) for (const value of values) { if (value > most) most = value; else if (-value > most) most = -value; }
  return most;
}

function fit(own, most, least, at) {
  const needed = Math.max(least, most * HEADROOM);
  if (needed > own.most) own.most = needed;
  else if (needed > own.most * SHRINK_BELOW) own.since = at;
  else if (at - own.since > SHRINK_AFTER_MS) { own.most = needed; own.since = at; }
}

// ---------------------------------------------------------------- what it tells

function measure() {
  const seconds = (performance.now() - page.measured) / 1000;
  page.measured = performance.now();
  setText("frames", say("lab_frames_value", { value: Math.round(page.frames / seconds) }));
  page.frames = 0;
  if (!samples.emg.length || !page.said) return;
  const last = samples.last(channel(), 1), hum = mains(last, samples.rate), strength = rms(byId("filter").checked ? shown(channel(), 1) : last);
  const told = (value) => (Number.isNaN(value) ? "–" : value.toFixed(value < 10 ? 1 : 0));
  setText("noise", say("lab_noise_value", { value: told(strength) }));
  setText("mains", say("lab_mains_value", { value: told(hum.value), hz: hum.hz }));
  setText("loss", say("lab_loss_value", { share: (100 * samples.loss).toFixed(1), dropped: page.dropped }));
  setText("lag", say("lab_lag_value", { value: Math.max(0, Math.round((page.said.now + (performance.now() - page.saidAt) / 1000 - samples.endS) * 1000)) }));
}

// ---------------------------------------------------------------- the line

function connect() {
  const query = page.sensor ? `?${new URLSearchParams({ sensor: page.sensor })}` : "";
  const socket = new WebSocket(`ws${location.protocol === "https:" ? "s" : ""}://${location.host}/ws/wave${query}`);
  socket.binaryType = "arraybuffer";
  page.socket = socket;
  socket.onmessage = ({ data }) => (typeof data === "string" ? hear(JSON.parse(data)) : take(data));
  socket.onclose = () => {
    if (page.socket !== socket) return;
    setText("lab-said", say("lab_lost"));
    setTimeout(connect, AGAIN_MS);
  };
}

function take(buffer) {
  const chunk = read(buffer);
  if (!chunk) return;
  const before = samples.emg.length;
  samples.take(chunk);
  if (samples.emg.length !== before) offerChannels();
  setText("lab-said", page.frozen === null ? "" : say("lab_frozen"));
}

function hear(told) {
  Object.assign(page, { said: told, saidAt: performance.now(), dropped: told.dropped });
  offerSensors(told.sensors);
  setText("contact", told.contact);
  if (told.trouble) setText("lab-said", told.trouble);
  else if (!told.sensors.length) setText("lab-said", say("lab_no_sensor"));
  else if (!samples.emg.length) setText("lab-said", say("lab_waiting"));
}

function offerSensors(names) {
  const known = [...byId("sensor").options].map((option) => option.value);
  if (known.join() !== names.join()) {
    byId("sensor").replaceChildren(...names.map((name) => element("option", name, { value: name })));
    if (page.sensor) byId("sensor").value = page.sensor;
  }
  if (!page.sensor && names.length) look(names[0]);
}

function offerChannels() {
  byId("channel").replaceChildren(...samples.emg.map((_, place) => element("option", say("lab_channel", { number: place + 1 }), { value: place })));
  byId("channel-part").hidden = samples.emg.length < 2;
  setText("unit", say(samples.inUv ? "lab_emg_unit" : "lab_emg_counts"));
}

function look(sensor) {
  page.sensor = sensor;
  samples.clear();
  const { socket } = page;
  page.socket = null;
  socket?.close();
  connect();
}

function freeze() {
  page.frozen = page.frozen === null ? samples.endS : null;
  byId("freeze").setAttribute("aria-pressed", String(page.frozen !== null));
  setText("freeze", say(page.frozen === null ? "lab_freeze" : "lab_go_on"));
  setText("lab-said", page.frozen === null ? "" : say("lab_frozen"));
}

byId("sensor").onchange = () => look(byId("sensor").value);
byId("freeze").onclick = freeze;
for (const id of ["window", "filter", "channel"]) byId(id).onchange = () => { if (samples.emg.length && page.frozen === null) draw(performance.now()); };
document.addEventListener("keydown", (event) => { if (event.key === "f" && !event.ctrlKey && !event.metaKey && !event.target.closest("input, select")) freeze(); });
new Squeeze(() => (samples.emg.length ? rms(highPassed(samples.last(channel(), 0.5), samples.rate).slice(-Math.round(samples.rate / 4))) : NaN));
setInterval(measure, MEASURE_MS);
connect();
requestAnimationFrame(frame);
