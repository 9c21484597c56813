// The list of pages, folded away where there is little room or where nothing should shine.
import { byId } from "./shared.js";

const button = byId("menu"), pages = byId("pages");
button.hidden = false;
document.body.dataset.menu = "folded";

function fold(isOpen) {
  button.setAttribute("aria-expanded", String(isOpen));
  document.body.dataset.menu = isOpen ? "open" : "folded";
}

button.onclick = () => fold(button.getAttribute("aria-expanded") !== "true");
addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || document.body.dataset.menu !== "open") return;
  fold(false);
  button.focus();
});
pages.addEventListener("focusin", () => { if (getComputedStyle(button).display !== "none") fold(true); });
