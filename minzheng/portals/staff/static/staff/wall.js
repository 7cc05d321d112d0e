// 大屏: the clock goes on between two fetches; when the server does not answer the wall says so by its frame.
const wall = document.getElementById("wall");
const tick = () => {
  const shown = wall.querySelector("[data-clock]");
  if (shown) shown.textContent = new Date().toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });
};
setInterval(tick, 1000);
document.body.addEventListener("htmx:afterRequest", ({ detail }) => wall.classList.toggle("is-stale", !detail.successful));
document.body.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.xhr.responseURL && !detail.xhr.responseURL.endsWith("/plan/wall/figures/")) location.reload(); // the session ended: sign in again
});
