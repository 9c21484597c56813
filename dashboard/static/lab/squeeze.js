// The guide to a squeeze: rest, tense, and whether that was seen. It judges what is on the screen and nothing else.
import { byId, say, setText } from "../shared.js";

const REST_S = 5, TENSE_S = 6, TURN_MS = 100;

export class Squeeze {
  /** @param strength gives the RMS of the last quarter of a second, NaN where nothing came */
  constructor(strength) {
    this.strength = strength;
    this.box = document.querySelector(".squeeze");
    byId("squeeze").onclick = () => this.begin();
  }

  async begin() {
    byId("squeeze").disabled = true;
    byId("squeeze-bar").hidden = false;
    this.box.removeAttribute("data-seen");
    const rest = middle(await this.listen("squeeze_rest", REST_S));
    const most = Math.max(0, ...(await this.listen("squeeze_now", TENSE_S)));
    const { times, rise } = this.box.dataset;
    const isSeen = rest > 0 && most >= Math.max(Number(times) * rest, rest + Number(rise));
    this.box.dataset.seen = isSeen ? "yes" : "no";
    const told = { rest: (rest || 0).toFixed(1), most: most.toFixed(0), times: (most / rest).toFixed(0) };
    setText("squeeze-said", say(isSeen ? "squeeze_seen" : "squeeze_unseen", told));
    byId("squeeze-bar").hidden = true;
    byId("squeeze").disabled = false;
  }

  /** Gather strengths for a while; the text counts down. */
  async listen(text, seconds) {
    const found = [];
    for (let turn = 0; turn * TURN_MS < seconds * 1000; turn += 1) {
      setText("squeeze-said", say(text, { seconds: Math.ceil(seconds - (turn * TURN_MS) / 1000) }));
      byId("squeeze-bar").value = (turn * TURN_MS) / 1000 / seconds;
      const strength = this.strength();
      if (!Number.isNaN(strength)) found.push(strength);
      await new Promise((done) => { setTimeout(done, TURN_MS); });
    }
    return found;
  }
}

function middle(values) {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted.length ? sorted[Math.floor(sorted.length / 2)] : NaN;
}
