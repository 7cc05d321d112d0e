// Niceties of registers; every page works without this file.

// On a phone the filters fold away behind one button, so that the list is seen first.
const filters = document.querySelector(".filters");
if (filters && matchMedia("(max-width: 767px)").matches && !filters.querySelector(".has-error")) {
  const hidden = filters.querySelectorAll(".filter:not(.wide)");
  if (hidden.length > 1) {
    filters.dataset.folded = "1";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn";
    button.textContent = "更多条件";
    button.addEventListener("click", () => {
      delete filters.dataset.folded;
      button.remove();
      hidden[0].querySelector("select, input")?.focus();
    });
    filters.querySelector(".filter-buttons").prepend(button);
  }
}

// Choosing columns is one step: the list comes anew when "应用" is pressed, not at every tick.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-column], #f-size")) event.stopImmediatePropagation();
}, true);

// Empty fields stay out of the address.
filters?.addEventListener("submit", () => {
  for (const field of filters.querySelectorAll("input:not([type=checkbox]), select")) if (!field.value) field.disabled = true;
});
addEventListener("pageshow", () => filters?.querySelectorAll(":disabled").forEach((field) => { field.disabled = false; }));

// A pop-up opens to the side on which there is room.
document.addEventListener("toggle", (event) => {
  const pop = event.target;
  if (pop.matches?.("details.pop")) pop.classList.toggle("to-right", pop.getBoundingClientRect().left < 480);
}, true);

// A pop-up closes with Escape or a click beside it.
const pops = () => document.querySelectorAll("details.pop[open]");
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") pops().forEach((pop) => { pop.open = false; pop.querySelector("summary").focus(); });
});
document.addEventListener("click", (event) => pops().forEach((pop) => { if (!pop.contains(event.target)) pop.open = false; }));

// How far an export is, asked for while one is at work.
async function follow() {
  const panel = document.querySelector("#exports[data-working]");
  if (!panel) return;
  await new Promise((done) => setTimeout(done, 1000));
  const answer = await fetch(location.href, { headers: { "X-Requested-With": "fetch" } });
  if (!answer.ok || answer.redirected) return location.reload();
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("#exports");
  panel.replaceWith(document.importNode(fresh, true));
  follow();
}
follow();
