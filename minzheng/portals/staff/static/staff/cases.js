// Fields that are asked only on a condition show when it holds. Without this script they all show and say when they are meant.
const form = document.querySelector("form[data-conditions]");
const shown = [...form.querySelectorAll("[data-show]")].map((box) => ({ box, when: JSON.parse(box.dataset.show) }));
const holds = ({ field, values, minimum }) => {
  const value = form.elements.namedItem(field)?.value ?? "";
  return minimum === null ? values.includes(value) : Number(value) >= minimum;
};
const apply = () => shown.forEach(({ box, when }) => { box.hidden = !holds(when); });
form.addEventListener("input", apply);
apply();
setTimeout(apply); // once a draft was put back
