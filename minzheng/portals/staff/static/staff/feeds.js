// Uploads: how much of the file is sent, then how far its check is. Every page works without this file.

const size = (bytes) => (bytes < 1 << 20 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / (1 << 20)).toFixed(1)} MB`);

// The form is sent by a request that tells how much has gone; where the server leads, the browser goes.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-upload]")) return;
  event.preventDefault();
  if (form.dataset.busy) return;
  form.dataset.busy = "1";
  send(form);
}, true); // before keys.js, which would take the form for one that the browser sends

function send(form) {
  const box = form.querySelector("[data-sending]"), bar = box.querySelector("progress"), said = box.querySelector("[data-sent]");
  const button = form.querySelector("button:not([type=button])"), words = button.innerHTML;
  const request = new XMLHttpRequest();
  box.hidden = false;
  bar.value = 0;
  said.textContent = "开始上传…";
  button.disabled = true;
  const free = () => { delete form.dataset.busy; button.disabled = false; button.innerHTML = words; };
  request.upload.addEventListener("progress", (event) => {
    if (!event.lengthComputable) return;
    bar.value = (100 * event.loaded) / event.total;
    said.textContent = `已上传 ${size(event.loaded)} / ${size(event.total)}`;
  });
  request.upload.addEventListener("load", () => {
    bar.removeAttribute("value");
    said.textContent = "已上传，正在检查并入库…";
  });
  request.addEventListener("error", () => {
    free();
    bar.value = 0;
    said.textContent = "没有传完：网络断开了，或者选择之后文件被改动过。请重新选择文件再试，没有改变任何数据。";
  });
  request.addEventListener("load", () => {
    if (request.status < 400 && request.responseURL) return location.assign(request.responseURL);
    free();
    box.hidden = true;
    refused(form, new DOMParser().parseFromString(request.responseText, "text/html"));
  });
  request.open("POST", form.action);
  request.send(new FormData(form));
}

// A refusal is shown in place, so that the chosen file and what was typed stay.
function refused(form, answer) {
  const fresh = answer.querySelector("form[data-upload]");
  if (!fresh) return document.querySelector("#main").replaceWith(document.importNode(answer.querySelector("#main"), true));
  const chosen = form.querySelector("input[type=file]");
  const copy = document.importNode(fresh, true);
  copy.querySelector("input[type=file]").replaceWith(chosen);
  form.replaceWith(copy);
  document.querySelectorAll("#main .error-sum, #main .notice[role=status]:not([data-offline])").forEach((old) => old.remove());
  const summary = answer.querySelector("#main .error-sum");
  if (!summary) return;
  const shown = document.importNode(summary, true);
  const before = document.querySelector("#main .upload-columns form[data-upload], #main .tiles") ?? copy;
  before.before(shown);
  shown.focus();
  shown.scrollIntoView({ block: "center" });
  const list = document.querySelector("#uploads"), newer = answer.querySelector("#uploads");
  if (list && newer) list.replaceWith(document.importNode(newer, true));
}

// How far the check is, asked for while it runs; when it is done, the server leads to the batch.
async function follow(selector) {
  for (;;) {
    const panel = document.querySelector(`${selector}[data-working]`);
    if (!panel) return;
    await new Promise((done) => setTimeout(done, 1000));
    let answer;
    try {
      answer = await fetch(location.href, { headers: { "X-Requested-With": "fetch" } });
    } catch {
      continue; // the connection will come back; the work goes on without it
    }
    if (answer.redirected) return location.replace(answer.url);
    if (!answer.ok) return location.reload();
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(selector);
    if (!fresh) return location.reload();
    panel.replaceWith(document.importNode(fresh, true));
  }
}
follow("#progress");
follow("#uploads");
