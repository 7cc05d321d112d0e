// Copies what browsers need out of node_modules: Tabler's stylesheet, one SVG sprite of the icons that pages use, htmx,
// ECharts, MapLibre (with its worker under its own name), Tom Select; none with its source map. Run after `npm ci`;
// the result is git-ignored.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const packages = join(root, "node_modules", "@tabler");
const target = join(root, "minzheng", "portals", "staff", "static", "vendor");

// Names as Tabler has them; a test fails when a page asks for one that is not here.
const ICONS = [
  "address-book", "adjustments-horizontal", "alert-circle", "alert-triangle", "arrow-back-up", "arrow-left",
  "arrow-right", "arrows-sort", "bell", "bell-ringing", "bookmark", "building", "building-community",
  "building-hospital", "calculator", "calendar", "calendar-due", "calendar-event", "camera", "chart-bar", "chart-line",
  "check", "checklist", "chevron-down", "chevron-left", "chevron-right", "chevron-up", "circle-check",
  "circle-dot", "clipboard-list", "clock", "cloud-upload", "columns", "contrast-2", "copy", "database",
  "device-floppy", "device-mobile", "dots", "door-enter", "download", "edit", "external-link", "eye", "eye-off",
  "file-check", "file-export", "file-import", "file-spreadsheet", "file-text", "filter", "flag", "folder", "folder-off",
  "git-branch", "git-compare", "hash", "history", "home", "home-heart", "id", "inbox", "info-circle", "key",
  "layout-columns", "list", "list-check", "lock", "lock-open", "login", "logout", "map", "map-pin", "map-2",
  "menu-2", "message", "moon", "moon-stars", "notes", "package", "paperclip", "phone", "photo", "player-play", "plus", "power", "presentation",
  "printer", "qrcode", "refresh", "replace", "restore", "road", "route", "search", "send", "settings",
  "shield-check", "shield-lock", "sitemap", "sort-ascending", "sort-descending", "star", "stethoscope", "sun",
  "table", "table-export", "tag", "target", "timeline", "trash", "trending-down", "trending-up", "upload", "user",
  "user-check", "user-plus", "user-shield", "users", "x", "zoom-in",
];

function symbol(name) {
  const svg = readFileSync(join(packages, "icons", "icons", "outline", `${name}.svg`), "utf8");
  const body = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
  const paint = 'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"';
  return `<symbol id="${name}" viewBox="0 0 24 24" ${paint}>${body.replace(/\s*\n\s*/g, "")}</symbol>`;
}

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
const css = readFileSync(join(packages, "core", "dist", "css", "tabler.min.css"), "utf8");
writeFileSync(join(target, "tabler.min.css"), css.replace(/\/\*# sourceMappingURL=.*?\*\//g, ""));
writeFileSync(
  join(target, "icons.svg"),
  `<svg xmlns="http://www.w3.org/2000/svg">\n${ICONS.map(symbol).join("\n")}\n</svg>\n`,
);
const vendored = {
  "htmx.org": ["dist/htmx.min.js"],
  echarts: ["dist/echarts.esm.min.mjs"],
  "maplibre-gl": ["dist/maplibre-gl.mjs", "dist/maplibre-gl-worker.mjs", "dist/maplibre-gl.css"],
  "tom-select": ["dist/js/tom-select.complete.min.js", "dist/css/tom-select.bootstrap5.min.css"],
};
for (const [name, files] of Object.entries(vendored)) {
  for (const file of files) {
    const text = readFileSync(join(root, "node_modules", name, file), "utf8");
    const plain = text.replace(/\/\*# sourceMappingURL=.*?\*\//g, "").replace(/^\/\/# sourceMappingURL=.*$/gm, "");
    writeFileSync(join(target, file.split("/").at(-1)), plain);
  }
}
const license = readFileSync(join(packages, "icons", "LICENSE"), "utf8");
writeFileSync(join(target, "LICENSE.txt"), `Tabler (stylesheet) and Tabler Icons, both under this license:\n\n${license}`);
