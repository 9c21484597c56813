// Several sensors: which one is shown, and a light with a word for each of them.
import { byId } from "../shared.js";

export const SHAPES = {
  calm: "M4 32 H60",
  unproven: "M4 32 H26 M38 32 H60",
  tight: "M4 32 H18 L23 24 L28 40 L33 24 L38 40 L43 32 H60",
  cramp: "M4 32 H12 L18 10 L24 54 L30 10 L36 54 L42 10 L48 54 L52 32 H60",
  rhythmic: "M4 40 H10 V18 H18 V40 H26 V18 H34 V40 H42 V18 H50 V40 H60",
  off: "M4 32 H20 M44 32 H60 M25 25 L39 39 M39 25 L25 39",
};
// A contraction is shown before an absence, an absence before calm.
const URGENCY = { calm: 1, unproven: 2, tight: 3, off: 4, rhythmic: 5, cramp: 6 };
// From here on a light is never hidden behind a sensor that was chosen by hand.
const CANNOT_WAIT = URGENCY.rhythmic;

const urgency = (sensor) => URGENCY[sensor.light.shape];

/** The sensor to show: one that cannot wait, else the chosen one, else the most urgent. */
export function shownOf(sensors, picked) {
  const chosen = sensors.find((sensor) => sensor.name === picked);
  const first = [...sensors].sort((a, b) => urgency(b) - urgency(a))[0] ?? null;
  if (!chosen) return first;
  return urgency(first) >= CANNOT_WAIT && urgency(chosen) < CANNOT_WAIT ? first : chosen;
}

/** A button for each sensor, changed in place so that it keeps the focus. */
export function showChoice(sensors, shown, lightOf, onPick) {
  const choice = byId("sensors");
  choice.hidden = sensors.length < 2;
  if (choice.hidden) return;
  const names = sensors.map((sensor) => sensor.name);
  if ([...choice.children].map((button) => button.dataset.sensor).join() !== names.join()) choice.replaceChildren(...names.map((name) => made(name, onPick)));
  for (const [place, sensor] of sensors.entries()) showOne(choice.children[place], lightOf(sensor), sensor.name === shown);
}

function made(name, onPick) {
  const button = byId("sensor-button").content.firstElementChild.cloneNode(true);
  button.dataset.sensor = name;
  button.querySelector("b").textContent = name;
  button.onclick = () => onPick(name);
  return button;
}

function showOne(button, light, isShown) {
  if (button.dataset.shape !== light.shape) button.querySelector("path").setAttribute("d", SHAPES[light.shape]);
  button.dataset.shape = light.shape;
  button.setAttribute("aria-pressed", String(isShown));
  const word = button.querySelector("small");
  if (word.textContent !== light.word) word.textContent = light.word;
}
