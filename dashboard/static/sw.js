// Keeps one page for when there is no connection: it says that nothing is watched from here. Nothing else is kept;
// an old picture of a night would be taken for how things stand.

const KEPT = "crampwatch-1";
const OFFLINE = "/offline";
const SHELL = [OFFLINE, "/static/crampwatch.css", "/static/icon.svg", "/static/menu.js", "/static/shared.js", "/static/vendor/uPlot.min.css"];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll(SHELL)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const others = (names) => names.filter((name) => name !== KEPT).map((name) => caches.delete(name));
  event.waitUntil(caches.keys().then((names) => Promise.all(others(names))));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode === "navigate") event.respondWith(fetch(request).catch(() => caches.match(OFFLINE)));
  else if (SHELL.includes(new URL(request.url).pathname)) event.respondWith(fetch(request).catch(() => caches.match(request)));
});
