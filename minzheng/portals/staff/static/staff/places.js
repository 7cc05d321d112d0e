// Drop-downs of places: what is typed is searched on the server. Loaded only by pages that have one.
const sheet = document.createElement("link");
sheet.rel = "stylesheet";
sheet.href = new URL("places.css", import.meta.url).href;

const loaded = (element) => new Promise((done, failed) => {
  element.onload = done;
  element.onerror = failed;
  document.head.append(element);
});

async function search(address, typed) {
  const url = new URL(address, location.href);
  url.searchParams.set("q", typed);
  const answer = await fetch(url, { headers: { Accept: "application/json" } });
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
  const { places, more } = await answer.json();
  return more ? [...places, { value: "more", label: "还有更多，请再多输入几个字", disabled: true }] : places;
}

const line = (words, name) => {
  const made = document.createElement("div");
  made.className = name;
  made.textContent = words;
  return made;
};

function picker(select) {
  const first = [...select.options].map((option) => ({ value: option.value, label: option.text }));
  const keepChosen = (option) => option.value === widget.getValue();
  const widget = new window.TomSelect(select, {
    valueField: "value",
    labelField: "label",
    searchField: ["label"],
    maxOptions: 60,
    loadThrottle: 150,
    allowEmptyOption: true,
    // The server has sorted them; what is chosen already does not stand in the way of what was looked for.
    score: (typed) => (option) => Number(!(typed.trim() && keepChosen(option))),
    shouldLoad: (typed) => typed.trim().length > 0,
    load(typed, done) {
      widget.clearOptions(keepChosen);
      search(select.dataset.places, typed).then(done, () => done());
    },
    onDropdownClose() {
      widget.setTextboxValue("");
      widget.clearOptions(keepChosen);
      widget.addOptions(first);
      widget.refreshOptions(false);
    },
    render: {
      option: (data) => line(data.label, data.disabled ? "place-note" : "place-option"),
      item: (data) => line(data.label.trim(), "place-item"),
      no_results: () => line("没有这样的地名：可输入名称、拼音首字母或区划代码", "place-note"),
      loading: () => line("正在查找…", "place-note"),
    },
  });
  select.setAttribute("aria-hidden", "true"); // the field that is typed into stands for it, under its label
}

export async function pickers(selects) {
  const script = Object.assign(document.createElement("script"), { src: selects[0].dataset.vendor });
  await Promise.all([loaded(script), loaded(sheet)]);
  selects.forEach(picker);
}
