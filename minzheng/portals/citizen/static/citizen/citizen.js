// What makes the pages easier with a script; every page works without. Drafts go to the server while somebody types, and into
// this device's storage while there is no network; they leave the device when the server has them, on sending, and on signing out.
const KEPT = "citizen-draft:";

function values(form) {
  const told = new FormData(form);
  for (const name of ["csrfmiddlewaretoken", "form_token"]) told.delete(name);
  return [...told.entries()].filter(([, value]) => typeof value === "string");
}

function answer(form, name) {
  const control = form.elements.namedItem(name);
  return control ? control.value : "";
}

function holds(when, value) {
  if (when.minimum !== null && when.minimum !== undefined) return Number(value) >= when.minimum;
  const said = (wanted) => (typeof wanted === "boolean" ? (wanted ? "1" : "0") : String(wanted));
  return when.among && when.among.length ? when.among.map(said).includes(value) : said(when.equals) === value;
}

function showConditions(form) {
  for (const part of form.querySelectorAll("[data-when]")) {
    const when = JSON.parse(part.dataset.when);
    part.hidden = !holds(when, answer(form, when.field));
  }
  for (const section of form.querySelectorAll("fieldset.card")) { // a part in which nothing is asked is not there
    const asked = [...section.querySelectorAll(".field, .group")];
    if (section.querySelector("[data-when]")) section.hidden = asked.every((part) => part.closest("[data-when]")?.hidden);
  }
}

function restore(form, entries) {
  for (const [name, value] of entries) {
    const control = form.elements.namedItem(name);
    if (!control || name === "for" || control.type === "hidden") continue;
    if (control instanceof RadioNodeList) {
      for (const each of control) if (each.type === "radio" || each.type === "checkbox") each.checked = each.value === value || each.checked;
      if ([...control].some((each) => each.type === "radio")) control.value = value;
    } else if (control.type !== "file") control.value = value;
  }
}

function keepDrafts(form) {
  const address = form.dataset.draft, key = KEPT + form.dataset.item + ":" + form.dataset.for;
  const note = form.querySelector("[data-saved]"), offline = document.querySelector("[data-offline]");
  let waiting = 0, changed = false;
  const left = localStorage.getItem(key);
  if (left) {
    restore(form, JSON.parse(left));
    changed = true;
    note.textContent = "已找回断网时写的内容";
  }
  async function save() {
    if (!changed) return;
    changed = false;
    const told = new FormData(form);
    told.append("item", form.dataset.item);
    told.delete("form_token");
    const kept = JSON.stringify(values(form));
    localStorage.setItem(key, kept);
    try {
      const response = await fetch(address, { method: "POST", body: told, credentials: "same-origin", redirect: "error" });
      if (!response.ok) throw new Error(String(response.status));
      if (localStorage.getItem(key) === kept) localStorage.removeItem(key);
      offline.hidden = true;
      note.textContent = "已自动保存";
    } catch {
      changed = true;
      offline.hidden = navigator.onLine;
      note.textContent = "没连上，内容存在这台手机上，会接着试";
      clearTimeout(waiting);
      waiting = setTimeout(save, 10000);
    }
  }
  const later = () => { changed = true; clearTimeout(waiting); waiting = setTimeout(save, 1500); };
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  addEventListener("online", save);
  addEventListener("pagehide", () => { if (changed) localStorage.setItem(key, JSON.stringify(values(form))); });
  form.addEventListener("submit", (event) => {
    if (!navigator.onLine) {
      event.preventDefault();
      localStorage.setItem(key, JSON.stringify(values(form)));
      offline.hidden = false;
      offline.scrollIntoView({ block: "center" });
      return;
    }
    changed = false;
    clearTimeout(waiting);
    localStorage.removeItem(key);
  });
  if (changed) save();
}

for (const form of document.querySelectorAll("form.upload")) { // chosen is sent: one tap less
  const input = form.querySelector("input[type=file]"), button = form.querySelector("button");
  button.hidden = true;
  input.addEventListener("change", () => { if (input.files.length) form.requestSubmit(button); });
}
for (const form of document.querySelectorAll("form")) {
  if (form.querySelector("[data-when]")) {
    showConditions(form);
    form.addEventListener("change", () => showConditions(form));
  }
  if (form.dataset.draft) keepDrafts(form);
  if (form.dataset.jump) document.getElementById(form.dataset.jump)?.scrollIntoView({ block: "start" });
  if ("forget" in form.dataset) {
    form.addEventListener("submit", () => {
      for (const key of Object.keys(localStorage)) if (key.startsWith(KEPT)) localStorage.removeItem(key);
    });
  }
  form.addEventListener("submit", (event) => { // a second press sends nothing more
    if (event.defaultPrevented) return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
  });
}
addEventListener("pageshow", () => { for (const form of document.querySelectorAll("form")) delete form.dataset.sent; });
addEventListener("offline", () => { if (document.querySelector("form[data-draft]")) document.querySelector("[data-offline]").hidden = false; });
addEventListener("online", () => { const note = document.querySelector("[data-offline]"); if (note) note.hidden = true; });
document.querySelector("[data-focus]")?.focus({ preventScroll: false });
