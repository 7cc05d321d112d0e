// 一张图: places coloured by what is counted there, month by month; facilities as points. All drawing is the map engine's own
// (fills, circles, names painted once as images), so that 1,100 villages and 5,000 points move together. The numbers come
// with the page; moving the slider asks the server nothing and keeps the address and the table in step.
import { Map as View, NavigationControl, Popup, setWorkerUrl } from "../vendor/maplibre-gl.mjs";
import { boundsOf, colour, element, excuse, fetched, WholeControl, WORDS } from "./map_base.js";

const HELD_BACK = -1; // a number that is not told (steps.py)
const CLASSES = 5;
const SHADES = { light: ["#dce9f7", "#abc9ea", "#73a2d6", "#3d77b8", "#1c4c86"], dark: ["#1f3654", "#2a527f", "#3d77b8", "#78a7db", "#bcd7f4"] };
const PIXELS = 2; // names are painted at twice their size, for sharp screens
const TURN = 900; // milliseconds a month is shown while playing
const said = (value, share) => (value === null ? "—" : value === HELD_BACK ? "少于 3" : share ? `${value}%` : value.toLocaleString());
const night = () => document.documentElement.dataset.bsTheme === "dark";
const shades = () => SHADES[night() ? "dark" : "light"];

// Where one class ends and the next begins: as many places and times in each as can be.
function breaksOf(places) {
  const known = places.flatMap(({ v }) => v.filter((value) => value > 0)).sort((a, b) => a - b);
  const ends = Array.from({ length: CLASSES }, (_, at) => known[Math.min(known.length - 1, Math.floor(((at + 1) * known.length) / CLASSES))]);
  return [...new Set(ends)].filter((end) => end !== undefined);
}

class CityMap {
  constructor(box, data, outlines) {
    Object.assign(this, { box, data, outlines, now: data.now, breaks: breaksOf(data.places) });
    this.byName = new Map(data.places.map((place) => [place.name, place]));
    this.areas = data.step === "county" || data.step === "board";
  }

  shade(value) {
    if (value === null || value === undefined) return "";
    if (value === HELD_BACK) return colour("--dot");
    if (value === 0) return colour("--card");
    const at = this.breaks.findIndex((end) => value <= end);
    return shades()[Math.round(((at < 0 ? this.breaks.length - 1 : at) * (CLASSES - 1)) / Math.max(1, this.breaks.length - 1))];
  }

  land() {
    const features = this.outlines.features.map((one) => {
      const place = this.areas ? this.byName.get(one.properties.name) : undefined;
      const value = place?.v[this.now];
      return { ...one, properties: { ...one.properties, place: place?.value ?? "", shade: this.shade(value) || colour("--card"), known: place ? 1 : 0 } };
    });
    return { type: "FeatureCollection", features };
  }

  // Places with a position: dots, and the anchors of names. Counties and boards that have an outline are named in its middle.
  dots() {
    const named = new Map(this.outlines.features.map((one) => [one.properties.name, one]));
    const features = this.data.places.map((place) => {
      const area = this.areas ? named.get(place.name) : undefined;
      const at = area ? boundsOf([area]).getCenter().toArray() : place.at;
      if (!at) return null;
      const value = place.v[this.now];
      return {
        type: "Feature", geometry: { type: "Point", coordinates: at },
        properties: { place: place.value, label: `${place.name}\n${said(value, this.data.share)}`, rank: -(value ?? -2), area: area ? 1 : 0,
                      shade: this.shade(value) || colour("--ground"), quiet: value === null || value <= 0 ? 1 : 0 },
      };
    });
    return { type: "FeatureCollection", features: features.filter(Boolean) };
  }

