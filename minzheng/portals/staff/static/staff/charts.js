// Charts from the figures in the page: one hue, direct labels instead of legends, colours of the page in light and dark.
import { init } from "../vendor/echarts.esm.min.mjs";

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;

function base() {
  const text = { color: colour("--soft"), fontFamily: getComputedStyle(document.body).fontFamily };
  return {
    animation: !still, animationDuration: 300, textStyle: text,
    tooltip: { trigger: "axis", renderMode: "richText", backgroundColor: colour("--card"), borderColor: colour("--line"), textStyle: { color: colour("--ink"), fontSize: 13 } },
  };
}

const axisX = (points, extra = {}) => ({ type: "category", data: points, axisLine: { lineStyle: { color: colour("--line") } }, axisTick: { show: false }, axisLabel: { color: colour("--soft") }, ...extra });
const axisY = (unit, extra = {}) => ({ type: "value", minInterval: 1, axisLabel: { color: colour("--soft"), formatter: `{value}${unit === "%" ? "%" : ""}` }, splitLine: { lineStyle: { color: colour("--row-line") } }, ...extra });

function lines({ axis, series, unit }) {
  const shades = [colour("--blue"), colour("--soft"), colour("--green")];
  return {
    ...base(), grid: { left: 44, right: 64, top: 14, bottom: 28 }, xAxis: axisX(axis, { boundaryGap: false }), yAxis: axisY(unit),
    series: series.map((one, n) => ({
      name: one.name, type: "line", data: one.values, symbolSize: 5, showSymbol: axis.length < 16, color: shades[n % shades.length],
      lineStyle: { width: 2, type: ["solid", "dashed", "solid"][n % 3] }, endLabel: { show: true, formatter: "{a}", color: shades[n % shades.length] },
      labelLayout: { moveOverlap: "shiftY" },
    })),
  };
}

function bars({ axis, series, unit }) {
  return {
    ...base(), grid: { left: 8, right: 56, top: 8, bottom: 8, containLabel: true }, xAxis: { ...axisY(unit), axisLabel: { show: false } },
    yAxis: { ...axisX(axis, { inverse: true }), type: "category", axisLabel: { color: colour("--ink") } },
    series: series.map((one) => ({ name: one.name, type: "bar", data: one.values, barMaxWidth: 18, color: colour("--blue"), label: { show: true, position: "right", color: colour("--ink"), formatter: `{c} ${unit}` } })),
  };
}

// One small chart for each series, all on the same scale, in a grid.
function multiples({ axis, series, unit, most }, width) {
  const across = width < 560 ? 2 : width < 1000 ? 3 : 4;
  const cell = (n) => ({ left: `${(100 / across) * (n % across) + 1.2}%`, top: 34 + Math.floor(n / across) * 150, width: `${100 / across - 3}%`, height: 84 });
  const place = series.map((_one, n) => cell(n));
  return {
    ...base(), tooltip: { ...base().tooltip, trigger: "item", formatter: (at) => `${at.name}\n${at.value ?? "—"}${unit}  ${series[at.seriesIndex].notes[at.dataIndex]}` },
    title: series.map((one, n) => ({ text: `${one.name}  {v|${[...one.values].reverse().find((v) => v !== null) ?? "—"}${unit}}`, left: place[n].left, top: place[n].top - 30, textStyle: { fontSize: 13, fontWeight: 400, color: colour("--ink"), rich: { v: { fontWeight: 600, fontSize: 14, color: colour("--blue") } } } })),
    grid: place, xAxis: series.map((_one, n) => axisX(axis, { gridIndex: n, axisLabel: { show: true, color: colour("--soft"), fontSize: 11, interval: Math.max(0, axis.length - 2) } })),
    yAxis: series.map((_one, n) => axisY(unit, { gridIndex: n, max: most, axisLabel: { show: false }, interval: most / 2 })),
    series: series.map((one, n) => ({ name: one.name, type: "line", xAxisIndex: n, yAxisIndex: n, data: one.values, color: colour("--blue"), connectNulls: true, symbolSize: 4, lineStyle: { width: 2 }, areaStyle: { opacity: 0.08 } })),
  };
}

function draw(box) {
  const given = JSON.parse(document.getElementById(box.dataset.chart).textContent);
  const chart = init(box, null, { renderer: "svg" });
  const paint = () => {
    if (given.kind === "small-multiples") {
      const across = box.clientWidth < 560 ? 2 : box.clientWidth < 1000 ? 3 : 4;
      box.style.height = `${Math.ceil(given.series.length / across) * 150 + 10}px`;
      chart.resize();
    }
    chart.setOption({ lines, bars, "small-multiples": (g) => multiples(g, box.clientWidth) }[given.kind](given), true);
  };
  paint();
  if (given.kind !== "bars") chart.on("click", (at) => { const { url } = given.series[at.seriesIndex] ?? {}; if (url) location.href = url; });
  new ResizeObserver(() => { chart.resize(); if (given.kind === "small-multiples") paint(); }).observe(box.parentElement);
  document.documentElement.addEventListener("themechange", paint);
}

document.querySelectorAll("[data-chart]").forEach(draw);
