// Stacked areas of medians, or bars where they are flows: what a total is made of.
import type { Chart } from "../state/data";
import { show } from "../state/format";
import { known, lastKnown, type Resolved } from "../state/resolve";
import { EndLabels } from "./legend";
import { layers } from "./layers";
import { areaPath, barsPath } from "./paths";
import { Plot } from "./plot";
import { ReferenceLines, referenceValues } from "./reference";
import { domainOf } from "./scale";
import { hue } from "./theme";

export function StackChart({ chart, resolved, name }: { chart: Chart; resolved: Resolved; name: string }) {
  const { lines, labels } = resolved;
  const stacked = layers(lines, labels.length);
  const last = lastKnown(lines, labels.length);
  const values = [0, ...stacked.flatMap((layer) => known(layer.low, layer.high)), ...referenceValues(chart)];
  const write = (value: number | null | undefined) => show(value, chart.format, chart.unit);
  return (
    <Plot
      name={name}
      labels={labels}
      domain={domainOf(values, { zero: true })}
      format={chart.format}
      unit={chart.unit}
      start={last}
      names={lines.map((line, index) => ({ label: line.label, tone: index }))}
      rows={(index) => [
        ...lines
          .map((line, tone) => ({ label: line.label, tone, value: write(line.q50[index]) }))
          .reverse(),
        { label: "Sum of medians", value: write(total(known(lines.map((line) => line.q50[index] ?? null)))), strong: true },
      ]}
    >
      {(geometry) => {
        const { x, y } = geometry;
        return (
          <>
            {stacked.map((layer, index) => (
              <path key={index} class="layer" fill={hue(index)} d={(chart.flows ? barsPath : areaPath)(layer.low, layer.high, x, y)} />
            ))}
            {geometry.cursor !== null && (
              <line
                class="cursor over" x1={x(geometry.cursor)} x2={x(geometry.cursor)}
                y1={geometry.top} y2={geometry.bottom}
              />
            )}
            <ReferenceLines lines={chart.lines ?? []} geometry={geometry} />
            {geometry.naming.mode === "ends" && (
              <EndLabels
                x={geometry.right}
                room={geometry.naming.right}
                top={geometry.top}
                bottom={geometry.bottom}
                ends={stacked.flatMap((layer, index) => {
                  const low = layer.low[last];
                  const high = layer.high[last];
                  if (typeof low !== "number" || typeof high !== "number") return [];
                  return [{ label: lines[index]?.label ?? "", tone: index, y: (y(low) + y(high)) / 2 }];
                })}
              />
            )}
          </>
        );
      }}
    </Plot>
  );
}

function total(values: number[]): number | null {
  return values.length ? values.reduce((sum, value) => sum + value, 0) : null;
}
