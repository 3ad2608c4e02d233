// Tables: as a chart of their own, and as every other chart's second reading.
import type { Cell, Chart } from "../state/data";
import { plain, show } from "../state/format";
import { barsOf } from "./bars";
import { LEVELS, type Resolved } from "../state/resolve";
import { shares } from "./layers";
import { pastValues } from "./past";

export interface Table {
  columns: string[];
  rows: Cell[][];
  format: (value: Cell, column: number) => string;
}

const LEVEL_NAME = { q05: "5th", q25: "25th", q50: "Median", q75: "75th", q95: "95th" } as const;

/** The numbers behind a chart, unrounded: the table view shows them rounded, the CSV as they are. */
export function tableOf(chart: Chart, resolved: Resolved): Table {
  const write = (value: Cell): string => {
    if (typeof value !== "number" && value !== null) return String(value);
    return chart.kind === "share" ? show(value, "percent", "share") : show(value, chart.format, chart.unit);
  };
  if (chart.kind === "table") {
    return { columns: chart.columns ?? [], rows: chart.rows ?? [], format: cellText };
  }
  const format = (value: Cell, column: number): string => (column === 0 ? String(value ?? "") : write(value));
  if (chart.kind === "bars") {
    const bars = barsOf(chart, resolved);
    const grouped = Boolean(chart.x) && resolved.lines.length > 1;
    const spread = bars.some((bar) => bar.low !== null);
    return {
      columns: ["Name", "Value", ...(spread ? ["25th", "75th"] : [])],
      rows: bars.map((bar) => [
        grouped ? `${bar.label}, ${bar.group}` : bar.label, bar.value, ...(spread ? [bar.low, bar.high] : []),
      ]),
      format,
    };
  }
  const lines = chart.kind === "share" ? shares(resolved.lines, resolved.labels.length) : resolved.lines;
  const wide = chart.kind === "fan" || chart.kind === "fans" || chart.kind === "vintage";
  const several = lines.length > 1;
  const columns = lines.flatMap((line) => {
    const levels = wide && line.spread ? LEVELS : (["q50"] as const);
    return levels.map((level) => ({
      head: !wide || !line.spread ? line.label : several ? `${line.label}, ${LEVEL_NAME[level]}` : LEVEL_NAME[level],
      values: line[level],
    }));
  });
  if (chart.past) columns.push({ head: chart.past.label, values: pastValues(chart, resolved.labels) });
  for (const dot of chart.dots ?? [])
    columns.push({ head: `forecast of ${dot.label} for ${dot.at}`, values: resolved.labels.map((label) => (label === `${dot.at}Q2` ? dot.value : null)) });
  const head = resolved.labels.some((label) => /Q[1-4]$/.test(label)) ? "Quarter" : "";
  return {
    columns: [head, ...columns.map((column) => column.head)],
    rows: resolved.labels.map((label, index) => [label, ...columns.map((column) => column.values[index] ?? null)]),
    format,
  };
}

export function cellText(value: Cell): string {
  if (value === null) return "–";
  if (typeof value === "number") return Number.isInteger(value) && Math.abs(value) < 1e12 ? plain(value, 0) : plain(value);
  if (typeof value === "boolean") return value ? "yes" : "no";
  return value;
}

export function TableView({ table, label }: { table: Table; label: string }) {
  const numeric = table.columns.map((_, column) =>
    table.rows.some((row) => typeof row[column] === "number") &&
    table.rows.every((row) => typeof row[column] === "number" || row[column] === null || row[column] === undefined),
  );
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={label}>
      <table class="data">
        <thead>
          <tr>
            {table.columns.map((column, index) => (
              <th key={index} scope="col" class={numeric[index] ? "number" : ""}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, index) => (
            <tr key={index}>
              {table.columns.map((_, column) => {
                const text = table.format(row[column] ?? null, column);
                if (column === 0) return <th key={column} scope="row">{text}</th>;
                return <td key={column} class={numeric[column] ? "number" : ""}>{text}</td>;
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
