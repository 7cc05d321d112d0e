// Keeps the page of the visits, and nothing else of the portal, for use without a connection. One page, wiped by visits.js.
const CACHE = "visits";
const PAGE = "{{ page }}";
const ASSETS = [{% for asset in assets %}"{{ asset }}", {% endfor %}];

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(CACHE);
    await Promise.all(ASSETS.map(async (asset) => {
      const answer = await fetch(asset);
      if (answer.ok) await cache.put(asset, answer);
    }));
    await self.skipWaiting();
  })());
});
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

// The page: from the server if it answers, and then kept; else the one that was kept. The rest of the page likewise; what is not listed
// is never kept.
const fresh = async (request, key) => {
  const cache = await caches.open(CACHE);
  try {
    const answer = await fetch(request);
    if (answer.ok && !answer.redirected) await cache.put(key, answer.clone());
    return answer;
  } catch (failure) {
    const kept = await cache.match(key);
    if (kept) return kept;
    throw failure;
  }
};
self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.origin !== location.origin) return;
  if (address.pathname === PAGE) event.respondWith(fresh(event.request, PAGE));
  else if (ASSETS.includes(address.pathname)) event.respondWith(fresh(event.request, address.pathname));
});
