// How things stand, as each page of it shows it: the light, a page that is alone, the choice of sensors, the alarms.
import { showAlarms } from "./alarms.js";
import { STALE_S, alive, connect } from "./line.js";
import { SHAPES, showChoice, shownOf } from "./sensors.js";
import { byId, duration, say, setText } from "../shared.js";

const SHOWN_EVERY_MS = 500;
const line = { said: null, at: 0, heard: alive(), picked: null, show: () => {} };

/** What the base station said last of how things stand; null until it has. */
export const standing = () => line.said;
export const silence = () => alive() - line.heard;
export const isStale = () => silence() > STALE_S;
/** The night's clock, in seconds since 1970. */
export const now = () => (line.said ? line.said.now + (alive() - line.at) * line.said.rate : Date.now() / 1000);
/** The sensor that is shown. */
export const shown = () => shownOf(line.said?.sensors ?? [], line.picked);

/** How long ago a sensor's newest good sample came, in words. */
export function heardAgo(sensor) {
  if (!sensor || sensor.good_age_s === null) return "–";
  const age = sensor.good_age_s + now() - standing().now;
  return age < 3 ? say("just_now") : say("ago", { length: duration(age) });
}

/** A sensor's name, where there are others beside it. */
export const oneOfSeveral = (sensor) => (line.said?.sensors.length > 1 ? sensor?.name ?? "" : "");

export function lightOf(sensor) {
  if (!isStale()) return sensor?.light ?? line.said?.none;
  return { shape: "off", word: say("not_watching"), reason: say("stale_reason", { length: duration(silence()) }) };
}

/** Show all that these pages have in common; `person` says who answers here, and where. Returns the light that is shown. */
export function showStanding({ whose = (sensor) => sensor?.name ?? "", person } = {}) {
  const sensor = shown(), light = lightOf(sensor);
  byId("stale").hidden = !isStale();
  document.body.toggleAttribute("data-stale", isStale());
  if (!light) return null;
  setText("whose", whose(sensor));
  setText("word", light.word);
  setText("reason", light.reason);
  document.querySelector(".state").dataset.shape = light.shape;
  byId("light").firstElementChild.setAttribute("d", SHAPES[light.shape]);
  document.title = `${light.word} · crampwatch`;
  if (line.said) showAlarms(line.said.alarms, now(), person);
  showChoice(line.said?.sensors ?? [], sensor?.name, lightOf, (name) => { line.picked = name; line.show(); });
  return light;
}

/** Keep `show` true from now on; `hearers` are told the rest, by its type, and `levels` as bytes. */
export function follow(show, hearers = {}) {
  line.show = show;
  setInterval(show, SHOWN_EVERY_MS);
  connect((said) => {
    line.heard = alive();
    if (said instanceof ArrayBuffer) { hearers.levels?.(said); return; }
    if (said.type === "standing") { line.said = said; line.at = alive(); }
    hearers[said.type]?.(said);
    if (said.type === "standing") show();
  });
}
