// The doors: name and password, or an invitation's link.
import { byId, post, say } from "./shared.js";

const asked = new URLSearchParams(location.search);

/** Where to go once inside: what was asked for before, if it is a page of ours. */
function onward(home) {
  const wanted = new URL(asked.get("next") ?? home, location.origin);
  location.replace(wanted.origin === location.origin && wanted.pathname !== "/login" ? wanted.pathname : home);
}

async function comeIn(address, said) {
  byId("why").textContent = "";
  byId("go").disabled = true;
  try {
    const answer = await post(address, said);
    const told = await answer.json();
    if (answer.ok) return onward(told.home);
    byId("why").textContent = told.why;
  } catch {
    byId("why").textContent = say("login_lost");
  }
  byId("go").disabled = false;
}

function onSubmit(form, act) {
  if (form) form.onsubmit = (event) => { event.preventDefault(); act(); };
}

onSubmit(byId("login"), () => comeIn("/api/login", { name: byId("name").value, password: byId("password").value }));
const token = asked.get("token");
onSubmit(byId("welcome"), () => comeIn("/api/welcome", { token }));
if (byId("welcome") && !token) {
  byId("why").textContent = say("welcome_none");
  byId("go").disabled = true;
}

// A link from elsewhere comes without the cookie of somebody who is in already; this request has it.
if (byId("login") && asked.has("next")) {
  const known = await fetch("/api/visitor").catch(() => null);
  if (known?.ok) onward((await known.json()).home);
}
