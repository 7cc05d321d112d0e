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

// Something consequential states what will happen and waits for a yes: data-confirm on a button or a form.
const dialog = document.getElementById("confirm");
document.addEventListener("submit", (event) => {
  const form = event.target;
  const button = event.submitter;
  const consequence = button?.dataset.confirm ?? form.dataset.confirm;
  if (!consequence || !dialog) return;
  if (form.dataset.confirmed) {
    delete form.dataset.confirmed;
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  dialog.querySelector("#confirm-text").textContent = consequence;
  dialog.querySelector("[data-yes]").textContent = button?.textContent.trim() || "确定";
  dialog.returnValue = "no";
  dialog.onclose = () => {
    if (dialog.returnValue !== "yes") return;
    form.dataset.confirmed = "1";
    form.requestSubmit(button);
  };
  dialog.showModal();
}, true);

// `?` shows the keys.
const showKeys = () => document.getElementById("keys")?.showModal();
document.addEventListener("keydown", (event) => {
  if (event.key === "?" && !event.target.closest("input, select, textarea, [contenteditable], dialog")) showKeys();
});
document.querySelectorAll("[data-show-keys]").forEach((button) => button.addEventListener("click", showKeys));

// Folded groups of the rail stay folded on this device; the server reads the cookie, so nothing jumps.
const groups = [...document.querySelectorAll("details[data-group]")];
groups.forEach((group) => group.addEventListener("toggle", () => {
  const closed = groups.filter((one) => !one.open).map((one) => one.dataset.group).join("|");
  document.cookie = `rail_closed=${encodeURIComponent(closed)}; path=/; max-age=31536000; samesite=lax`;
}));

// Drafts (draft.js) have done their work once something was received, and belong to nobody after signing out.
const forget = () => Object.keys(sessionStorage).filter((key) => key.startsWith("draft:")).forEach((key) => sessionStorage.removeItem(key));
if (document.querySelector(".notice-success")) forget();
document.querySelector("[data-sign-out]")?.addEventListener("submit", (event) => {
  const unsent = localStorage.getItem("visits:queue") || localStorage.getItem("visits:photos"); // visits.js
  if (unsent && !confirm("本机还有没发出的入户登记或照片，退出后会删去，找不回来。请先到“入户”里发送。仍要退出？")) {
    event.preventDefault();
    return;
  }
  sessionStorage.clear();
  Object.keys(localStorage).filter((key) => key.startsWith("visits:")).forEach((key) => localStorage.removeItem(key));
  globalThis.caches?.delete("visits");
  globalThis.indexedDB?.deleteDatabase("visits");
});

// On a phone the conditions of a list fold away behind one button, so that the list is seen first.
const conditions = document.querySelector("form.filters[data-fold]");
if (conditions && matchMedia("(max-width: 767px)").matches) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "btn", textContent: conditions.dataset.fold });
  button.addEventListener("click", () => {
    conditions.classList.remove("is-folded");
    button.remove();
    conditions.querySelector("select, input:not([type=hidden])").focus();
  });
  conditions.classList.add("is-folded");
  conditions.append(button);
}

// The way back leads to the list as it was left, with its filters; remembered in this tab only.
const remembered = (path) => `list:${path}`;
if (document.querySelector("[data-remember]")) sessionStorage.setItem(remembered(location.pathname), location.search);
document.querySelectorAll("a.back").forEach((link) => {
  if (!link.search) link.search = sessionStorage.getItem(remembered(link.pathname)) ?? "";
});

document.querySelectorAll("[data-print]").forEach((button) => button.addEventListener("click", () => window.print()));

const places = [...document.querySelectorAll("select[data-places]")];
if (places.length) import("./places.js").then(({ pickers }) => pickers(places));
