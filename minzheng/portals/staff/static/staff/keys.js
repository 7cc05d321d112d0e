// Niceties only; every page works without this file.
// j / k move through a list, Enter opens, / goes to the search, e goes to the action of the page.
const rows = () => [...document.querySelectorAll("[data-row]")];
let at = -1;

function move(step) {
  const all = rows();
  if (!all.length) return;
  all[at]?.classList.remove("current");
  at = Math.min(Math.max(at + step, 0), all.length - 1);
  all[at].classList.add("current");
  const link = all[at].querySelector("a");
  link.focus({ preventScroll: true });
  all[at].scrollIntoView({ block: "nearest" });
}

const typing = (target) => target.closest("input, select, textarea, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const goes = { j: () => move(1), k: () => move(-1) };
  const places = { "/": "[data-key-search], [data-key-filter]", e: "[data-key-act]" };
  if (goes[event.key]) goes[event.key]();
  else if (places[event.key]) document.querySelector(places[event.key])?.focus();
  else return;
  event.preventDefault();
});

// A whole row is a target for the mouse; the link in it stays the target for keyboard and reader.
document.addEventListener("click", (event) => {
  const row = event.target.closest("tr[data-row]");
  if (row && !event.target.closest("a, button, summary, label") && !String(getSelection())) row.querySelector("a").click();
});

// Filters apply when changed; without this the button does it.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-apply] select, [data-apply] input[type=checkbox], [data-apply] input[type=date]")) event.target.form.requestSubmit();
});

// One press is one submission; the server holds to that by the form token anyway.
const sent = new Map();
document.addEventListener("submit", (event) => {
  const form = event.target;
  const button = event.submitter?.matches("[data-once]") ? event.submitter : form.querySelector("button[data-once]");
  if (!button || event.defaultPrevented) return;
  if (sent.has(form)) return event.preventDefault();
  sent.set(form, { button, was: [...button.childNodes] });
  button.replaceChildren(button.dataset.once);
});
// Back to a page that the browser kept: its forms can be sent again, the server knows which were.
addEventListener("pageshow", () => {
  sent.forEach(({ button, was }) => button.replaceChildren(...was));
  sent.clear();
});
