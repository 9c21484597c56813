// What stands between now and a watched night: sensor, place, signal, people, and whom it wakes.
import { ask } from "./live/asking.js";
import { follow, heardAgo, isStale, showStanding, shown } from "./live/standing.js";
import { byId, clock, element, say, setText } from "./shared.js";

let tested = null;

function show() {
  if (!showStanding()) return;
  const sensor = isStale() ? null : shown(), watch = sensor?.watch ?? null;
  setText("sensor-told", sensor ? say(sensor.synthetic ? "sensor_synthetic" : "sensor_there", { name: sensor.name, site: sensor.facts.site }) : say("sensor_not"));
  setText("signal-told", sensor ? say("signal_told", { contact: sensor.facts.contact, battery: sensor.facts.battery, newest: heardAgo(sensor) }) : "");
  for (const id of ["test", "arm"]) byId(id).disabled = !watch;
  for (const button of document.querySelectorAll("[data-mode]")) {
    button.disabled = !watch;
    button.setAttribute("aria-pressed", String(watch?.mode === button.dataset.mode));
  }
  showTested(watch?.tested ?? []);
  showObserving(watch?.observing);
  setText("watch", watch ? say(`watch_is.${watch.system}`, { time: watch.until ? clock(watch.until) : "" }) : "");
  byId("arm").hidden = !watch || !watch.may.includes("arm");
  setText("arm", watch && !watch.proven ? say("arm_anyway") : say("arm"));
}

function showTested(parts) {
  const version = JSON.stringify(parts);
  if (version === tested) return;
  tested = version;
  const rows = parts.map((part) => element("li", null, { "data-passed": part.passed ? "" : null }, element("b", part.name), element("span", part.text)));
  byId("tested").replaceChildren(...(rows.length ? rows : [element("li", null, {}, element("b", say("not_tested")), element("span", ""))]));
}

function showObserving(observing) {
  byId("observing").hidden = !observing;
  if (!observing) return;
  const count = Object.values(observing.would_have).reduce((sum, one) => sum + one, 0);
  setText("observing", say(observing.offer ? "observing_offer" : "observing_told", { nights: observing.nights, of: observing.of, count }));
}

async function act(name, asked = {}) {
  setText("setup-said", say("sending"));
  setText("setup-said", await ask("/api/acts", { sensor: shown()?.name, name, ...asked }) || say("asked_for"));
}

byId("test").onclick = () => act("test");
byId("arm").onclick = () => act("arm", { override: !shown()?.watch.proven });
for (const button of document.querySelectorAll("[data-mode]")) button.onclick = () => act("mode", { mode: button.dataset.mode });
follow(show);
