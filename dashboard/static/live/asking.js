// What a person asks the base station for: sent once, and what became of it in words.
import { post, say } from "../shared.js";

const POST_WITHIN_MS = 4000;

/** Ask; returns why it was not taken, or nothing. One press has one id: what comes twice is done once. */
export async function ask(address, asked) {
  try {
    const answer = await post(address, { id: press(), ...asked }, { signal: AbortSignal.timeout(POST_WITHIN_MS) });
    return answer.ok ? "" : (await answer.json()).why;
  } catch {
    // Nobody there, in time or at all: that is what is said.
    return say("no_answer");
  }
}

/** An id of this press; `crypto.randomUUID` is there over a secure connection alone. */
function press() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
