// What all pages need: the texts, elements, times in words, and the colours of the scheme.

export const byId = (id) => document.getElementById(id);

const TEXTS = JSON.parse(byId("texts").textContent);

/** A text of the catalogue, its {places} filled in. */
export const say = (key, values = {}) => TEXTS[key].replace(/\{(\w+)\}/g, (_, place) => values[place]);

/** Colours are read once for each scheme; reading a style for every curve of every frame is slow. */
let colours = new Map();
const dark = matchMedia("(prefers-color-scheme: dark)");
const light = matchMedia("(prefers-color-scheme: light)");
for (const scheme of [dark, light]) scheme.addEventListener("change", () => { colours = new Map(); });
export const onScheme = (redraw) => light.addEventListener("change", redraw);

export function colour(name) {
  if (!colours.has(name)) colours.set(name, getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim());
  return colours.get(name);
}

const rem = (count) => count * parseFloat(getComputedStyle(document.documentElement).fontSize);

/** The gutter that lanes and curves share, in CSS pixels. */
export const gutter = () => rem(parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--gutter")));

const pad = (number, places = 2) => String(number).padStart(places, "0");

const hours = (when) => (isTwelve() ? when.getHours() % 12 || 12 : pad(when.getHours()));
const isTwelve = () => document.documentElement.dataset.clock === "12";

/** A clock's face: hours and minutes. */
export function clockFace(seconds) {
  const when = new Date(seconds * 1000);
  return `${hours(when)}:${pad(when.getMinutes())}`;
}

export function clock(seconds, digits = 0) {
  const when = new Date(Math.round(seconds * 1000));
  const text = `${hours(when)}:${pad(when.getMinutes())}:${pad(when.getSeconds())}`;
  const half = isTwelve() ? ` ${when.getHours() < 12 ? "am" : "pm"}` : "";
  return (digits ? `${text}.${pad(when.getMilliseconds(), 3).slice(0, digits)}` : text) + half;
}

export function duration(seconds) {
  const whole = Math.round(seconds), minutes = Math.floor(whole / 60);
  if (minutes >= 60) return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
  return minutes ? `${minutes} min ${pad(whole % 60)} s` : `${whole} s`;
}

/** A short window's length: "1.25 s", "40 ms". */
export function width(seconds) {
  if (seconds >= 10) return duration(seconds);
  return seconds >= 1 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds * 1000)} ms`;
}

export function element(tag, text, attributes = {}, ...children) {
  const made = document.createElement(tag);
  if (text !== undefined && text !== null) made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) if (value !== null) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

export function setText(id, text) {
  // Only on change: a screen reader speaks what is set, changed or not.
  const target = byId(id);
  if (target.textContent !== text) target.textContent = text;
}

/** Send something as JSON. */
export const post = (address, body, options = {}) =>
  fetch(address, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body), ...options });
