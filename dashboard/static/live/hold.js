// A button that must be held: what it does should not happen to a hand that turns over.
import { say } from "../shared.js";

const HOLD_MS = 1500, AGAIN_MS = 5000;

/** Do `act` once the button has been held, or, without a pointer, pressed twice. */
export function onHold(button, label, act) {
  let timer = null, asked = -Infinity;
  button.textContent = label;
  const stop = () => { clearTimeout(timer); timer = null; button.removeAttribute("data-held"); };
  const start = () => {
    stop();
    button.setAttribute("data-held", "");
    timer = setTimeout(() => { stop(); act(); }, HOLD_MS);
  };
  button.addEventListener("pointerdown", (event) => { if (event.button === 0) start(); });
  for (const end of ["pointerup", "pointerleave", "pointercancel"]) button.addEventListener(end, stop);
  button.addEventListener("contextmenu", (event) => event.preventDefault());
  button.addEventListener("click", (event) => {
    // A click without a pointer is a key's, or of a reader of screens.
    if (event.detail) return;
    if (performance.now() - asked < AGAIN_MS) { asked = -Infinity; button.textContent = label; act(); return; }
    asked = performance.now();
    button.textContent = say("press_again");
    setTimeout(() => { button.textContent = label; }, AGAIN_MS);
  });
}
