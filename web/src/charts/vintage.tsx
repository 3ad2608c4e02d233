// One interval a label: the median as a dot, half of the paths thick, nine in ten thin.
import type { Chart } from "../state/data";
import { show } from "../state/format";
import { known, lastKnown, LEVELS, type Resolved } from "../state/resolve";
import { LegendRows, naming } from "./legend";
import { Plot } from "./plot";
import type { Row } from "./readout";
import { endRoom, ReferenceBands, ReferenceEnds, ReferenceLines, referenceValues } from "./reference";
import { domainOf } from "./scale";
import { tone } from "./theme";

export function VintageChart({ chart, resolved, name }: { chart: Chart; resolved: Resolved; name: string }) {
  const { lines, labels } = resolved;
  const several = lines.length > 1;
  const values = lines.flatMap((line) => known(line.q05, line.q25, line.q50, line.q75, line.q95));
  const room = endRoom(chart.lines ?? []);
  const write = (value: number | null | undefined) => show(value, chart.format, chart.unit);
  const rows = (index: number): Row[] =>
    lines.flatMap((line, at): Row[] => {
      const head: Row = { label: several ? line.label : "Median", value: write(line.q50[index]), strong: true };
      if (several) return [{ ...head, tone: at }];
      if (!line.spread) return [head];
      return [
        head,
        { label: "Half of paths", value: `${write(line.q25[index])} to ${write(line.q75[index])}` },
        { label: "Nine in ten", value: `${write(line.q05[index])} to ${write(line.q95[index])}` },
      ];
    });
  return (
    <Plot
      name={name}
      labels={labels}
      domain={domainOf([...values, ...referenceValues(chart)])}
      format={chart.format}
      unit={chart.unit}
      rows={rows}
      start={lastKnown(lines, labels.length)}
      margin={room}
      banded
    >
      {(geometry) => {
        const { x, y, step } = geometry;
        const slot = Math.min(step * 0.8, 44) / lines.length;
        const thick = Math.max(2, Math.min(14, slot * 0.62));
        return (
          <>
            <ReferenceBands bands={chart.bands ?? []} geometry={geometry} />
            {lines.map((line, at) => (
              <g key={line.label} class="intervals" style={{ "--c": tone(several ? at : "accent") }}>
                {labels.map((label, index) => {
                  const middle = line.q50[index];
                  if (typeof middle !== "number") return null;
                  const centre = x(index) + (at - (lines.length - 1) / 2) * slot;
                  return (
                    <g key={label}>
                      <Span class="whisker" centre={centre} width={1.5} low={line.q05[index]} high={line.q95[index]} y={y} />
                      <Span class="box" centre={centre} width={thick} low={line.q25[index]} high={line.q75[index]} y={y} />
                      <circle class="middle" cx={centre} cy={y(middle)} r={Math.max(2, Math.min(4, thick / 2))} />
                    </g>
                  );
                })}
              </g>
            ))}
            {several && (
              <LegendRows
                width={geometry.right - geometry.left}
                rows={naming(lines.map((line, at) => ({ label: line.label, tone: at })), 0, 0).rows.map((row, at) => ({
                  ...row, x: geometry.left + 8, y: geometry.top + 8 + at * 18,
                }))}
              />
            )}
            <ReferenceLines
              bands={chart.bands ?? []} geometry={geometry}
              marks={lines.flatMap((line) => LEVELS.map((level) => ({ values: line[level], weight: level === "q50" ? 5 : 2 })))}
            />
            <ReferenceEnds lines={chart.lines ?? []} geometry={geometry} room={room} />
          </>
        );
      }}
    </Plot>
  );
}

interface SpanProps {
  class: string;
  centre: number;
  width: number;
  low: number | null | undefined;
  high: number | null | undefined;
  y: (value: number) => number;
}

function Span({ class: name, centre, width, low, high, y }: SpanProps) {
  if (typeof low !== "number" || typeof high !== "number") return null;
  const round = width > 4 ? 2 : 0;
  return <rect class={name} x={centre - width / 2} width={width} y={y(high)} height={Math.max(1, y(low) - y(high))} rx={round} />;
}
