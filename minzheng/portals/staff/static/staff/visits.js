// Visits without a connection: what is typed is put in a queue on this phone and sent when there is one; each entry has the token of its
// form, so that sending it twice is one visit. Its photographs (visit_photos.js) follow the visit in the order they were taken. Everything
// is deleted once it was received, at sign-out (frame.js), or for another user.
import * as photos from "./visit_photos.js";

const root = document.querySelector("[data-visits]");
const KEY = "visits:queue", TYPED = "visits:typed", CACHE = "visits";
const who = root.dataset.who;
const read = (key) => JSON.parse(localStorage.getItem(key) ?? "null") ?? { who, entries: {} };
const write = (key, entries) => {
  if (!Object.keys(entries).length) return localStorage.removeItem(key);
  return localStorage.setItem(key, JSON.stringify({ who, entries }));
};
const change = (key, id, value) => {
  const { entries } = read(key);
  if (value === undefined) delete entries[id];
  else entries[id] = value;
  write(key, entries);
};
const forms = [...root.querySelectorAll("form[data-send]")];
const idOf = (form) => form.closest("[data-visit]").dataset.visit;
const make = (tag, given) => Object.assign(document.createElement(tag), given);

const wipe = async () => {
  [KEY, TYPED].forEach((key) => localStorage.removeItem(key));
  await photos.wipe();
  await caches?.delete(CACHE);
};
if ([KEY, TYPED].some((key) => localStorage.getItem(key) && read(key).who !== who)) await wipe();
await photos.strangers(who).catch(() => {});

// What the page says of itself; the frame's own words about a lost connection do not hold here.
document.querySelector("[data-offline]")?.remove();
const state = root.querySelector("[data-app-state]");
const say = (words, tone = "") => {
  state.className = `notice${tone ? ` notice-${tone}` : ""}`;
  state.querySelector("span").textContent = words;
};
const FULL = "手机存储满了，刚才填的没有存下：请不要关掉这一页，先删去照片或手机里不用的东西，或到有网络的地方提交";
const kept = (work) => {
  try {
    work();
    return true;
  } catch {
    say(FULL, "error");
    state.scrollIntoView({ block: "center" });
    return false;
  }
};

const ticked = (field) => field.type === "radio" || field.type === "checkbox";
const fields = (form) => [...form.elements].filter((field) => field.name && field.name !== "csrfmiddlewaretoken" && field.type !== "file");
const typed = (form) => fields(form).filter((field) => !ticked(field) || field.checked).map((field) => [field.name, field.value]);
const OWN = new Set(["form_token", "version", "seen"]); // the server's: of what was only typed they are those of the page as it stands
const fill = (form, values, whole) => fields(form).forEach((field) => {
  if (!whole && OWN.has(field.name)) return;
  const mine = values.filter(([name]) => name === field.name).map(([, value]) => value);
  if (ticked(field)) field.checked = mine.includes(field.value);
  else if (mine.length) [field.value] = mine;
});

const show = async () => {
  const { entries } = read(KEY), waiting = await photos.counts(who).catch(() => ({}));
  const lost = Object.entries(waiting).filter(([id]) => !(id in entries) && !root.querySelector(`[data-visit="${id}"]`));
  if (!Object.keys(waiting).length) localStorage.removeItem("visits:photos");
  else kept(() => localStorage.setItem("visits:photos", "1")); // so that signing out asks first (frame.js)
  const queue = root.querySelector("[data-queue]"), list = root.querySelector("[data-queue-list]");
  for (const [id, { label, url }] of lost) entries[id] = { label, photo: url, values: [], at: "", problem: "这一户已不在您的名单里（办结了或转给了别人），照片没有发送" };
  queue.hidden = !Object.keys(entries).length;
  root.querySelector("[data-queue-count]").textContent = Object.keys(entries).length;
  list.replaceChildren(...Object.entries(entries).map(([id, entry]) => line(id, entry, waiting[id]?.count ?? 0)));
  root.querySelectorAll("[data-visit]").forEach((visit) => {
    const id = visit.dataset.visit, tried = Object.values(entries).filter((entry) => entry.of === id).map((entry) => entry.day);
    visit.querySelector("[data-waiting]").hidden = !(id in entries) && !tried.length;
    visit.querySelector("form[data-send]").hidden = Boolean(entries[id]?.received);
    const nobody = visit.querySelector("form[data-attempt]");
    if (!nobody) return;
    nobody.hidden = id in entries; // somebody was met
    nobody.querySelector("[data-attempt-note]").textContent = tried.length ? `${tried.join("、")} 不在家：已存在本机，待发送` : nobody.dataset.noted ? `${nobody.dataset.noted} 不在家：已记入，期限不变` : "";
  });
};
const line = (id, entry, pictures) => {
  const row = make("li"), button = (textContent, work) => {
    const found = make("button", { type: "button", className: "btn", textContent });
    found.addEventListener("click", work);
    row.append(found, " ");
  };
  row.append(make("span", { textContent: `${entry.label}${entry.at ? `　${entry.at} ${entry.of ? "记" : "填"}` : ""}${entry.received ? "，已收到" : ""}${pictures ? `，照片 ${pictures} 张待发送` : ""}` }));
  if (!entry.problem) return row;
  row.append(make("p", { className: "field-error", textContent: entry.problem }));
  const again = (changes) => () => { change(KEY, id, { ...entry, ...changes, problem: "" }); sync(); };
  if (entry.version) button("已看过变化，仍然提交", again({ values: entry.values.map(([name, value]) => [name, name === "version" ? entry.version : value]), version: 0 }));
  if (pictures && !entry.received) button(`只把 ${pictures} 张照片存入家庭档案`, again({ received: true }));
  button("删去本机这份", async () => {
    if (!confirm("删去后找不回来。确定删去？")) return;
    await photos.forget(who, id);
    change(KEY, id);
    change(TYPED, id);
    await show();
  });
  return row;
};