  style() {
    const zoomed = (...pairs) => ["interpolate", ["linear"], ["zoom"], ...pairs];
    const radius = this.data.step === "village" ? zoomed(8, 2.6, 11, 5.5, 14, 11) : zoomed(8, 6.5, 11, 12);
    const dot = {
      "circle-radius": radius, "circle-color": ["get", "shade"], "circle-stroke-color": colour("--dot"),
      "circle-stroke-width": this.data.step === "village" ? zoomed(8, 0.5, 12, 1.2) : 1.2,
    };
    return {
      version: 8,
      sources: {
        land: { type: "geojson", data: this.land() }, dots: { type: "geojson", data: this.dots() },
        points: { type: "geojson", data: { type: "FeatureCollection", features: [] } },
      },
      layers: [
        { id: "ground", type: "background", paint: { "background-color": colour("--ground") } },
        { id: "land", type: "fill", source: "land", paint: { "fill-color": ["get", "shade"] } },
        { id: "line", type: "line", source: "land", layout: { "line-join": "round" }, paint: { "line-color": colour("--card"), "line-width": 1.4 } },
        { id: "dots", type: "circle", source: "dots", filter: ["==", ["get", "area"], 0], layout: { "circle-sort-key": ["-", 0, ["get", "rank"]] }, paint: dot },
        { id: "points", type: "circle", source: "points", paint: {
          "circle-radius": zoomed(8, 2.2, 12, 5), "circle-color": colour("--amber-mark"), "circle-stroke-color": colour("--card"), "circle-stroke-width": zoomed(8, 0.4, 12, 1.4) } },
        { id: "names", type: "symbol", source: "dots", minzoom: this.data.step === "village" ? 11 : 0, layout: {
          "icon-image": ["get", "label"], "icon-anchor": ["case", ["==", ["get", "area"], 1], "center", "top"],
          "icon-offset": ["case", ["==", ["get", "area"], 1], ["literal", [0, 0]], ["literal", [0, 6]]], "symbol-sort-key": ["get", "rank"], "icon-padding": 1 } },
      ],
    };
  }

  // A name with its number, painted when the map first asks for it.
  paint(id) {
    const [name, value = ""] = id.split("\n");
    const canvas = element("canvas", "");
    const pen = canvas.getContext("2d");
    const font = (weight) => `${weight} ${12 * PIXELS}px ${getComputedStyle(document.body).fontFamily}`;
    pen.font = font(600);
    const wide = Math.max(...[name, value].map((line) => pen.measureText(line).width)) + 8 * PIXELS;
    canvas.width = Math.ceil(wide);
    canvas.height = 31 * PIXELS;
    [[name, 400, 11], [value, 600, 25]].forEach(([line, weight, y]) => {
      pen.font = font(weight);
      pen.textAlign = "center";
      pen.lineJoin = "round";
      pen.lineWidth = 3.5 * PIXELS;
      pen.strokeStyle = colour("--card");
      pen.fillStyle = colour("--ink");
      pen.strokeText(line, wide / 2, y * PIXELS);
      pen.fillText(line, wide / 2, y * PIXELS);
    });
    return pen.getImageData(0, 0, canvas.width, canvas.height);
  }

  draw() {
    const anchors = this.data.places.filter(({ at }) => at).map(({ at }) => ({ geometry: { coordinates: at } }));
    const part = !this.areas && anchors.length && anchors.length < 400 ? anchors : this.outlines.features;
    const fit = { padding: 40, maxZoom: 13 };
    const narrow = matchMedia("(max-width: 767px)").matches;
    setWorkerUrl(new URL(this.box.dataset.worker, location.href).href);
    this.box.replaceChildren();
    this.view = new View({
      container: this.box, style: this.style(), bounds: boundsOf(part), fitBoundsOptions: narrow ? { ...fit, padding: 16 } : fit, locale: WORDS,
      attributionControl: false, dragRotate: false, pitchWithRotate: false, fadeDuration: 0, maxZoom: 16, minZoom: 6.5, cooperativeGestures: narrow,
    });
    this.view.touchZoomRotate.disableRotation();
    this.view.keyboard.disableRotation();
    this.view.addControl(new NavigationControl({ showCompass: false }), "top-right");
    this.view.addControl(new WholeControl(() => this.view.fitBounds(boundsOf(part), fit)), "top-right");
    this.view.setMissingStyleImageResolver((id) => { if (!this.view.hasImage(id)) this.view.addImage(id, this.paint(id), { pixelRatio: PIXELS }); });
    ["land", "dots", "names", "points"].forEach((layer) => {
      this.view.on("mousemove", layer, () => { this.view.getCanvas().style.cursor = "pointer"; });
      this.view.on("mouseleave", layer, () => { this.view.getCanvas().style.cursor = ""; });
    });
    this.view.on("click", (event) => this.clicked(event));
    this.view.once("idle", () => { this.box.dataset.drawn = "1"; });
    if (this.box.dataset.points) fetched(this.box.dataset.points).then((found) => this.view.getSource("points")?.setData(found)).catch(() => {});
    this.legend();
  }

