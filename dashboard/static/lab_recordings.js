// What may be looked through: a night, or a file that is sent as it is, with how far it has come.
import { byId, post, say, setText } from "./shared.js";

const open = (id) => { location.href = `/lab/recordings/${id}`; };

byId("open-night")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const answer = await post("/api/lab/nights", { name: byId("night").value });
  if (answer.ok) open((await answer.json()).id);
  else setText("shelf-said", await answer.text());
});

byId("open-file").addEventListener("submit", (event) => {
  event.preventDefault();
  const [file] = byId("file").files;
  // A fetch does not tell how far it is.
  const request = new XMLHttpRequest();
  request.open("POST", `/api/lab/recordings?${new URLSearchParams({ name: file.name })}`);
  request.upload.onprogress = ({ loaded, total }) => {
    byId("sending").value = loaded / total;
    setText("shelf-said", say("sending_file", { share: Math.floor((100 * loaded) / total) }));
  };
  request.onloadend = () => {
    byId("sending").hidden = true;
    let told = {};
    try { told = JSON.parse(request.responseText); } catch { told = { why: request.responseText || say("no_room", { why: request.status }) }; }
    if (told.id) open(told.id);
    else setText("shelf-said", told.why);
  };
  byId("sending").hidden = false;
  request.send(file);
});