// Photographs of a form: kept at once, so that closing the page loses none; shown small, each with a way to take it back.
const album = (form) => {
  const box = form.querySelector("[data-photos]");
  if (!box) return { settled: async () => {} };
  const id = idOf(form), input = box.querySelector("input"), list = box.querySelector("[data-photo-list]"), note = box.querySelector("[data-photo-note]");
  let work = Promise.resolve();
  const draw = async () => {
    const found = await photos.of(who, id);
    list.replaceChildren(...(await Promise.all(found.map(async (photo, at) => {
      const row = make("li"), canvas = make("canvas"), drop = make("button", { type: "button", className: "btn", textContent: `删去第 ${at + 1} 张` });
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", `第 ${at + 1} 张照片`);
      photos.drawn(await createImageBitmap(photo.blob), canvas, 240);
      drop.addEventListener("click", async () => { await photos.remove(photo.id); await draw(); });
      row.append(canvas, drop);
      return row;
    }))));
    note.textContent = found.length ? `${found.length} 张已存在本机，随这一户一起发送（最多 ${photos.MOST} 张）` : "";
  };
  input.addEventListener("change", () => {
    const chosen = [...input.files];
    input.value = "";
    work = work.then(async () => {
      note.className = "soft small";
      note.textContent = "正在存照片…";
      try {
        for (const file of chosen) await photos.keep({ who, visit: id, url: form.dataset.photo, label: form.dataset.label }, file);
        await draw();
      } catch (problem) {
        await draw().catch(() => {});
        note.className = "field-error";
        note.textContent = problem instanceof photos.PhotoProblem ? problem.message : "这个浏览器不能存照片：请到有网络的地方，从家庭档案上传";
      }
    });
  });
  draw().catch(() => { box.hidden = true; });
  return { settled: () => work };
};

// Into the queue, then out of it if there is a connection.
const now = () => new Date().toTimeString().slice(0, 5);
const enqueue = async (form, id, entry) => {
  if (!kept(() => change(KEY, id, entry))) return;
  form.closest("details").open = false;
  await show();
  if (navigator.onLine) sync();
  else say(`没有网络：已存在本机，恢复后自动发送（${Object.keys(read(KEY).entries).length} 份）`, "warning");
  state.scrollIntoView({ block: "center" });
};
forms.forEach((form) => {
  const id = idOf(form), queued = read(KEY).entries[id]?.values, before = queued ?? read(TYPED).entries[id], pictures = album(form);
  if (before) fill(form, before, Boolean(queued));
  form.addEventListener("input", (event) => { if (event.target.type !== "file") kept(() => change(TYPED, id, typed(form))); });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await pictures.settled();
    const entry = { url: form.dataset.send, photo: form.dataset.photo ?? "", label: form.dataset.label, values: typed(form), at: now() };
    await enqueue(form, id, entry);
  });
});

