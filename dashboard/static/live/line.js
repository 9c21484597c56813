// The line to the base station: opened again for as long as the page is.

const RECONNECT_MS = 1000;
// The base station speaks every second; after this much silence a page says that it is alone.
export const STALE_S = 5;
export const alive = () => performance.now() / 1000;

/** Hear everything; `hear` is given bytes, or what an object says. */
export function connect(hear) {
  const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/live`);
  socket.binaryType = "arraybuffer";
  socket.onmessage = ({ data }) => hear(typeof data === "string" ? JSON.parse(data) : data);
  socket.onclose = () => setTimeout(connect, RECONNECT_MS, hear);
}
