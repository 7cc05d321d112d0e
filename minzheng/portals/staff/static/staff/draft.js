// What is typed at the door outlives a reload, a photograph taken in between and a lost connection. It is kept in this tab
// only (nothing personal stays on a shared phone), until it was received or one signs out.
const form = document.querySelector("form[data-draft]");
const key = `draft:${form.dataset.draft}`;
const OWN = new Set(["csrfmiddlewaretoken", "form_token", "version", "seen"]); // the server's, not the writer's

const fields = () => [...form.elements].filter((field) => field.name && !OWN.has(field.name));
const ticked = (field) => field.type === "radio" || field.type === "checkbox";
const keep = () => {
  const typed = fields().filter((field) => !ticked(field) || field.checked).map((field) => [field.name, field.value]);
  sessionStorage.setItem(key, JSON.stringify(typed));
};

const kept = JSON.parse(sessionStorage.getItem(key) ?? "null");
if (kept && !("answered" in form.dataset)) {
  fields().forEach((field) => {
    if (ticked(field)) field.checked = kept.some(([name, value]) => name === field.name && value === field.value);
    else field.value = kept.find(([name]) => name === field.name)?.[1] ?? field.value;
  });
}
form.addEventListener("input", keep);
form.addEventListener("submit", (event) => {
  if (navigator.onLine) return;
  event.preventDefault();
  keep();
  document.querySelector("[data-offline]").scrollIntoView({ block: "center" });
});
