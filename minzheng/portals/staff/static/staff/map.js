// The city's own map: outlines of the counties, what is counted at places as links. No tiles, no fonts, nothing from outside.
// The data (portals/staff/maps.py) hold counts on several steps of closeness, or things with a position of their own.
// Marks are elements of the page: its colours, its type, light and dark. Without WebGL the table beside the map remains.
import { Map as View, Marker, NavigationControl, setWorkerUrl } from "../vendor/maplibre-gl.mjs";
import { boundsOf, colour, element, excuse, fetched, WholeControl, WORDS } from "./map_base.js";

const STEP_ZOOM = 1.3; // how much closer the next step of places comes
const NEAR = 44; // pixels within which things with a position of their own are drawn as one
const NARROW = { top: 28, bottom: 36, left: 28, right: 76 }; // on a phone: clear of the buttons
const RING = [24, 52]; // pixels across, for the smallest and the largest count

function paints() {
  return {
    ground: { "background-color": colour("--ground") },
    land: { "fill-color": colour("--card") },
    share: { "fill-color": colour("--blue"), "fill-opacity": ["*", 0.26, ["get", "share"]] },
    line: { "line-color": colour("--dot"), "line-width": 1 },
  };
}

function styleOf(outlines) {
  const paint = paints();
  return {
    version: 8,
    sources: { outlines: { type: "geojson", data: outlines } },
    layers: [
      { id: "ground", type: "background", paint: paint.ground },
      { id: "land", type: "fill", source: "outlines", paint: paint.land },
      { id: "share", type: "fill", source: "outlines", paint: paint.share },
      { id: "line", type: "line", source: "outlines", layout: { "line-join": "round" }, paint: paint.line },
    ],
  };
}

// A mark: a ring with the number in it, its late part in red, the name below. The table says the same to the keyboard.
function ringOf({ name, count, late = 0, url, place }, most, unit) {
  const made = element(url ? "a" : "button", "pin");
  if (url) made.href = url;
  else made.type = "button";
  made.tabIndex = -1;
  made.title = `${name}：${count.toLocaleString()} ${unit}${late ? `，其中逾期 ${late.toLocaleString()} ${unit}` : ""}`;
  const number = count > 99999 ? `${Math.round(count / 10000)}万` : String(count);
  made.setAttribute("aria-label", `${name}${number}${unit}${late ? `，其中逾期 ${late} ${unit}` : ""}`); // begins with what is seen
  if (place) made.dataset.at = place;
  const size = Math.round(RING[0] + (RING[1] - RING[0]) * Math.sqrt(count / most) + Math.max(0, String(count).length - 3) * 6);
  made.style.setProperty("--size", `${size}px`);
  made.style.setProperty("--late", late ? Math.max(0.06, late / count) : 0);
  made.append(element("span", "pin-name", name), element("span", "pin-ring", number));
  return { made, size };
}

function dotOf({ name, url }) {
  const made = element(url ? "a" : "span", "pin is-dot");
  if (url) made.href = url;
  if (url) made.tabIndex = -1;
  made.title = name;
  made.append(element("span", "pin-ring"), element("span", "pin-name", name));
  return { made, size: 14 };
}

// Names give way: the fuller place keeps its name, below its ring or else above or beside it; no name lies on a ring or on
// another name.
const SIDES = {
  below: (one, w, half) => ({ x: one.at.x - w / 2, y: one.at.y + half + 2 }), above: (one, w, half) => ({ x: one.at.x - w / 2, y: one.at.y - half - 18 }),
  right: (one, w, half) => ({ x: one.at.x + half + 3, y: one.at.y - 8 }), left: (one, w, half) => ({ x: one.at.x - half - 3 - w, y: one.at.y - 8 }),
};
function placeNames(shown) {
  const boxes = shown.map((one) => ({ x: one.at.x - one.size / 2, y: one.at.y - one.size / 2, w: one.size, h: one.size, of: one }));
  const clear = (box) => boxes.every((b) => b.of === box.of || box.x + box.w < b.x || b.x + b.w < box.x || box.y + box.h < b.y || b.y + b.h < box.y);
  [...shown].sort((a, b) => b.weight - a.weight).forEach((one) => {
    const w = one.name.length * 12.5 + 2;
    const fits = Object.entries(SIDES).map(([side, at]) => ({ side, ...at(one, w, one.size / 2), w, h: 16, of: one })).find(clear);
    one.made.classList.toggle("has-name", Boolean(fits));
    one.made.dataset.side = fits?.side ?? "below";
    if (fits) boxes.push(fits);
  });
}

// Which marks stand on the map at this moment: places of the step that fits the closeness, in view.
class Marks {
  constructor(view, data, unit, home) {
    Object.assign(this, { view, data, unit, home, shown: new Map() });
    this.steps = [...new Set(data.features.map((feature) => feature.properties.step ?? "pin"))];
    this.most = {};
    data.features.forEach(({ properties: p }) => { this.most[p.step] = Math.max(this.most[p.step] ?? 1, p.count ?? 1); });
  }

