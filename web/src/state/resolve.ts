// From a chart's description to numbers on one common x axis. A quarter without a value is null: a gap.
import type { Chart, ChartSeries, Num, Output, Quantiles } from "./data";
import { isQuarter } from "./quarters";

export interface Line extends Quantiles {
  label: string;
  key: string | null;
  meaning: string;
  spread: boolean; // whether more than the median is known
  samples?: Num[][];
}

export interface Resolved {
  labels: string[];
  lines: Line[];
  missing: string[]; // keys the result does not hold
}

const LEVELS = ["q05", "q25", "q50", "q75", "q95"] as const;
export { LEVELS };

interface Raw {
  samples?: Num[][];
  series: ChartSeries;
  labels: string[];
  quantiles: Partial<Quantiles>;
  spread: boolean;
  meaning: string;
}

/** The outputs a chart is drawn from. */
export const outputsOf = (chart: Chart): string[] => [
  ...new Set((chart.series ?? []).flatMap(({ key, mean }) => [key, mean].filter((one): one is string => Boolean(one)))),
];

export function resolve(chart: Chart, outputs: Record<string, Output>): Resolved {
  const raws: Raw[] = [];
  const missing: string[] = [];
  for (const series of chart.series ?? []) {
    const raw = read(series, chart.x ?? [], outputs);
    if (raw) raws.push(raw);
    else missing.push(series.key ?? series.label);
  }
  const labels = chart.x ?? union([...(raws.length ? [chart.past?.quarters ?? []] : []), ...raws.map((raw) => raw.labels)]);
  return { labels, lines: raws.map((raw) => align(raw, labels)), missing };
}

function read(series: ChartSeries, x: string[], outputs: Record<string, Output>): Raw | null {
  const values = series.values;
  if (values) {
    const literal = Array.isArray(values) ? { q50: values } : values;
    const length = literal.q50?.length ?? 0;
    const labels = x.length ? x : Array.from({ length }, (_, index) => String(index + 1));
    return { series, labels, quantiles: literal, spread: !Array.isArray(values), meaning: "" };
  }
  const output = series.key ? outputs[series.key] : undefined;
  if (!output) return null;
  const samples = output.samples ? { samples: output.samples } : {};
  return { series, labels: output.quarters, quantiles: output, spread: true, meaning: output.meaning ?? "", ...samples };
}

function union(all: string[][]): string[] {
  const seen = [...new Set(all.flat())];
  return seen.every(isQuarter) ? seen.sort() : seen;
}

function align(raw: Raw, labels: string[]): Line {
  const place = new Map(raw.labels.map((label, index) => [label, index]));
  const pick = (values: Num[] | undefined): Num[] =>
    labels.map((label) => {
      const index = place.get(label);
      const value = index === undefined ? null : values?.[index];
      return typeof value === "number" && Number.isFinite(value) ? value : null;
    });
  const picked = Object.fromEntries(LEVELS.map((level) => [level, pick(raw.quantiles[level])]));
  return {
    ...(picked as unknown as Quantiles),
    label: raw.series.label,
    key: raw.series.key ?? null,
    meaning: raw.meaning,
    spread: raw.spread,
    ...(raw.samples ? { samples: raw.samples.map(pick) } : {}),
  };
}

/** The last position at which any of the lines has a median. */
export function lastKnown(lines: Line[], length: number): number {
  for (let index = length - 1; index >= 0; index--) if (lines.some((line) => line.q50[index] !== null)) return index;
  return Math.max(0, length - 1);
}

/** Values that matter for the range of an axis. */
export function known(...arrays: Num[][]): number[] {
  return arrays.flat().filter((value): value is number => value !== null);
}
