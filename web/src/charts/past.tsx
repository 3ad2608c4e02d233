// What stands beside a run on its chart: history in black, today marked, others' forecasts as dots.
import type { Chart, Num } from "../state/data";
import { show } from "../state/format";
import { yearOf } from "../state/quarters";
import { linePath } from "./paths";
import type { Geometry } from "./plot";
import type { Row } from "./readout";
import { textWidth, wrap } from "./measure";

const LABEL = 64; // pixels that a name of history may take at least
const MIDDLE = "Q2"; // a year's dot stands after its second quarter: in the middle of the year

/** The history of a chart by its labels. */
export function pastValues(chart: Chart, labels: string[]): Num[] {
  const place = new Map((chart.past?.quarters ?? []).map((quarter, index) => [quarter, index]));
  return labels.map((label) => chart.past?.values[place.get(label) ?? -1] ?? null);
}

/** Values that the axis must reach. */
export const besideValues = (chart: Chart): number[] => [...(chart.past?.values ?? []).filter((value) => value !== null), ...(chart.dots ?? []).map((dot) => dot.value)];

/** How many quarters of history stand before the run. */
export const historyLength = (chart: Chart): number => chart.past?.quarters.length ?? 0;

export function Past({ chart, labels, geometry }: { chart: Chart; labels: string[]; geometry: Geometry }) {
  const { x, y, top, bottom, step, right } = geometry;
  const values = pastValues(chart, labels);
  const last = values.reduce<number>((found, value, index) => (value === null ? found : index), -1);
  const first = values.findIndex((value) => value !== null);
  const today = x(historyLength(chart)) - step / 2;
  return (
    <g class="beside">
      {chart.past && last >= 0 && (
        <>
          <path class={chart.past.whole ? "past" : "past part"} d={linePath(values, x, y)} />
          {wrap(chart.past.label, Math.max(LABEL, today - x(first) - 6), 11.5, 3).map((row, index, rows) => (
            <text key={row} x={x(first) + 2} y={y(values[first] ?? 0) - 8 - 13 * (rows.length - 1 - index)}>{row}</text>
          ))}
          <line class="today" x1={today} x2={today} y1={top} y2={bottom} />
          <text class="today-word" x={today + 4} y={top + 9}>today</text>
        </>
      )}
      {(chart.dots ?? []).map((dot) => {
        const at = labels.indexOf(`${dot.at}${MIDDLE}`);
        const place = at >= 0 ? x(at) + step / 2 : null;
        return place === null || place > right ? null : (
          <circle key={`${dot.at} ${dot.value}`} class="forecast" cx={place} cy={y(dot.value)} r={3.5}>
            <title>{dot.label}, {dot.at}: {show(dot.value, chart.format, chart.unit)}</title>
          </circle>
        );
      })}
    </g>
  );
}

/** What the readout adds at a quarter: the figure on file, and forecasts for its year near their dots. */
export function besideRows(chart: Chart, labels: string[], index: number): Row[] {
  const write = (value: number) => show(value, chart.format, chart.unit);
  const label = labels[index] ?? "";
  const value = pastValues(chart, labels)[index];
  const near = /Q[23]$/.test(label);
  return [
    ...(typeof value === "number" ? [{ label: chart.past?.label ?? "", value: write(value), strong: true }] : []),
    ...(near ? (chart.dots ?? []).filter((dot) => Number(dot.at) === yearOf(label)).map((dot) => ({ label: short(dot.label), value: write(dot.value) })) : []),
  ];
}

const LONG = 150; // pixels of a forecaster's name in the readout
const short = (name: string): string => {
  let found = name;
  while (textWidth(found, 12) > LONG) found = found.slice(0, -4);
  return found === name ? name : `${found.trimEnd()}…`;
};
