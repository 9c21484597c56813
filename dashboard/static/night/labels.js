// What people say that events were: asked for, said, taken back. What is shown is always what the base station holds.
import { byId, post, say } from "../shared.js";

// The same name as on the page of care.
const KEPT_NAME = "crampwatch-name";
const WITHIN_MS = 8000;
// A lane for what a person marked by hand, by what it was called.
const LANES = { cramp: "cramp", spasm: "tight", movement: "leg_movement", unknown: "tight" };

export class Labels {
  constructor(night, onChange) {
    this.address = `/api/nights/${night}/labels`;
    this.onChange = onChange;
    this.rows = [];
    byId("who").value = localStorage.getItem(KEPT_NAME) ?? "";
    byId("who").onchange = () => { localStorage.setItem(KEPT_NAME, this.who); onChange(); };
  }

  get who() { return byId("who").value.trim(); }

  async load() {
    const answer = await fetch(this.address);
    if (answer.ok) this.take(await answer.json());
  }

  take(told) { this.rows = told.labels; this.onChange(); }

  /** What was said of an event, or of a span that a person marked. */
  of(event) { return this.rows.filter((row) => (event.label ? row.id === event.label : row.event_id === event.id)); }

  /** What this person said of it; a page without a name speaks for nobody in particular. */
  mine(event) { return this.of(event).find((row) => event.label || row.by === (this.who || say("somebody"))); }

  /** Spans that people marked themselves, as events of their own. */
  drawn() {
    return this.rows.filter((row) => row.event_id === null && LANES[row.verdict]).map((row) => ({
      id: `label ${row.id}`, label: row.id, lane: LANES[row.verdict], start: row.start, end: row.end, what: row.word, alert: "none",
      reason: say("drawn_by", { by: row.by }), doubt: "", peak_uv: null, burst_rate_hz: null, confidence: null,
    }));
  }

  /** Say it; returns why it was not kept, or nothing. */
  async say(event, verdict, note) {
    const about = event.isDrawn || event.label ? { start: event.start, end: event.end, ...(event.label ? { id: event.label } : {}) } : { event_id: event.id };
    return this.send(this.address, { ...about, verdict, note, by: this.who });
  }

  async undo(row) { return this.send(`${this.address}/undo`, { id: row.id }); }

  async send(address, body) {
    try {
      const answer = await post(address, body, { signal: AbortSignal.timeout(WITHIN_MS) });
      if (!answer.ok) return await why(answer);
      this.take(await answer.json());
      return "";
    } catch (error) {
      return error.message;
    }
  }
}

async function why(answer) {
  const text = await answer.text();
  try { return JSON.parse(text).why ?? text; } catch { return text; }
}
