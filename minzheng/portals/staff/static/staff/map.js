// The city's own map: outlines of the counties, counts at places as links. No tiles, no fonts and nothing else from
// outside. Colours are those of the page, so that it follows light and dark. Without WebGL the table beside it remains.
import { Map as View, Marker, NavigationControl, LngLatBounds, setWorkerUrl } from "../vendor/maplibre-gl.mjs";

const CLOSER = { county: [0, 9.6], town: [9.6, 11.3], village: [11.3, 24], point: [0, 24] };
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function look() {
  return { ground: colour("--ground"), land: colour("--card"), line: colour("--soft"), fill: colour("--blue") };
}

function pin(feature) {
  const { name, count, late, url } = feature.properties;
  const link = document.createElement(url ? "a" : "span");
  link.className = `pin${late ? " is-late" : ""}${count === undefined ? " is-point" : ""}`;
  if (url) link.href = url;
  link.textContent = count === undefined ? "" : count;
  link.title = count === undefined ? name : `${name}：${count} 件${late ? `，逾期 ${late} 件` : ""}`;
  link.setAttribute("aria-label", link.title);
  link.dataset.size = String(count === undefined ? 0 : Math.min(3, Math.floor(Math.log10(count)) + 1));
  return link;
}

async function draw(box) {
  const [outlines, points] = await Promise.all([box.dataset.outlines, box.dataset.map].map(async (address) => (await fetch(address)).json()));
  const counts = Object.fromEntries(points.features.filter((f) => f.properties.step === "county").map((f) => [f.properties.code, f.properties.count]));
  const most = Math.max(1, ...Object.values(counts));
  outlines.features.forEach((f) => { f.properties.share = (counts[f.properties.code] ?? 0) / most; });
  const bounds = new LngLatBounds();
  const extend = (part) => (typeof part[0] === "number" ? bounds.extend(part) : part.forEach(extend));
  (points.features.length ? points : outlines).features.forEach((f) => extend(f.geometry.coordinates));
  const own = points.features.length === 1 || points.features.every((f) => f.properties.step === "point");
  const style = () => {
    const is = look();
    return {
      version: 8,
      sources: { outlines: { type: "geojson", data: outlines } },
      layers: [
        { id: "ground", type: "background", paint: { "background-color": is.ground } },
        { id: "land", type: "fill", source: "outlines", paint: { "fill-color": is.land } },
        { id: "share", type: "fill", source: "outlines", paint: { "fill-color": is.fill, "fill-opacity": ["*", 0.28, ["get", "share"]] } },
        { id: "line", type: "line", source: "outlines", paint: { "line-color": is.line, "line-width": 1, "line-opacity": 0.6 } },
      ],
    };
  };
  setWorkerUrl(box.dataset.worker);
  const view = new View({ container: box, style: style(), bounds, fitBoundsOptions: { padding: 48, maxZoom: own ? 11 : 13 }, attributionControl: false, dragRotate: false, pitchWithRotate: false, fadeDuration: 0 });
  view.touchZoomRotate.disableRotation();
  view.addControl(new NavigationControl({ showCompass: false }), "top-right");
  const markers = points.features.map((f) => ({ step: f.properties.step ?? "point", marker: new Marker({ element: pin(f) }).setLngLat(f.geometry.coordinates), shown: false }));
  const sort = () => {
    const zoom = view.getZoom();
    markers.forEach((one) => {
      const [low, high] = CLOSER[one.step];
      const wanted = zoom >= low && zoom < high;
      if (wanted !== one.shown) { one.shown = wanted; if (wanted) one.marker.addTo(view); else one.marker.remove(); }
    });
  };
  view.on("zoomend", sort);
  sort();
  document.documentElement.addEventListener("themechange", () => view.setStyle(style()));
  box.querySelector("[data-map-note]")?.remove();
}

document.querySelectorAll("[data-map]").forEach((box) => {
  draw(box).catch(() => { const note = box.querySelector("[data-map-note]"); if (note) note.textContent = "这台设备打不开地图（需要 WebGL），请看表格"; box.classList.add("is-off"); });
});
