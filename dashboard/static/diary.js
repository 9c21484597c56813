// The evening diary: kept as it is answered, undone with one press; and a timer for the stretch.
import { byId, post, say } from "./shared.js";

const HOLD_S = 10, REST_S = 5, HOLDS = 6;

const given = (form) => {
  const answers = {};
  for (const asked of form.querySelectorAll(".asked")) answers[asked.dataset.key] = asked.querySelector("input:checked")?.value ?? "";
  return answers;
};

async function send(address, body, said, done) {
  try {
    const answer = await post(address, body);
    const told = await answer.json();
    said.textContent = answer.ok ? done : say("diary_lost", { why: told.why });
    return answer.ok ? told.answers : null;
  } catch (error) {
    said.textContent = say("diary_lost", { why: error.message });
    return null;
  }
}

const evening = byId("evening"), profile = byId("profile");

evening.onsubmit = (event) => {
  event.preventDefault();
  send(`/api/diary/${evening.dataset.day}`, { ...given(evening), note: byId("note").value }, byId("evening-said"), say("diary_kept"));
};

byId("undo").onclick = async () => {
  const answers = await send(`/api/diary/${evening.dataset.day}/undo`, {}, byId("evening-said"), say("diary_undone"));
  if (!answers) return;
  for (const asked of evening.querySelectorAll(".asked")) asked.querySelector(`input[value="${answers[asked.dataset.key] ?? ""}"]`).checked = true;
  byId("note").value = answers.note ?? "";
};

byId("day").onchange = () => { location.search = `?date=${byId("day").value}`; };

const lasting = (trial) => ({ ...given(profile), medicines: byId("medicines").value.split("\n"), ...(trial ? { stretch_trial: trial } : {}) });

profile.onsubmit = (event) => {
  event.preventDefault();
  send("/api/profile", lasting(profile.dataset.trial), byId("profile-said"), say("diary_kept"));
};

byId("trial").onclick = async () => {
  const trial = profile.dataset.trial ? "" : evening.dataset.day;
  if (await send("/api/profile", lasting(trial), byId("profile-said"), say("diary_kept"))) location.reload();
};

let turn = null;
byId("stretch").onclick = () => {
  clearInterval(turn);
  let left = HOLDS * (HOLD_S + REST_S) - REST_S;
  const tell = () => {
    // Counted from the end: hold, rest, hold …
    const within = left % (HOLD_S + REST_S);
    byId("stretch-said").textContent = left <= 0 ? say("stretch_done") : within > HOLD_S || within === 0 ? say("stretch_rest", { seconds: within === 0 ? REST_S : within - HOLD_S }) : say("stretch_hold", { seconds: within });
    if (left <= 0) clearInterval(turn);
    left -= 1;
  };
  tell();
  turn = setInterval(tell, 1000);
};