  clicked({ point, lngLat }) {
    const around = [[point.x - 4, point.y - 4], [point.x + 4, point.y + 4]];
    const [hit] = this.view.queryRenderedFeatures(around, { layers: ["points", "dots", "names", "land"] });
    if (!hit) return;
    const card = element("div", "map-card");
    if (hit.layer.id === "points") {
      card.append(element("b", "", hit.properties.name), element("span", "", hit.properties.kind));
      if (hit.properties.url) card.append(this.link(hit.properties.url, "看这处设施"));
    } else {
      const place = this.data.places.find(({ value }) => value === hit.properties.place);
      if (!place) return;
      const time = this.data.times[this.now];
      card.append(element("b", "", place.name), element("span", "", `${time.label} · ${said(place.v[this.now], this.data.share)}${this.data.share ? "" : ` ${this.data.unit}`}`));
      if (time.list) card.append(this.link(time.list + place.value, "看清单"));
      const closer = document.querySelector(`[data-place="${place.value}"] .closer a`);
      if (closer) card.append(this.link(closer.href, "放大到这里"));
    }
    new Popup({ maxWidth: "240px" }).setLngLat(lngLat).setDOMContent(card).addTo(this.view);
  }

  link(address, text) {
    const made = element("a", "", text);
    made.href = address;
    return made;
  }

  legend() {
    const legend = document.querySelector("[data-legend]");
    if (!legend) return;
    const format = (value) => said(value, this.data.share);
    const step = this.data.share ? 0.1 : 1;
    const next = (value) => Math.round((value + step) * 10) / 10;
    const entries = this.breaks.map((end, at) => [this.shade(end), at ? (next(this.breaks[at - 1]) >= end ? format(end) : `${next(this.breaks[at - 1]).toLocaleString()}–${format(end)}`) : `≤ ${format(end)}`]);
    if (this.data.places.some(({ v }) => v.includes(HELD_BACK))) entries.unshift([this.shade(HELD_BACK), "少于 3"]);
    legend.replaceChildren(...entries.map(([shade, words]) => {
      const entry = element("span", "", words);
      const mark = element("i", "");
      mark.style.background = shade;
      entry.prepend(mark);
      return entry;
    }));
    legend.hidden = !entries.length;
  }

  // Another month: colours, names, the table and the address.
  go(now) {
    this.now = now;
    const time = this.data.times[now];
    this.view?.getSource("land")?.setData(this.land());
    this.view?.getSource("dots")?.setData(this.dots());
    document.querySelectorAll("[data-time-label]").forEach((label) => { label.textContent = time.label; });
    document.querySelector("[data-time]")?.setAttribute("aria-valuetext", time.label);
    const values = new Map(this.data.places.map((place) => [place.value, place.v[now]]));
    document.querySelectorAll("[data-places] [data-place]").forEach((row) => {
      const value = values.get(row.dataset.place) ?? null;
      row.querySelector("[data-count]").textContent = said(value, this.data.share);
      const list = row.querySelector("a.main");
      if (list && time.list) list.href = time.list + row.dataset.place;
    });
    document.querySelectorAll("[data-month]").forEach((field) => { field.value = time.value; });
    document.querySelectorAll("[data-keeps-month]").forEach((link) => {
      const to = new URL(link.href);
      to.searchParams.set("month", time.value);
      link.href = to.href;
    });
    const here = new URL(location.href);
    here.searchParams.set("month", time.value);
    history.replaceState(history.state, "", here);
  }

  theme() {
    this.view.setStyle(this.style(), { diff: false });
    this.legend();
    if (this.box.dataset.points) fetched(this.box.dataset.points).then((found) => this.view.getSource("points")?.setData(found)).catch(() => {});
  }
}

function slide(map) {
  const slider = document.querySelector("[data-time]");
  const play = document.querySelector("[data-play]");
  if (!slider) return;
  slider.addEventListener("input", () => map.go(Number(slider.value)));
  slider.form.addEventListener("submit", (event) => event.preventDefault());
  play.hidden = false;
  let turning = 0;
  const stop = () => { clearInterval(turning); turning = 0; play.setAttribute("aria-label", "按时间播放"); play.classList.remove("is-on"); };
  play.addEventListener("click", () => {
    if (turning) return stop();
    if (Number(slider.value) === Number(slider.max)) slider.value = "-1";
    play.setAttribute("aria-label", "停止播放");
    play.classList.add("is-on");
    turning = setInterval(() => {
      slider.value = String(Number(slider.value) + 1);
      map.go(Number(slider.value));
      if (Number(slider.value) === Number(slider.max)) stop();
    }, TURN);
    return undefined;
  });
}

async function begin(box) {
  const map = new CityMap(box, JSON.parse(document.getElementById("city-map-data").textContent), await fetched(box.dataset.outlines));
  slide(map);
  map.draw();
  document.documentElement.addEventListener("themechange", () => map.theme());
}

document.querySelectorAll("[data-city-map]").forEach((box) => begin(box).catch((error) => excuse(box, error)));