  refresh() {
    const closer = Math.floor((this.view.getZoom() - this.home + 0.05) / STEP_ZOOM);
    const step = this.steps[Math.min(Math.max(closer, 0), this.steps.length - 1)];
    const { clientWidth: wide, clientHeight: high } = this.view.getContainer();
    const inView = this.data.features
      .filter((feature) => (feature.properties.step ?? "pin") === step)
      .map((feature) => ({ feature, at: this.view.project(feature.geometry.coordinates) }))
      .filter(({ at }) => at.x > -40 && at.y > -40 && at.x < wide + 40 && at.y < high + 60);
    const wanted = step === "pin" ? this.gathered(inView) : inView.map((one) => this.counted(one, step));
    const keys = new Set(wanted.map((one) => one.key));
    this.shown.forEach((one, key) => { if (!keys.has(key)) { one.marker.remove(); this.shown.delete(key); } });
    wanted.forEach((one) => {
      const known = this.shown.get(one.key);
      if (known) { known.at = one.at; return; }
      const { made, size } = one.make();
      const marker = new Marker({ element: made, anchor: "center" }).setLngLat(one.where).addTo(this.view);
      this.shown.set(one.key, { ...one, made, size, marker });
    });
    placeNames([...this.shown.values()]);
  }

  counted({ feature: { geometry, properties: p }, at }, step) {
    const url = p.url ?? (this.data.address ? this.data.address + p.value : "");
    return { key: `${step}/${p.value}`, at, where: geometry.coordinates, name: p.name, weight: p.count,
             make: () => ringOf({ ...p, url, place: p.value }, this.most[p.step], this.unit) };
  }

  gathered(points) {
    const groups = [];
    points.forEach((point) => {
      const near = groups.find(({ at }) => Math.hypot(at.x - point.at.x, at.y - point.at.y) < NEAR);
      if (near) near.points.push(point);
      else groups.push({ at: point.at, points: [point] });
    });
    const many = Math.max(...groups.map((group) => group.points.length), 1);
    return groups.map(({ at, points: inside }) => {
      const [{ feature }] = inside;
      const where = feature.geometry.coordinates;
      const key = `pin/${where}/${inside.map((one) => one.feature.properties.url).join()}`;
      if (inside.length === 1) return { key, at, where, name: feature.properties.name, weight: 1, make: () => dotOf(feature.properties) };
      const bounds = boundsOf(inside.map((one) => one.feature));
      return { key, at, where, name: "", weight: inside.length, make: () => {
        const ring = ringOf({ name: "这一带", count: inside.length }, many, this.unit);
        ring.made.addEventListener("click", () => this.view.fitBounds(bounds, { padding: 60, maxZoom: 16 }));
        return ring;
      } };
    });
  }

  light(value, on) {
    this.shown.forEach(({ made }) => { if (made.dataset.at === value) made.classList.toggle("is-on", on); });
  }
}

function nameCounties(view, outlines) {
  outlines.features.forEach((feature) => {
    const name = element("span", "county-name", feature.properties.name);
    name.setAttribute("aria-hidden", "true");
    new Marker({ element: name }).setLngLat(boundsOf([feature]).getCenter()).addTo(view);
  });
}

async function draw(box) {
  const [outlines, data] = await Promise.all([fetched(box.dataset.outlines), fetched(box.dataset.map)]);
  const most = Math.max(1, ...Object.values(data.counties ?? {}));
  outlines.features.forEach((feature) => { feature.properties.share = (data.counties?.[feature.properties.code] ?? 0) / most; });
  const bounds = boundsOf(data.features.length ? data.features : outlines.features);
  const fit = { padding: { top: 48, bottom: 56, left: 48, right: 56 }, maxZoom: 12.5 };
  const whole = data.features.some(({ properties: p }) => p.step === "board") ? boundsOf(outlines.features) : bounds;
  const narrow = matchMedia("(max-width: 767px)").matches;
  setWorkerUrl(new URL(box.dataset.worker, location.href).href);
  box.replaceChildren();
  const view = new View({
    container: box, style: styleOf(outlines), bounds: whole, fitBoundsOptions: narrow ? { ...fit, padding: NARROW } : fit, locale: WORDS,
    attributionControl: false, dragRotate: false, pitchWithRotate: false, fadeDuration: 0, maxZoom: 16, cooperativeGestures: narrow,
  });
  view.setMinZoom(Math.min(view.getZoom(), 8) - 0.6);
  view.touchZoomRotate.disableRotation();
  view.keyboard.disableRotation();
  view.addControl(new NavigationControl({ showCompass: false }), "top-right");
  view.addControl(new WholeControl(() => view.fitBounds(whole, narrow ? { ...fit, padding: NARROW } : fit)), "top-right");
  const marks = new Marks(view, data, box.dataset.unit, view.getZoom());
  if (whole === bounds) nameCounties(view, outlines);
  view.on("moveend", () => marks.refresh());
  view.on("click", "land", ({ features: [county] }) => {
    if (marks.steps.length > 1) view.fitBounds(boundsOf(outlines.features.filter((one) => one.properties.code === county.properties.code)), fit);
  });
  marks.refresh();
  document.documentElement.addEventListener("themechange", () => {
    Object.entries(paints()).forEach(([layer, paint]) => Object.entries(paint).forEach(([name, value]) => view.setPaintProperty(layer, name, value)));
  });
  document.querySelectorAll("[data-place]").forEach((row) => {
    ["mouseenter", "focusin"].forEach((event) => row.addEventListener(event, () => marks.light(row.dataset.place, true)));
    ["mouseleave", "focusout"].forEach((event) => row.addEventListener(event, () => marks.light(row.dataset.place, false)));
  });
  box.dataset.drawn = "1";
}

document.querySelectorAll("[data-map]").forEach((box) => {
  draw(box).catch((error) => excuse(box, error));
});
