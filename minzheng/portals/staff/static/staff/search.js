// The list under the search box: asks the server a moment after the last key, arrows move, Enter opens, Escape closes.
// Without this file the form leads to the search page.
const WAIT = 140; // milliseconds after the last key
const input = document.querySelector("[data-key-search]");
const list = document.getElementById("search-list");

if (input && list) {
  const form = input.form;
  let timer, asked, active = -1;

  const options = () => [...list.querySelectorAll("[role=option]")];

  const show = (visible) => {
    list.hidden = !visible;
    input.setAttribute("aria-expanded", String(visible));
    if (!visible) mark(-1);
  };

  const mark = (place) => {
    const all = options();
    all[active]?.setAttribute("aria-selected", "false");
    active = all.length ? Math.max(-1, Math.min(place, all.length - 1)) : -1;
    const chosen = all[active];
    chosen?.setAttribute("aria-selected", "true");
    chosen?.scrollIntoView({ block: "nearest" });
    if (chosen) input.setAttribute("aria-activedescendant", chosen.id);
    else input.removeAttribute("aria-activedescendant");
  };

  const ask = async () => {
    const text = input.value.trim();
    if (!text || (text.length < 2 && /^[\x00-\x7f]*$/.test(text))) return show(false);
    asked?.abort();
    asked = new AbortController();
    try {
      const answer = await fetch(form.action, {
        method: "POST", body: new FormData(form), headers: { "X-Part": "list" }, signal: asked.signal, redirect: "manual",
      });
      if (!answer.ok) return show(false);
      list.innerHTML = await answer.text();
      show(list.textContent.trim() !== "");
    } catch (error) {
      if (error.name !== "AbortError") show(false);
    }
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return; // choosing characters of an input method
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (list.hidden) return;
      mark(active + (event.key === "ArrowDown" ? 1 : -1));
      event.preventDefault();
    } else if (event.key === "Enter" && active >= 0) {
      options()[active].querySelector("a").click();
      event.preventDefault();
    } else if (event.key === "Escape") {
      show(false);
    }
  });
  document.addEventListener("click", (event) => {
    if (!form.contains(event.target)) show(false);
  });
}
