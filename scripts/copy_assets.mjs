// Copies the look of the staff portal out of node_modules: Tabler's stylesheet without its source map, and one
// SVG sprite of the icons that pages use. Run after `npm ci`; the result is git-ignored.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const packages = join(root, "node_modules", "@tabler");
const target = join(root, "minzheng", "portals", "staff", "static", "vendor");

// Names as Tabler has them; a test fails when a page asks for one that is not here.
const ICONS = [
  "alert-triangle", "arrow-left", "bell", "calendar", "calendar-due", "check", "checklist", "chevron-left",
  "chevron-right", "circle-check", "clock", "database", "door-enter", "download", "eye", "folder-off",
  "history", "home", "inbox", "lock", "logout", "map-pin", "moon", "package", "refresh", "search", "send",
  "shield-lock", "upload", "users", "x",
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
const license = readFileSync(join(packages, "icons", "LICENSE"), "utf8");
writeFileSync(join(target, "LICENSE.txt"), `Tabler (stylesheet) and Tabler Icons, both under this license:\n\n${license}`);
