// Hands on a timeline: one pointer moves it, two pinch it, the wheel zooms at the pointer, sideways it moves.

const WHEEL_ZOOM = 1 / 400;
// Lines and pages of a wheel, in pixels.
const WHEEL_UNITS = [1, 16, 400];
// Closer fingers than this would make a pinch jump.
const CLOSEST_PX = 12;
// Less than this is a click, not a drag.
const STILL_PX = 4;

/**
 * @param target the element under the hands
 * @param plot gives the curve's area: { left, width } in page pixels
 * @param act { pan(share), zoom(factor, share), hover(share | null) }; shares are of the plot's width
 */
export function hands(target, plot, act) {
  const fingers = new Map();
  let travelled = 0;
  const share = (x) => { const { left, width } = plot(); return (x - left) / width; };

  target.addEventListener("wheel", (event) => {
    event.preventDefault();
    const unit = WHEEL_UNITS[event.deltaMode];
    const sideways = event.shiftKey ? event.deltaX || event.deltaY : event.deltaX;
    if (Math.abs(sideways) > Math.abs(event.deltaY) || event.shiftKey) act.pan((sideways * unit) / plot().width);
    else act.zoom(Math.exp(event.deltaY * unit * WHEEL_ZOOM), share(event.clientX));
  }, { passive: false });

  target.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "mouse" && event.button !== 0) return;
    fingers.set(event.pointerId, event.clientX);
    travelled = 0;
  });

  target.addEventListener("pointermove", (event) => {
    act.hover(event.pointerType === "mouse" ? share(event.clientX) : null);
    const before = fingers.get(event.pointerId);
    if (before === undefined) return;
    travelled += Math.abs(event.clientX - before);
    if (travelled > STILL_PX && !target.hasPointerCapture(event.pointerId)) target.setPointerCapture(event.pointerId);
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
    if (other === undefined) act.pan((before - event.clientX) / plot().width);
    else {
      // The point between the fingers stays between them.
      const [was, is] = [before, event.clientX].map((x) => Math.max(CLOSEST_PX, Math.abs(x - other)));
      act.zoom(was / is, share((before + other) / 2));
      act.pan((before - event.clientX) / 2 / plot().width);
    }
    fingers.set(event.pointerId, event.clientX);
  });

  const lift = (event) => { fingers.delete(event.pointerId); };
  target.addEventListener("pointerup", lift);
  target.addEventListener("pointercancel", lift);
  target.addEventListener("pointerleave", (event) => { act.hover(null); if (!target.hasPointerCapture(event.pointerId)) lift(event); });
  // What ends a drag is no click on what happens to lie under it.
  target.addEventListener("click", (event) => { if (travelled > STILL_PX) { event.stopPropagation(); event.preventDefault(); } travelled = 0; }, true);
}

/** Keys that do the same everywhere on the page, except where somebody types. */
export function keys(table) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input[type=text], textarea, select")) return;
    const act = table[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}
