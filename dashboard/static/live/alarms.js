// Alarms that stand: each a card that stays where it is while it changes, with the answers that are possible now.
import { onHold } from "./hold.js";
import { ask } from "./asking.js";
import { byId, clock, duration, element, say, setText } from "../shared.js";

// The monitor obeys within a tenth of a second; an answer that has changed nothing by then was not taken.
const TAKEN_WITHIN_MS = 5000;
// The longest quiet that may be asked for; by the bed it is held for, not tapped.
const HUSH_MINUTES = 30;
const ANSWERS = ["ack", "going", "cannot", "snooze", "reset"];

const cards = new Map();

/** Show what stands. `now` is the night's clock; `person` says who answers here, and where. */
export function showAlarms(alarms, now, person = () => ({})) {
  const standing = new Set(alarms.map((alarm) => alarm.id));
  for (const [id, card] of cards) if (!standing.has(id)) { card.root.remove(); cards.delete(id); }
  for (const alarm of alarms) {
    if (!cards.has(alarm.id)) cards.set(alarm.id, made(alarm, person));
    show(cards.get(alarm.id), alarm, now);
  }
  arrange(alarms);
  byId("alarms").hidden = !alarms.length;
  // Spoken on change alone: what stands, and how far it has come.
  setText("alarm-said", alarms.filter((alarm) => alarm.is_calling).map((alarm) => `${alarm.title}, ${alarm.where}. ${alarm.advice}`).join(" "));
}

/** In the order of their urgency; one that is in its place already is not moved, so that it keeps the focus. */
function arrange(alarms) {
  const list = byId("alarms");
  alarms.forEach((alarm, place) => {
    const { root } = cards.get(alarm.id);
    if (list.children[place] !== root) list.insertBefore(root, list.children[place] ?? null);
  });
}

function made(alarm, person) {
  const root = byId("alarm-card").content.firstElementChild.cloneNode(true);
  const card = { root, alarm, person, shown: "", told: null, waiting: null, part: (name) => root.querySelector(`[data-part=${name}]`) };
  root.dataset.id = alarm.id;
  card.part("title").id = `alarm-${alarm.id}`;
  root.setAttribute("aria-labelledby", `alarm-${alarm.id}`);
  for (const name of ANSWERS) if (name !== "snooze") card.part(name).onclick = () => give(card, { answer: name, ...person() });
  card.part("snooze").append(...alarm.snoozes.map((minutes) => {
    const button = element("button", say("snooze_minutes", { minutes }), { type: "button" });
    button.onclick = () => give(card, { answer: "snooze", minutes, ...person() });
    return button;
  }));
  card.part("nothing").onclick = () => denied(card);
  onHold(card.part("hush"), say("hush", { minutes: HUSH_MINUTES }), () => give(card, { answer: "snooze", minutes: HUSH_MINUTES, ...person() }));
  return card;
}

/** Whoever says where they are is not the sleeper. */
const atTheBed = (card) => !card.person().place;
const isBedside = () => document.body.classList.contains("page-bedside");

function show(card, alarm, now) {
  write(card.part("since"), lasting(alarm, now));
  showTold(card, alarm.told);
  showNext(card, alarm.next);
  const version = `${alarm.revision}`;
  if (card.shown === version) return;
  card.shown = version;
  card.alarm = alarm;
  const { root } = card;
  root.dataset.kind = alarm.kind;
  root.toggleAttribute("data-calling", alarm.is_calling);
  root.dataset.priority = alarm.priority;
  write(card.part("title"), `${alarm.title} · ${alarm.where}`);
  write(card.part("urgency"), alarm.urgency);
  write(card.part("text"), [alarm.text, alarm.doubt].filter(Boolean).join(" "));
  write(card.part("advice"), alarm.advice);
  write(card.part("who"), [alarm.answered, alarm.declined].filter(Boolean).join(" "));
  write(card.part("ack"), say(alarm.kind === "physio" && atTheBed(card) ? "awake" : "seen"));
  for (const name of ANSWERS) card.part(name).hidden = !alarm.answers.includes(name);
  card.part("snooze").hidden ||= isBedside();
  card.part("hush").hidden = !isBedside() || !alarm.answers.includes("snooze");
  card.part("nothing").hidden = !atTheBed(card) || !alarm.may_deny;
  // A change is the answer to what was asked.
  settle(card, "");
}

/** Who has been told, and how that went; only on change. */
function showTold(card, told) {
  const version = told.map(({ id, revision }) => `${id} ${revision}`).join();
  if (card.told === version) return;
  card.told = version;
  const list = card.part("told");
  list.hidden = !told.length;
  list.replaceChildren(...told.map((one) => element("li", null, { "data-outcome": one.outcome }, element("time", clock(one.at)), ` ${one.text}`)));
}

/** Who is told next, while nobody has answered. */
function showNext(card, next) {
  const list = card.part("next");
  list.hidden = !next.length;
  const version = next.map(({ at, text }) => `${Math.round(at)} ${text}`).join();
  if (list.dataset.version === version) return;
  list.dataset.version = version;
  list.replaceChildren(...next.map((one) => element("li", null, {}, element("time", clock(one.at)), ` ${one.text}`)));
}

function lasting(alarm, now) {
  if (alarm.calls_again) return say("calls_again", { time: clock(alarm.calls_again) });
  if (alarm.until) return say("quiet_until", { time: clock(alarm.until) });
  return alarm.ended ? say("is_over") : say("for", { length: duration(Math.max(0, now - alarm.since)) });
}

function write(part, text) {
  if (part.textContent !== text) part.textContent = text;
  part.hidden = !text;
}

function settle(card, text) {
  clearTimeout(card.waiting);
  card.waiting = null;
  write(card.part("said"), text);
}

async function give(card, asked) {
  settle(card, say("sending"));
  card.waiting = setTimeout(() => settle(card, say("not_taken")), TAKEN_WITHIN_MS);
  const revision = card.shown;
  const why = await ask("/api/answers", { occurrence_id: card.alarm.id, ...asked });
  if (why && card.shown === revision) settle(card, why);
}

/** It was no cramp: the alarm stops, and the night keeps what the person says. */
async function denied(card) {
  give(card, { answer: "ack", ...card.person() });
  const why = await ask("/api/denials", { occurrence_id: card.alarm.id });
  if (why) settle(card, why);
}
