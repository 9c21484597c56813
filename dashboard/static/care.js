// The page of whoever looks after somebody: how things stand, what calls, and who has been told and has answered.
import { showAlarms } from "./live/alarms.js";
import { STALE_S, alive, connect } from "./live/line.js";
import { SHAPES, showChoice, shownOf } from "./live/sensors.js";
import { byId, duration, say, setText } from "./shared.js";

const KEPT_NAME = "crampwatch-name";
const page = { said: null, heard: alive(), picked: null };
const silence = () => alive() - page.heard;
const now = () => page.said.now + silence() * page.said.rate;

function lightOf(sensor) {
  if (silence() <= STALE_S) return sensor?.light ?? page.said?.none;
  return { shape: "off", word: say("not_watching"), reason: say("stale_reason", { length: duration(silence()) }) };
}

function person() {
  const who = byId("who").value.trim();
  return who ? { who, place: "care page" } : { place: "care page" };
}

function show() {
  const sensors = page.said?.sensors ?? [], sensor = shownOf(sensors, page.picked), light = lightOf(sensor);
  const stale = silence() > STALE_S;
  byId("stale").hidden = !stale;
  document.body.toggleAttribute("data-stale", stale);
  if (!light) return;
  setText("whose", sensor?.name ?? "");
  setText("word", light.word);
  setText("reason", light.reason);
  document.querySelector(".state").dataset.shape = light.shape;
  byId("light").firstElementChild.setAttribute("d", SHAPES[light.shape]);
  document.title = `${light.word} · crampwatch`;
  setText("age", say("heard", { length: duration(silence()) }));
  showChoice(sensors, sensor?.name, lightOf, (name) => { page.picked = name; show(); });
  if (!page.said) return;
  showAlarms(page.said.alarms, now(), person);
  byId("nobody-calls").hidden = stale || page.said.alarms.length > 0;
}

byId("who").value = localStorage.getItem(KEPT_NAME) ?? "";
byId("who").onchange = () => localStorage.setItem(KEPT_NAME, byId("who").value.trim());
setInterval(show, 500);
connect((said) => {
  page.heard = alive();
  if (said.type !== "standing") return;
  page.said = said;
  show();
});
