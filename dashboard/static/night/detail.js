// One event in full: what was measured, what its alarm did, and what people say that it was.
import { byId, clock, element, say, setText, width } from "../shared.js";

export class Detail {
  constructor(night, labels) {
    this.night = night;
    this.labels = labels;
    this.event = null;
    this.buttons = [...byId("verdicts").querySelectorAll("button")];
    for (const button of this.buttons) button.onclick = () => this.judge(button.dataset.verdict);
    byId("note").onchange = () => { const mine = this.event && labels.mine(this.event); if (mine) this.judge(mine.verdict); };
    byId("undo").onclick = () => this.undo();
  }

  /** Show an event, or none. */
  show(event) {
    const isOther = event?.id !== this.event?.id;
    this.event = event;
    byId("detail").hidden = !event;
    if (!event) return;
    byId("detail").dataset.lane = event.lane;
    setText("detail-title", event.what);
    setText("detail-when", `${clock(event.start)} · ${event.length ?? width(event.end - event.start)}`);
    setText("detail-why", [event.reason, event.doubt].filter(Boolean).join("; "));
    if (isOther) {
      setText("said", "");
      byId("note").value = this.labels.mine(event)?.note ?? "";
      byId("measured").hidden = byId("alarmed").hidden = true;
      if (!event.label && !event.isDrawn) this.load(event);
    }
    this.mark();
  }

  /** What is known beyond the list, as soon as it is there. */
  async load(event) {
    const answer = await fetch(`/api/nights/${this.night}/event?${new URLSearchParams({ id: event.id })}`);
    if (!answer.ok || this.event?.id !== event.id) return;
    const { measured, alarms } = await answer.json();
    byId("measures").replaceChildren(...measured.flatMap(({ name, value }) => [element("dt", name), element("dd", value)]));
    byId("measured").hidden = !measured.length;
    byId("history").replaceChildren(...alarms.map(({ at, text }) => element("li", null, {}, element("time", clock(at)), element("span", text))));
    setText("history-none", alarms.length ? "" : say("no_alarm"));
    byId("alarmed").hidden = event.lane === "signal" || event.lane === "leg_movement";
  }

  /** Show what was said. */
  mark() {
    const { event, labels } = this;
    if (!event) return;
    const mine = labels.mine(event), all = labels.of(event);
    for (const button of this.buttons) button.setAttribute("aria-pressed", String(button.dataset.verdict === mine?.verdict));
    byId("undo").hidden = !mine;
    const others = all.filter((row) => row !== mine);
    byId("others").replaceChildren(...others.map((row) => element("li", [say("said_by", { by: row.by, word: row.word }), row.note].filter(Boolean).join(" – "))));
    byId("disagreed").hidden = new Set(all.map((row) => row.verdict)).size < 2;
  }

  /** Say what it was: one press, one label. */
  async judge(verdict) {
    const { event } = this;
    if (!event) return;
    const problem = await this.labels.say(event, verdict, byId("note").value);
    const word = this.buttons.find((button) => button.dataset.verdict === verdict).dataset.word;
    setText("said", problem ? say("not_kept", { why: problem }) : say("said_now", { word }));
    this.mark();
  }

  async undo() {
    const mine = this.event && this.labels.mine(this.event);
    if (!mine) return;
    const problem = await this.labels.undo(mine);
    setText("said", problem ? say("not_kept", { why: problem }) : say("taken_back"));
    if (this.event) byId("note").value = this.labels.mine(this.event)?.note ?? "";
    this.mark();
  }
}
