// Shares of one whole, a column a quarter: which constraint binds, who funds.
import type { Chart } from "../state/data";
import { show } from "../state/format";
import { lastKnown, type Resolved } from "../state/resolve";
import { EndLabels } from "./legend";
import { layers, shares } from "./layers";
import { Plot } from "./plot";
import { hue } from "./theme";

export function ShareChart({ resolved, name }: { chart: Chart; resolved: Resolved; name: string }) {
  const { labels } = resolved;
  const lines = shares(resolved.lines, labels.length);
  const stacked = layers(lines, labels.length);
  const last = lastKnown(lines, labels.length);
  return (
    <Plot
      name={name}
      labels={labels}
      domain={[0, 1]}
      format="percent"
      unit="share"
      axisTitle="% of the total"
      start={last}
      banded
      names={lines.map((line, index) => ({ label: line.label, tone: index }))}
      rows={(index) =>
        lines
          .map((line, tone) => ({ label: line.label, tone, value: show(line.q50[index], "percent", "share") }))
          .reverse()
      }
    >
      {(geometry) => {
        const { x, y, step, cursor } = geometry;
        const width = Math.max(1, step - (step > 6 ? 2 : 0.5));
        return (
          <>
            {stacked.map((layer, tone) => (
              <g key={tone} fill={hue(tone)}>
                {layer.low.map((low, index) => {
                  const high = layer.high[index];
                  if (low === null || typeof high !== "number" || high <= low) return null;
                  return (
                    <rect
                      key={index}
                      class={cursor === null || cursor === index ? "column" : "column dim"}
                      x={x(index) - width / 2} width={width} y={y(high)} height={y(low) - y(high)}
                    />
                  );
                })}
              </g>
            ))}
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
