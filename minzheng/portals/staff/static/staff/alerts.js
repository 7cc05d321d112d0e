// Choosing alerts to hand over: the box in the head chooses the page, `x` the row under the cursor; the button counts.
const boxes = () => [...document.querySelectorAll("[data-choose]:not(:disabled)")];
const all = document.querySelector("[data-choose-all]");
const counter = document.querySelector("[data-chosen]");

function count() {
  const chosen = boxes().filter((box) => box.checked).length;
  counter.textContent = chosen ? ` ${chosen} 件` : "";
  all.checked = chosen > 0 && chosen === boxes().length;
  all.indeterminate = chosen > 0 && !all.checked;
}

if (all && counter) {
  all.addEventListener("change", () => { boxes().forEach((box) => { box.checked = all.checked; }); count(); });
  document.addEventListener("change", (event) => { if (event.target.matches("[data-choose]")) count(); });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "x" || event.target.closest("input:not([type=checkbox]), select, textarea")) return;
    const box = document.querySelector("tr.current [data-choose]");
    if (box) { box.checked = !box.checked; count(); }
  });
  addEventListener("pageshow", count);
}
