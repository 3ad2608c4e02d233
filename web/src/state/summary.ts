// A chart in words, for those who hear it: what it shows, where it starts and where it ends.
import type { Chart } from "./data";
import { isShare, show } from "./format";
import { spoken } from "./quarters";
import { lastKnown, type Line, type Resolved } from "./resolve";
import { axisWords } from "./units";

function journey(line: Line, resolved: Resolved, chart: Chart): string {
  const last = lastKnown([line], resolved.labels.length);
  const first = line.q50.findIndex((value) => value !== null);
  if (first < 0) return "no values";
  const write = (value: number | null | undefined) => show(value, chart.format, chart.unit);
  const at = (index: number) => spoken(resolved.labels[index] ?? "");
  const path = `from ${write(line.q50[first])} in ${at(first)} to ${write(line.q50[last])} in ${at(last)}`;
  if (line.q05[last] === null || line.q95[last] === null) return path;
  return `${path}, 5th to 95th percentile then ${write(line.q05[last])} to ${write(line.q95[last])}`;
}

/** One panel of small multiples in words. */
export function panelSummary(line: Line, resolved: Resolved, chart: Chart): string {
  return `${chart.title}, ${line.label}. Median ${journey(line, resolved, chart)}.`;
}

export function summary(chart: Chart, resolved: Resolved): string {
  const unit = axisWords(chart.unit, isShare(chart.format, chart.unit) ? "percent" : chart.format);
  const head = `${chart.title}${unit ? `, ${unit}` : ""}.`;
  if (resolved.lines.length === 0) return `${head} No values.`;
  if (chart.kind === "fan") {
    const [line] = resolved.lines;
    return line ? `${head} Median ${journey(line, resolved, chart)}.` : head;
  }
  const parts = resolved.lines.map((line) => `${line.label}: ${journey(line, resolved, chart)}`);
  return `${head} ${parts.join("; ")}.`;
}
