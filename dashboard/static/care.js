// The page of whoever looks after somebody: how things stand, what calls, who has been told, who is next, and what was.
import { install } from "./live/install.js";
import { follow, isStale, showStanding, silence, standing } from "./live/standing.js";
import { byId, clock, duration, element, say, setText } from "./shared.js";

// An alarm is shown before the night log has kept it.
const KEPT_WITHIN_MS = 1500;
const KEPT_NAME = "crampwatch-name";
const page = { alarms: "" };

function person() {
  const who = byId("who").value.trim();
  return who ? { who, place: "care page" } : { place: "care page" };
}

function show() {
  if (!showStanding({ person })) return;
  setText("age", say("heard", { length: duration(silence()) }));
  byId("nobody-calls").hidden = !standing() || isStale() || standing().alarms.length > 0;
  const alarms = standing()?.alarms.map((alarm) => alarm.id).join() ?? "";
  if (alarms !== page.alarms) { page.alarms = alarms; setTimeout(showEarlier, KEPT_WITHIN_MS); }
}

/** What is over is asked for when it may have changed: at the start, and when an alarm comes or goes. */
async function showEarlier() {
  let alarms;
  try {
    ({ alarms } = await (await fetch("/api/earlier")).json());
  } catch {
    // The banner says that the base station is away; what stands here stays as it was.
    return;
  }
  byId("nothing-earlier").hidden = alarms.length > 0;
  byId("earlier").replaceChildren(...alarms.map((one) => element("li", null, { "data-kind": one.kind }, element("time", clock(one.at)), ` ${one.title}, ${one.length}. ${one.answered}`)));
}

byId("who").value = localStorage.getItem(KEPT_NAME) ?? "";
byId("who").onchange = () => localStorage.setItem(KEPT_NAME, byId("who").value.trim());
showEarlier();
install();
follow(show);
