// This screen's own sound. The base station has one of its own and never relies on this; where the browser
// does not allow it, that is said in words.

const BEEP_EVERY_MS = 4000;
// Two soft tones, in Hz; each with a slow beginning, so that nobody starts.
const TONES = [523, 659], TONE_S = 0.35, RISE_S = 0.06, LOUD = 0.25;

let context = null, beeping = null;

/** Whether the browser lets this page sound, now. */
export const isAllowed = () => context?.state === "running";

/** Ask for it; only in a tap or a key does a browser say yes. Sounds once, to be heard. */
export async function allow() {
  context ??= new AudioContext();
  await context.resume();
  if (isAllowed()) beep();
  return isAllowed();
}

function beep() {
  TONES.forEach((hz, place) => {
    const start = context.currentTime + place * TONE_S, tone = context.createOscillator(), gain = context.createGain();
    tone.frequency.value = hz;
    gain.gain.setValueAtTime(0, start);
    gain.gain.linearRampToValueAtTime(LOUD, start + RISE_S);
    gain.gain.linearRampToValueAtTime(0, start + TONE_S);
    tone.connect(gain).connect(context.destination);
    tone.start(start);
    tone.stop(start + TONE_S);
  });
}

/** Sound for as long as `isCalling`. */
export function callOut(isCalling) {
  if (!isCalling || !isAllowed()) { clearInterval(beeping); beeping = null; return; }
  if (beeping !== null) return;
  beep();
  beeping = setInterval(() => { if (isAllowed()) beep(); }, BEEP_EVERY_MS);
}
