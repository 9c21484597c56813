// The page by the bed: a clock, one mark with a word, and, when it matters, what to do and one huge button.
import { isHeld, isPossible, stayOn } from "./bedside/awake.js";
import { allow, callOut, isAllowed } from "./bedside/sound.js";
import { ask } from "./live/asking.js";
import { follow, isStale, now, oneOfSeveral, showStanding, shown, silence, standing } from "./live/standing.js";
import { byId, clock, clockFace, element, say, setText } from "./shared.js";

const KEPT_PALETTE = "crampwatch-palette";
// A fault is bright when it is new, then dim: it is no reason to light up a bedroom.
const BRIGHT_MS = 10_000;
// As long as this without the base station, and the page calls by itself (ALARMS.md, section 4).
const ALONE_S = 120;
const STANDBY_MINUTES = 60;
const page = { shape: null, bright: null, begun: false };

function show() {
  setText("clock", clockFace(now()));
  const light = showStanding({ whose: oneOfSeveral });
  if (light && light.shape !== page.shape) brighten(light.shape);
  showFacts();
  showWatch();
  showScreen();
  const calls = standing()?.alarms.some((alarm) => alarm.is_calling && alarm.priority !== "low") && !isStale();
  callOut(page.begun && (calls || silence() > ALONE_S));
  document.body.toggleAttribute("data-calling", Boolean(calls));
}

function brighten(shape) {
  page.shape = shape;
  document.body.dataset.bright = "";
  clearTimeout(page.bright);
  page.bright = setTimeout(() => delete document.body.dataset.bright, BRIGHT_MS);
}

function showFacts() {
  const facts = shown()?.facts;
  setText("facts", facts ? say("facts_line", facts) : "");
  const notes = [...(standing()?.notes ?? []), ...(shown()?.synthetic ? [say("synthetic")] : [])];
  byId("notes").hidden = !notes.length;
  setText("notes", notes.join(" "));
}

// ---------------------------------------------------------------- whether this night is watched, and for whom

function showWatch() {
  const watch = isStale() ? null : shown()?.watch;
  document.querySelector(".watch").hidden = !watch;
  if (!watch) return;
  setText("watch", [say(`watch_is.${watch.system}`, { time: watch.until ? clock(watch.until) : "" }), say(`mode_is.${watch.mode}`)].join(" "));
  for (const name of ["arm", "standby"]) byId(name).hidden = !watch.may.includes(name);
  setText("arm", watch.proven ? say("arm") : say("arm_anyway"));
}

async function act(name, asked) {
  const said = byId("watch-said");
  said.hidden = false;
  said.textContent = say("sending");
  const why = await ask("/api/acts", { sensor: shown()?.name, name, ...asked });
  said.textContent = why;
  said.hidden = !why;
}

byId("arm").onclick = () => act("arm", { override: !shown()?.watch.proven });
byId("standby").onclick = () => act("standby", { minutes: STANDBY_MINUTES });

// ---------------------------------------------------------------- what this screen can do

function showScreen() {
  byId("begin").hidden = page.begun && isAllowed();
  byId("screen").hidden = !page.begun;
  if (!page.begun) return;
  const checks = [
    [isAllowed(), isAllowed() ? "sound_on" : "sound_off"],
    [isHeld(), isHeld() ? "screen_stays" : isPossible() ? "screen_refused" : "screen_may_go"],
  ];
  const version = checks.map(([, key]) => key).join();
  if (byId("screen").dataset.version === version) return;
  byId("screen").dataset.version = version;
  byId("screen").replaceChildren(...checks.map(([isGood, key]) => element("li", say(key), { "data-good": isGood ? "" : null })));
}

byId("begin").onclick = async () => {
  page.begun = true;
  await Promise.allSettled([allow(), stayOn(), document.documentElement.requestFullscreen?.()]);
  show();
};

function choose(palette) {
  document.documentElement.dataset.palette = palette;
  for (const button of document.querySelectorAll("[data-choose]")) button.setAttribute("aria-pressed", String(button.dataset.choose === palette));
}

for (const button of document.querySelectorAll("[data-choose]")) {
  button.onclick = () => { localStorage.setItem(KEPT_PALETTE, button.dataset.choose); choose(button.dataset.choose); };
}
choose(localStorage.getItem(KEPT_PALETTE) ?? "red");
follow(show);
show();
