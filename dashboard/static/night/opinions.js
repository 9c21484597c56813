// Two opinions of the night side by side: figures, a lane for each, and the way from one disagreement to the next.
import { byId, clock, element, post, say, setText } from "../shared.js";

const LANES = { cramp: "cramp", spasm: "rhythmic" };

export class Opinions {
  /** @param onShow gets a disagreement's start and end; onLanes the lanes of both sides, or none */
  constructor(night, onShow, onLanes) {
    Object.assign(this, { night, onShow, onLanes, rows: [], at: -1, lanes: [] });
    for (const id of ["first", "second"]) byId(id).onchange = () => this.ask();
    byId("compare").onclick = () => this.compare();
    byId("disagreement").onclick = () => this.next();
    byId("compare-clear").onclick = () => this.clear();
  }

  /** Offer whose opinions there are; what was chosen stays chosen. */
  async load() {
    const answer = await fetch(`/api/nights/${this.night}/opinions`);
    if (!answer.ok) return;
    const sides = await answer.json();
    for (const [place, id] of ["first", "second"].entries()) {
      const before = byId(id).value;
      byId(id).replaceChildren(...sides.map((side) => element("option", side.name, { value: side.id })));
      byId(id).value = sides.some((side) => side.id === before) ? before : sides[Math.min(place, sides.length - 1)].id;
    }
    this.ask();
  }

  ask() { byId("table-part").hidden = ![byId("first").value, byId("second").value].includes("table"); }

  async compare() {
    const body = { first: byId("first").value, second: byId("second").value };
    if (!byId("table-part").hidden) {
      const [file] = byId("table-file").files;
      if (!file) { setText("compared-said", say("choose_table")); return; }
      body.table = await file.text();
    }
    try {
      const answer = await post(`/api/nights/${this.night}/comparison`, body);
      const told = await answer.json();
      if (answer.ok) this.show(told);
      else setText("compared-said", told.why);
    } catch (error) {
      setText("compared-said", error.message);
    }
  }

  show({ figures, rows, sides }) {
    byId("figures").replaceChildren(...figures.map(({ name, value }) => element("div", null, {}, element("dt", name), element("dd", value))));
    this.rows = rows.filter((row) => row.kind !== "both");
    this.at = -1;
    byId("differences").replaceChildren(...this.rows.map((row, place) => {
      const button = element("button", null, { type: "button" }, element("time", clock(row.start)), element("span", row.word), element("small", `${row.first} / ${row.second}`));
      button.onclick = () => this.go(place);
      return element("li", null, {}, button);
    }));
    byId("compared").hidden = false;
    byId("disagreement").hidden = !this.rows.length;
    setText("compared-said", this.rows.length ? "" : say("compare_agreed"));
    const names = ["first", "second"].map((id) => byId(id).selectedOptions[0].textContent);
    this.lanes = sides.map((spans, place) => ({ name: names[place], spans: spans.map(([start, end, what]) => ({ start, end, lane: LANES[what], what: say(`label_is.${what}`) })) }));
    this.onLanes();
  }

  go(place) {
    this.at = place;
    for (const [own, item] of [...byId("differences").children].entries()) item.firstChild.setAttribute("aria-current", String(own === place));
    this.onShow(this.rows[place]);
  }

  next() { if (this.rows.length) this.go((this.at + 1) % this.rows.length); }

  clear() {
    byId("compared").hidden = true;
    setText("compared-said", "");
    this.rows = [];
    this.lanes = [];
    this.onLanes();
  }
}
