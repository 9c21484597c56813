// Out again, on a device that others use, too.
import { byId } from "./shared.js";

byId("leave").onclick = async () => {
  const answer = await fetch("/api/logout", { method: "POST" }).catch(() => null);
  if (answer) location.replace("/login");
};