// Nobody at home: into the same queue, before a visit that follows. The day is that of the tap: the server's date when it made the page, and
// the days that this phone counts since then (the page may have been kept overnight).
const today = () => {
  const midnight = (time) => Date.UTC(time.getFullYear(), time.getMonth(), time.getDate());
  const passed = midnight(new Date()) - midnight(new Date(root.dataset.made * 1000));
  return new Date(Date.parse(root.dataset.day) + Math.max(0, passed)).toISOString().slice(0, 10);
};
root.querySelectorAll("form[data-attempt]").forEach((form) => form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const of = idOf(form), day = today();
  const entry = { of, day, url: form.dataset.attempt, label: `${form.dataset.label}　不在家 ${day}`, values: [...fields(form).map((field) => [field.name, field.value]), ["attempted_on", day]], at: now() };
  await enqueue(form, `${of}/${day}`, entry);
}));

const GONE = { 404: "这一户已不在您的辖区内", 403: "您现在不能办这一户" };
const told = async (answer) => answer.json().catch(() => ({ done: false, words: GONE[answer.status] ?? "没有发成，请稍后再试" }));
const post = (url, body) => fetch(url, { method: "POST", body, redirect: "manual" });

// One entry: the visit, then its photographs; each step is written down before the next, so that a lost connection goes on where it was.
const send = async (id, token) => {
  let entry = read(KEY).entries[id];
  if (!entry.received) {
    const answer = await told(await post(entry.url, new URLSearchParams([...entry.values, ["csrfmiddlewaretoken", token]])));
    if (!answer.done) {
      change(KEY, id, { ...entry, problem: answer.words, version: answer.version ?? 0 });
      return false;
    }
    entry = { ...entry, received: true, problem: "" };
    change(KEY, id, entry);
    change(TYPED, id);
  }
  for (const photo of await photos.of(who, id)) {
    const body = new FormData();
    body.append("csrfmiddlewaretoken", token);
    body.append("photo", photo.blob, "photo.jpg");
    const answer = await told(await post(entry.photo, body));
    if (!answer.done) {
      change(KEY, id, { ...entry, problem: `入户已收到，照片没有：${answer.words}` });
      return false;
    }
    await photos.remove(photo.id);
  }
  change(KEY, id);
  if (entry.of) root.querySelector(`[data-visit="${entry.of}"] form[data-attempt]`)?.setAttribute("data-noted", entry.day);
  else root.querySelector(`[data-visit="${id}"]`)?.remove();
  return true;
};
const sendAll = async () => {
  if (!Object.keys(read(KEY).entries).length) return;
  try {
    say("正在发送…");
    const page = await fetch(root.dataset.scope, { cache: "no-store" });
    if (page.redirected || !page.ok) {
      say("登录已过期：请重新登录后再发送，填写的还在本机", "warning");
      return;
    }
    const token = new DOMParser().parseFromString(await page.text(), "text/html").querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
    let done = 0, refused = 0;
    for (const id of Object.keys(read(KEY).entries)) {
      if (await send(id, token)) done += 1;
      else refused += 1;
      await show();
    }
    say(refused ? `已发送 ${done} 份；${refused} 份没有收下，原因见下` : `已发送 ${done} 份，本机的已删去`, refused ? "warning" : "success");
    if (done) await (await caches.open(CACHE)).delete(root.dataset.scope).then(() => fetch(root.dataset.scope));
  } catch {
    say("网络断开了：没有发出的还在本机，恢复后自动发送", "warning");
  } finally {
    await show();
  }
};
// One at a time, also over several tabs.
let running = Promise.resolve();
const sync = () => {
  running = running.then(() => (navigator.locks ? navigator.locks.request("visits", sendAll) : sendAll()));
  return running;
};
root.querySelector("[data-sync]").addEventListener("click", sync);
addEventListener("online", sync);
root.querySelector("[data-wipe]").addEventListener("click", async (event) => {
  if (!confirm(event.currentTarget.dataset.confirmWipe)) return;
  await wipe();
  location.reload();
});

await show();
try {
  await navigator.serviceWorker.register(root.dataset.worker, { scope: root.dataset.scope });
  await navigator.serviceWorker.ready;
  await navigator.storage?.persist?.(); // so that the browser does not make room with what waits here
  if (navigator.onLine) await fetch(root.dataset.scope).then(async (page) => {
    if (page.ok && !page.redirected) await (await caches.open(CACHE)).put(root.dataset.scope, page);
  });
  say(navigator.onLine ? "可以离线使用了：没有网络也能打开这一页、填写、拍照，恢复后自动发送" : "没有网络：可以填写、拍照，恢复后自动发送", navigator.onLine ? "success" : "warning");
} catch {
  say(navigator.onLine ? "这个浏览器不能离线使用，请在有网络时填写" : "没有网络：可以填写，恢复后自动发送", "warning");
}
if (navigator.onLine) await sync();
