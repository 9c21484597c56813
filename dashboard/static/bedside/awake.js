// Keeps the screen from going dark, where the browser lets a page do that: over a secure connection alone.

let lock = null, wanted = false;

export const isPossible = () => "wakeLock" in navigator;
export const isHeld = () => lock !== null && !lock.released;

/** Ask that the screen stays on, now and whenever the page is seen again. */
export async function stayOn() {
  wanted = true;
  if (!isPossible() || isHeld()) return;
  try {
    lock = await navigator.wakeLock.request("screen");
  } catch {
    // Refused (a flat battery, a hidden page): `isHeld` tells, and the page says so.
    lock = null;
  }
}

document.addEventListener("visibilitychange", () => { if (wanted && document.visibilityState === "visible") stayOn(); });
