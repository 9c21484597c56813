// What happened, a lane for each kind, on the curves' own time axis.
import { byId, clock, duration, element, say, width } from "../shared.js";

// A twitch of half a second is seen, and hit, in a whole night as well.
const LEAST_SHARE = 0.0025;

export class Lanes {
  constructor(onPick) {
    this.onPick = onPick;
    this.marks = [];
  }

  /** Make the lanes of a night. */
  set(night) {
    this.marks = [];
    const rows = Object.entries(night.lanes).map(([key, title]) => {
      const track = element("div");
      const events = night.events.filter((event) => event.lane === key);
      if (key === "signal") this.addSignal(track, night);
      const kept = key === "posture" ? this.addPostures(track, night) : null;
      if (kept && !kept.length) return null;
      for (const event of events) this.add(track, event.start, event.end, { title: this.told(event), "data-id": event.id, "data-drawn": event.label ? "" : null }).onclick = () => this.onPick(event);
      const twin = kept ? say("posture_twin", { kept: kept.join("; ") }) : events.length
        ? say("lane_twin", { lane: title, count: events.map((event) => this.told(event)).join("; ") })
        : say("lane_none", { lane: title });
      return element("div", null, { class: "lane", "data-lane": key, role: "img", "aria-label": twin }, element("span", title, { "aria-hidden": "true" }), track);
    });
    rows.push(...night.opinions.map((opinion) => this.opinion(opinion)));
    byId("lanes").replaceChildren(...rows.filter(Boolean));
  }

  /** How the leg lay: the same shade for the same way of lying. Returns it in words. */
  addPostures(track, night) {
    return night.parts.flatMap((part) => part.postures).map(([start, end, number]) => {
      const told = `${clock(start)} ${say("position", { number })}, ${duration(end - start)}`;
      this.add(track, start, end, { class: "kept", "data-position": (number - 1) % 6, title: told });
      return told;
    });
  }

  /** What one side of a comparison says. */
  opinion({ name, spans }) {
    const track = element("div");
    for (const span of spans) this.add(track, span.start, span.end, { title: this.told(span), "data-lane": span.lane });
    const twin = say(spans.length ? "lane_twin" : "lane_none", { lane: name, count: spans.map((span) => this.told(span)).join("; ") });
    return element("div", null, { class: "lane", "data-lane": "opinion", role: "img", "aria-label": twin }, element("span", name, { "aria-hidden": "true" }), track);
  }

  told(event) { return `${clock(event.start)} ${event.what}, ${event.length ?? width(event.end - event.start)}`; }

  addSignal(track, night) {
    for (const part of night.parts) this.add(track, part.start, part.end, { class: "recorded" });
    for (const [start, end] of [...night.pauses, ...night.parts.flatMap((part) => part.gaps)]) {
      this.add(track, start, end, { class: "gap", title: `${clock(start)} ${say("no_signal")}` });
    }
  }

  add(track, start, end, attributes) {
    const mark = element("i", null, attributes);
    track.append(mark);
    this.marks.push({ mark, start, end, isShown: true });
    return mark;
  }

  /** Stand where the window says. */
  place(from, to) {
    const width = to - from;
    for (const known of this.marks) {
      const isShown = known.end >= from && known.start <= to;
      if (isShown) {
        const left = Math.max(-1, (known.start - from) / width), right = Math.min(2, (known.end - from) / width);
        known.mark.style.left = `${left * 100}%`;
        known.mark.style.width = `${Math.max(known.mark.className ? 0 : LEAST_SHARE, right - left) * 100}%`;
      }
      if (isShown !== known.isShown) known.mark.style.display = isShown ? "" : "none";
      known.isShown = isShown;
    }
  }

  choose(id) {
    for (const { mark } of this.marks) mark.toggleAttribute("data-chosen", mark.dataset.id === id);
  }
}
