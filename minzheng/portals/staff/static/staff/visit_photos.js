// Photographs of visits on this phone: made small, kept in IndexedDB until they were received. They carry neither place nor camera,
// because they are drawn anew.
const STORE = "photos", LONGEST_EDGE = 1600, QUALITY = 0.8;
export const MOST = 6; // of one visit
const MOST_BYTES = 60 * 1024 * 1024; // of all that wait on this phone

export class PhotoProblem extends Error {}

const opened = () => new Promise((resolve, reject) => {
  const asking = indexedDB.open("visits", 1);
  asking.onupgradeneeded = () => asking.result.createObjectStore(STORE, { keyPath: "id", autoIncrement: true }).createIndex("visit", ["who", "visit"]);
  asking.onsuccess = () => resolve(asking.result);
  asking.onerror = () => reject(asking.error);
});
const done = (asking) => new Promise((resolve, reject) => {
  asking.onsuccess = () => resolve(asking.result);
  asking.onerror = () => reject(asking.error);
});
const inside = async (mode, work) => {
  const database = await opened();
  try {
    const act = database.transaction(STORE, mode);
    const settled = new Promise((resolve, reject) => {
      act.oncomplete = resolve;
      act.onabort = act.onerror = () => reject(act.error);
    });
    settled.catch(() => {}); // whoever asks hears of it below
    const found = await work(act.objectStore(STORE));
    await settled;
    return found;
  } finally {
    database.close();
  }
};

export const of = (who, visit) => inside("readonly", (store) => done(store.index("visit").getAll([who, visit])));
export const remove = (id) => inside("readwrite", (store) => done(store.delete(id)));
export const forget = async (who, visit) => Promise.all((await of(who, visit)).map((photo) => remove(photo.id)));
// By visit: how many wait, where they go, and what the visit is called.
export const counts = async (who) => {
  const found = {};
  for (const { visit, url, label, ...photo } of await inside("readonly", (store) => done(store.getAll()))) {
    if (photo.who === who) found[visit] = { url, label, count: (found[visit]?.count ?? 0) + 1 };
  }
  return found;
};
// Those of somebody who used this phone before.
export const strangers = async (who) => {
  for (const photo of await inside("readonly", (store) => done(store.getAll()))) if (photo.who !== who) await remove(photo.id);
};
export const wipe = () => new Promise((resolve) => {
  const asking = indexedDB.deleteDatabase("visits");
  asking.onsuccess = asking.onerror = asking.onblocked = resolve;
});

export const drawn = (picture, canvas, edge) => {
  const scale = Math.min(1, edge / Math.max(picture.width, picture.height));
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas;
};
const small = async (file) => {
  let picture;
  try {
    picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    throw new PhotoProblem("这个文件不是照片，或这部手机打不开这种照片，没有存下");
  }
  const canvas = drawn(picture, document.createElement("canvas"), LONGEST_EDGE);
  picture.close();
  const blob = await new Promise((resolve) => { canvas.toBlob(resolve, "image/jpeg", QUALITY); });
  if (!blob) throw new PhotoProblem("照片太大，这部手机处理不了，没有存下：请用较小的尺寸再拍");
  return blob;
};

// Keep a photograph of a visit ({who, visit, url, label}); throws PhotoProblem in words that say what to do.
export const keep = async (whose, file) => {
  if ((await of(whose.who, whose.visit)).length >= MOST) throw new PhotoProblem(`一户最多 ${MOST} 张：请先删去不要的`);
  const blob = await small(file);
  const all = await inside("readonly", (store) => done(store.getAll()));
  const used = all.reduce((sum, photo) => sum + photo.blob.size, 0);
  if (used + blob.size > MOST_BYTES) throw new PhotoProblem("本机等着发送的照片太多了，这一张没有存下：请到有网络的地方先发送，再接着拍");
  const { quota, usage } = (await navigator.storage?.estimate?.()) ?? {};
  if (quota && quota - usage < 2 * blob.size) throw new PhotoProblem(FULL);
  try {
    return await inside("readwrite", (store) => done(store.add({ ...whose, blob })));
  } catch {
    throw new PhotoProblem(FULL);
  }
};
const FULL = "手机存储满了，这张照片没有存下（以前存的都在）：请删去手机里不用的东西，或到有网络的地方先发送，再补拍";
