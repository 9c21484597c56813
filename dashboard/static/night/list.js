// The table of events: up and down travel, Enter shows one on the timeline.
import { byId, clock, element, say, setText, width } from "../shared.js";

const UNREMARKABLE = ["leg_movement", "signal"];

export class List {
  constructor(onPick, labels) {
    this.onPick = onPick;
    this.labels = labels;
    this.events = [];
    this.chosen = null;
    byId("all").onchange = () => this.draw();
    byId("rows").addEventListener("keydown", (event) => this.travel(event));
  }

  set(events) { this.events = events; this.draw(); }

  get listed() { return this.events.filter((event) => byId("all").checked || !UNREMARKABLE.includes(event.lane)); }

  draw() {
    const focused = document.activeElement?.dataset.id;
    const { listed } = this;
    byId("rows").replaceChildren(...listed.map((event, place) => this.row(event, place)));
    byId("empty").hidden = listed.length > 0;
    byId("table").hidden = !listed.length;
    const telling = this.events.filter((event) => event.alert !== "none");
    const done = telling.filter((event) => this.labels.of(event).length).length;
    setText("labelled", telling.length ? say("labelled_of", { done, all: telling.length }) : "");
    if (focused) this.rowOf(focused)?.focus();
  }

  row(event, place) {
    const cell = (text, kind) => element("td", text, { role: "cell", class: kind });
    const reason = event.doubt ? `${event.reason}; ${event.doubt}` : event.reason;
    // One row is in the order of the Tab key, the chosen one or the first.
    const isStop = this.chosen ? event.id === this.chosen : place === 0;
    const row = element("tr", null, { role: "row", "data-id": event.id, "data-lane": event.lane, "aria-selected": String(event.id === this.chosen), tabindex: isStop ? "0" : "-1" },
      cell(event.what, "what"), cell(clock(event.start), "start"), cell(measured(event), "measured"), cell(reason, "why"), this.said(event));
    row.onclick = () => this.onPick(event);
    return row;
  }

  /** What people said that it was: one word, or all that they disagree about. */
  said(event) {
    const words = [...new Set(this.labels.of(event).map((row) => row.word))];
    return element("td", words.length && !event.label ? `${words.length > 1 ? "≠" : "✓"} ${words.join(" / ")}` : "", { role: "cell", class: "label", "data-disagreed": words.length > 1 ? "" : null });
  }

  rowOf(id) { return byId("rows").querySelector(`[data-id="${CSS.escape(id)}"]`); }

  travel(key) {
    const row = key.target.closest("tr");
    const next = { ArrowDown: row.nextElementSibling, ArrowUp: row.previousElementSibling, Home: row.parentElement.firstElementChild, End: row.parentElement.lastElementChild }[key.key];
    if (next === undefined && key.key !== "Enter" && key.key !== " ") return;
    key.preventDefault();
    key.stopPropagation();
    if (next) next.focus();
    else if (next === undefined) this.onPick(this.events.find((event) => event.id === row.dataset.id));
  }

  choose(id) {
    this.chosen = id;
    for (const row of byId("rows").children) {
      const isChosen = row.dataset.id === id;
      row.setAttribute("aria-selected", String(isChosen));
      row.tabIndex = isChosen ? 0 : -1;
      if (isChosen) row.scrollIntoView({ block: "nearest" });
    }
    if (!this.rowOf(id) && byId("rows").firstElementChild) byId("rows").firstElementChild.tabIndex = 0;
  }
}

function measured(event) {
  const known = [event.length ?? width(event.end - event.start)];
  if (event.peak_uv !== null) known.push(say("peak", { value: Math.round(event.peak_uv) }));
  if (event.burst_rate_hz !== null) known.push(say("bursts", { value: event.burst_rate_hz.toFixed(1) }));
  if (event.lane !== "signal" && event.confidence !== null) known.push(say("certainty", { value: Math.round(event.confidence * 100) }));
  return known.join(" · ");
}
