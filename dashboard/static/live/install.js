// As an app on a phone, where the browser permits: over a secure connection alone, and that is said.
import { byId, say } from "../shared.js";

const WORKER = "/sw.js";

/** Keep the shell for when there is no connection, and offer to be installed. */
export async function install() {
  if (!("serviceWorker" in navigator)) {
    byId("reach").hidden = false;
    byId("reach").textContent = say("not_installable");
    return;
  }
  // The browser takes an address of a script only from a policy that vouches for it.
  const policy = window.trustedTypes?.createPolicy("crampwatch", { createScriptURL: (url) => (url === WORKER ? url : "") });
  await navigator.serviceWorker.register(policy ? policy.createScriptURL(WORKER) : WORKER);
}

addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  byId("install").hidden = false;
  byId("install").onclick = () => { byId("install").hidden = true; event.prompt(); };
});
