// The list under the search box: asks the server a moment after the last key, arrows move, Enter opens, Escape closes.
// Without this file the form leads to the search page.
const WAIT = 140; // milliseconds after the last key
const input = document.querySelector("[data-key-search]");
const list = document.getElementById("search-list");

if (input && list) {
  const form = input.form;
  let timer, asked, active = -1;

  const options = () => [...list.querySelectorAll("[role=option]")];

  const mark = (place) => {
    const all = options();
    all[active]?.setAttribute("aria-selected", "false");
    active = all.length && place >= 0 ? place % all.length : place < -1 ? all.length - 1 : -1;
    const chosen = all[active];
    if (chosen) {
      chosen.setAttribute("aria-selected", "true");
      chosen.scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", chosen.id);
    } else input.removeAttribute("aria-activedescendant");
  };

  const show = (visible) => {
    list.hidden = !visible;
    input.setAttribute("aria-expanded", String(visible));
    mark(-1);
  };

  // One Chinese character or two letters or digits are enough; of digits four, as an ID number's end has.
  const enough = (text) => /[^\x00-\x7f]/.test(text) || (/^\d+$/.test(text) ? text.length >= 4 : text.length >= 2);

  const close = () => {
    clearTimeout(timer);
    asked?.abort();
    show(false);
  };

  const ask = async () => {
    asked?.abort();
    if (!enough(input.value.trim())) return show(false);
    const mine = (asked = new AbortController());
    try {
      const answer = await fetch(form.action, {
        method: "POST", body: new FormData(form), headers: { "X-Part": "list" }, signal: mine.signal, redirect: "manual",
      });
      if (!answer.ok) return show(false); // signed out meanwhile: Enter leads to the page that says so
      list.innerHTML = await answer.text();
      if (mine === asked && form.contains(document.activeElement)) show(list.textContent.trim() !== "");
    } catch (error) {
      if (error.name !== "AbortError") show(false);
    }
  };

  const soon = () => {
    mark(-1); // what was chosen belongs to what was typed before: Enter must not open it
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  };

  const open = (option) => {
    if (!option.dataset.search) return;
    input.value = option.dataset.search;
    input.focus();
    ask();
  };

  input.addEventListener("input", (event) => {
    if (!event.isComposing) soon();
  });
  input.addEventListener("compositionend", soon);
  input.addEventListener("focus", () => {
    if (input.value && list.hidden) soon();
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return; // choosing characters of an input method
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (list.hidden) return soon();
      mark(event.key === "ArrowDown" ? active + 1 : active < 0 ? -2 : active - 1);
      event.preventDefault();
    } else if (event.key === "Enter" && active >= 0) {
      options()[active].click();
      event.preventDefault();
    } else if (event.key === "Enter") {
      close(); // the form goes to the page of results
    } else if (event.key === "Escape" && !list.hidden) {
      close();
      event.preventDefault(); // the first Escape closes the list, the second empties the field
    }
  });
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[data-search]");
    if (!option) return;
    event.preventDefault();
    open(option);
  });
  document.addEventListener("click", (event) => {
    if (!form.contains(event.target)) close();
  });
  form.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !form.contains(event.relatedTarget)) close();
  });
}
