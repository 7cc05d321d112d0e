// Visits without a connection: what is typed is put in a queue on this phone and sent when there is one; each entry has the token of its
// form, so that sending it twice is one visit. Everything is deleted once it was received, at sign-out (frame.js), or for another user.
const root = document.querySelector("[data-visits]");
const KEY = "visits:queue", TYPED = "visits:typed", CACHE = "visits";
const who = root.dataset.who;
const read = (key) => JSON.parse(localStorage.getItem(key) ?? "null") ?? { who, entries: {} };
const write = (key, entries) => localStorage.setItem(key, JSON.stringify({ who, entries }));
const forms = [...root.querySelectorAll("form[data-send]")];
const idOf = (form) => form.closest("[data-visit]").dataset.visit;

const wipe = async () => {
  [KEY, TYPED].forEach((key) => localStorage.removeItem(key));
  await caches?.delete(CACHE);
};
if ([KEY, TYPED].some((key) => localStorage.getItem(key) && read(key).who !== who)) await wipe();

// What the page says of itself; the frame's own words about a lost connection do not hold here.
document.querySelector("[data-offline]")?.remove();
const state = root.querySelector("[data-app-state]");
const say = (words, tone = "") => {
  state.className = `notice${tone ? ` notice-${tone}` : ""}`;
  state.querySelector("span").textContent = words;
};

const fields = (form) => [...form.elements].filter((field) => field.name && field.name !== "csrfmiddlewaretoken");
const typed = (form) => fields(form).map((field) => [field.name, field.value]);
const fill = (form, values) => values.forEach(([name, value]) => {
  const field = form.elements.namedItem(name);
  if (field) field.value = value;
});

const show = () => {
  const { entries } = read(KEY);
  const queue = root.querySelector("[data-queue]"), list = root.querySelector("[data-queue-list]");
  queue.hidden = !Object.keys(entries).length;
  root.querySelector("[data-queue-count]").textContent = Object.keys(entries).length;
  list.replaceChildren(...Object.entries(entries).map(([id, entry]) => {
    const line = document.createElement("li"), words = document.createElement("span");
    words.textContent = `${entry.label}　${entry.at} 填`;
    line.append(words);
    if (entry.problem) {
      const problem = Object.assign(document.createElement("p"), { className: "field-error", textContent: entry.problem });
      const drop = Object.assign(document.createElement("button"), { type: "button", className: "btn", textContent: "删去本机这份" });
      drop.addEventListener("click", () => { const now = read(KEY).entries; delete now[id]; write(KEY, now); show(); });
      line.append(problem, drop);
    }
    return line;
  }));
  root.querySelectorAll("[data-visit]").forEach((visit) => { visit.querySelector("[data-waiting]").hidden = !(visit.dataset.visit in entries); });
};

// Into the queue, then out of it if there is a connection.
forms.forEach((form) => {
  const id = idOf(form), kept = read(KEY).entries[id]?.values ?? read(TYPED).entries[id];
  if (kept) fill(form, kept.filter(([name]) => kept === read(KEY).entries[id]?.values || !["form_token", "version"].includes(name)));
  form.addEventListener("input", () => { write(TYPED, { ...read(TYPED).entries, [id]: typed(form) }); });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const at = new Date().toTimeString().slice(0, 5);
    write(KEY, { ...read(KEY).entries, [id]: { url: form.dataset.send, label: form.dataset.label, values: typed(form), at } });
    form.closest("details").open = false;
    show();
    if (navigator.onLine) sync();
    else say(`没有网络：已存在本机，恢复后自动发送（${Object.keys(read(KEY).entries).length} 份）`, "warning");
    state.scrollIntoView({ block: "center" });
  });
});

let busy = false;
const sync = async () => {
  if (busy || !Object.keys(read(KEY).entries).length) return;
  busy = true;
  try {
    say("正在发送…");
    const page = await fetch(root.dataset.scope, { cache: "no-store" });
    if (page.redirected || !page.ok) return say("登录已过期：请重新登录后再发送，填写的还在本机", "warning");
    const token = new DOMParser().parseFromString(await page.text(), "text/html").querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
    let done = 0, refused = 0;
    for (const [id, entry] of Object.entries(read(KEY).entries)) {
      const body = new URLSearchParams([...entry.values, ["csrfmiddlewaretoken", token]]);
      const answer = await fetch(entry.url, { method: "POST", body, redirect: "manual" });
      const told = await answer.json().catch(() => ({ done: false, words: answer.status === 404 ? "这件办件已不在您的辖区内" : "没有发成，请稍后再试" }));
      const entries = read(KEY).entries, drafts = read(TYPED).entries;
      if (told.done) {
        delete entries[id];
        delete drafts[id];
        write(TYPED, drafts);
        root.querySelector(`[data-visit="${id}"]`)?.remove();
        done += 1;
      } else {
        entries[id] = { ...entry, problem: told.words };
        refused += 1;
      }
      write(KEY, entries);
    }
    if (!Object.keys(read(KEY).entries).length) localStorage.removeItem(KEY);
    if (!Object.keys(read(TYPED).entries).length) localStorage.removeItem(TYPED);
    say(refused ? `已发送 ${done} 份；${refused} 份没有收下，原因见下` : `已发送 ${done} 份，本机的已删去`, refused ? "warning" : "success");
    if (done) await (await caches.open(CACHE)).delete(root.dataset.scope).then(() => fetch(root.dataset.scope));
  } catch {
    say("网络断开了：没有发出的还在本机，恢复后自动发送", "warning");
  } finally {
    busy = false;
    show();
  }
};
root.querySelector("[data-sync]").addEventListener("click", sync);
addEventListener("online", sync);
root.querySelector("[data-wipe]").addEventListener("click", async (event) => {
  if (!confirm(event.currentTarget.dataset.confirmWipe)) return;
  await wipe();
  location.reload();
});

show();
try {
  await navigator.serviceWorker.register(root.dataset.worker, { scope: root.dataset.scope });
  await navigator.serviceWorker.ready;
  if (navigator.onLine) await fetch(root.dataset.scope).then(async (page) => {
    if (page.ok && !page.redirected) await (await caches.open(CACHE)).put(root.dataset.scope, page);
  });
  say(navigator.onLine ? "可以离线使用了：没有网络也能打开这一页、填写，恢复后自动发送" : "没有网络：可以填写，恢复后自动发送", navigator.onLine ? "success" : "warning");
} catch {
  say(navigator.onLine ? "这个浏览器不能离线使用，请在有网络时填写" : "没有网络：可以填写，恢复后自动发送", "warning");
}
if (navigator.onLine) await sync();
