// Menus of the frame: one open at a time, closed by Escape or a click elsewhere; the bell asks for its list when opened.
const menus = () => [...document.querySelectorAll("details.menu")];

document.addEventListener("click", (event) => menus().forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; }));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  menus().filter((menu) => menu.open).forEach((menu) => { menu.open = false; menu.querySelector("summary").focus(); });
});

const bell = document.querySelector("[data-bell]");
bell?.addEventListener("toggle", async () => {
  if (!bell.open) return;
  const answer = await fetch(bell.dataset.bell, { headers: { "X-Part": "list" }, redirect: "manual" });
  if (answer.ok) bell.querySelector("[data-bell-list]").innerHTML = await answer.text();
});

// Without a connection forms would be lost: say so before somebody sends one.
const tell = () => { document.querySelector("[data-offline]")?.toggleAttribute("hidden", navigator.onLine); };
addEventListener("online", tell);
addEventListener("offline", tell);
tell();

// Consequences are stated before they happen.
document.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
  if (question && !window.confirm(question)) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
}, true);

// `?` shows the keys.
document.addEventListener("keydown", (event) => {
  if (event.key !== "?" || event.target.closest("input, select, textarea, [contenteditable]")) return;
  document.getElementById("keys")?.showModal();
});

document.querySelectorAll("[data-print]").forEach((button) => button.addEventListener("click", () => window.print()));

const places = [...document.querySelectorAll("select[data-places]")];
if (places.length) import("./places.js").then(({ pickers }) => pickers(places));
