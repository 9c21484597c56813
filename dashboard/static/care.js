// The page of whoever looks after somebody: how things stand, what calls, and who has been told and has answered.
import { follow, isStale, showStanding, silence, standing } from "./live/standing.js";
import { byId, duration, say, setText } from "./shared.js";

const KEPT_NAME = "crampwatch-name";

function person() {
  const who = byId("who").value.trim();
  return who ? { who, place: "care page" } : { place: "care page" };
}

function show() {
  if (!showStanding({ person })) return;
  setText("age", say("heard", { length: duration(silence()) }));
  byId("nobody-calls").hidden = !standing() || isStale() || standing().alarms.length > 0;
}

byId("who").value = localStorage.getItem(KEPT_NAME) ?? "";
byId("who").onchange = () => localStorage.setItem(KEPT_NAME, byId("who").value.trim());
follow(show);
