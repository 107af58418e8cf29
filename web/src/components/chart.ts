import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

export interface ChartPoint {
  at: string;
  value: number;
}
interface Options {
  valueLabel: string;
  height: number;
  locale: string;
  dark: boolean;
}

/** Quantities are whole, so are the steps of their axis. */
const WHOLE_STEPS = Array.from({ length: 13 }, (_, power) => [1, 2, 5].map((step) => step * 10 ** power)).flat();
const AXIS_FONT = '12px "Inter Variable", system-ui, sans-serif';

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function timeLabels(locale: string): (chart: uPlot, splits: number[]) => string[] {
  const day = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" });
  return (_, splits) => splits.map((seconds) => day.format(seconds * 1000));
}

function reading(locale: string, label: string): uPlot.Plugin {
  const day = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric" });
  const number = new Intl.NumberFormat(locale);
  let box: HTMLElement;
  return {
    hooks: {
      init: (chart) => {
        box = document.createElement("div");
        box.className = "reading";
        chart.over.append(box);
      },
      setCursor: (chart) => {
        const at = chart.cursor.idx;
        const value = at === null || at === undefined ? null : chart.data[1]?.[at];
        box.hidden = value === null || value === undefined;
        if (box.hidden) return;
        box.textContent = `${day.format(chart.data[0][at!]! * 1000)} · ${number.format(value!)} ${label}`;
        const left = Math.min(chart.cursor.left ?? 0, chart.over.clientWidth - box.offsetWidth);
        box.style.setProperty("left", `${left}px`);
      },
    },
  };
}

/** Draws a stepped line of a quantity over time; returns the way to take it away again. */
export function draw(place: HTMLElement, points: ChartPoint[], { valueLabel, height, locale, dark }: Options): () => void {
  const muted = colour("--muted");
  const grid = { stroke: colour("--line-soft"), width: 1 };
  const number = new Intl.NumberFormat(locale, { notation: "compact" });
  const data: uPlot.AlignedData = [points.map((point) => Date.parse(point.at) / 1000), points.map((point) => point.value)];
  const axis = { stroke: muted, font: AXIS_FONT, grid, ticks: { show: false } };
  const chart = new uPlot(
    {
      width: place.clientWidth,
      height,
      padding: [10, 4, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
      scales: { y: { range: (_, lowest, highest) => [Math.min(0, lowest), Math.max(highest * 1.08, 1)] } },
      axes: [
        { ...axis, values: timeLabels(locale), space: 72, size: 30, grid: { show: false } },
        { ...axis, values: (_, splits) => splits.map((value) => number.format(value)), size: 48, incrs: WHOLE_STEPS },
      ],
      series: [{}, { stroke: colour("--series-1"), width: 1.75, fill: dark ? "rgb(86 180 233 / 12%)" : "rgb(0 114 178 / 8%)", paths: uPlot.paths.stepped!({ align: 1 }), points: { show: false } }],
      plugins: [reading(locale, valueLabel)],
    },
    data,
    place,
  );
  const watch = new ResizeObserver(() => chart.setSize({ width: place.clientWidth, height }));
  watch.observe(place);
  return () => {
    watch.disconnect();
    chart.destroy();
  };
}
