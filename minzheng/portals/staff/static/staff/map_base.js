// What every map of the portal shares: words, colours of the page, fetching, bounds.
import { LngLatBounds } from "../vendor/maplibre-gl.mjs";

export const WORDS = {
  "Map.Title": "地图", "NavigationControl.ZoomIn": "放大", "NavigationControl.ZoomOut": "缩小", "Popup.Close": "关闭",
  "CooperativeGesturesHandler.MobileHelpText": "用两个手指移动地图", "CooperativeGesturesHandler.WindowsHelpText": "按住 Ctrl 滚动来缩放",
  "CooperativeGesturesHandler.MacHelpText": "按住 ⌘ 滚动来缩放",
};
export const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
export const fetched = async (address) => {
  const answer = await fetch(address, { headers: { Accept: "application/geo+json" } });
  if (!answer.ok || answer.redirected) throw new Error("no data");
  return answer.json();
};
export const boundsOf = (features) => {
  const bounds = new LngLatBounds();
  const extend = (part) => (typeof part[0] === "number" ? bounds.extend(part) : part.forEach(extend));
  features.forEach((feature) => extend(feature.geometry.coordinates));
  return bounds;
};
export const element = (tag, name, text) => {
  const made = document.createElement(tag);
  made.className = name;
  if (text !== undefined) made.textContent = text;
  return made;
};
export const excuse = (box, error) => {
  const why = error.message === "no data" ? "地图的数据没有取到，请刷新页面；同样的地点见表格" : "这台设备打不开地图（浏览器没有开启 WebGL），同样的地点见表格";
  box.replaceChildren(element("p", "map-note", why));
  box.classList.add("is-off");
};

// The way back to the whole, beside the buttons for closer and farther.
export class WholeControl {
  constructor(back) { this.back = back; }
  onAdd() {
    this.box = element("div", "maplibregl-ctrl maplibregl-ctrl-group");
    const button = element("button", "map-whole", "全");
    button.type = "button";
    button.title = "回到全图";
    button.setAttribute("aria-label", "回到全图");
    button.addEventListener("click", this.back);
    this.box.append(button);
    return this.box;
  }
  onRemove() { this.box.remove(); }
}
