// Medians of several series, named at their ends; half of the paths faintly behind when there are few.
import type { Chart } from "../state/data";
import { show } from "../state/format";
import { known, lastKnown, type Resolved } from "../state/resolve";
import { EndLabels } from "./legend";
import { besideValues, Past } from "./past";
import { areaPath, linePath, lonely } from "./paths";
import { Plot } from "./plot";
import { ReferenceBands, ReferenceLines, referenceValues } from "./reference";
import { domainOf } from "./scale";
import { hue, HUES } from "./theme";

const FEW = 3; // more bands than this and none can be told apart

export function LinesChart({ chart, resolved, name }: { chart: Chart; resolved: Resolved; name: string }) {
  const { lines, labels } = resolved;
  const faint = lines.length <= FEW && lines.some((line) => line.spread);
  const values = lines.flatMap((line) => (faint ? known(line.q25, line.q50, line.q75) : known(line.q50)));
  const log = chart.scale === "log";
  return (
    <Plot
      name={name}
      labels={labels}
      domain={domainOf([...values, ...referenceValues(chart), ...besideValues(chart)], { log })}
      log={log}
      format={chart.format}
      unit={chart.unit}
      start={lastKnown(lines, labels.length)}
      names={lines.map((line, index) => ({ label: line.label, tone: index }))}
      rows={(index) =>
        lines
          .map((line, tone) => ({ label: line.label, tone, at: line.q50[index] ?? null }))
          .sort((a, b) => (b.at ?? -Infinity) - (a.at ?? -Infinity))
          .map(({ label, tone, at }) => ({ label, tone, value: show(at, chart.format, chart.unit) }))
      }
    >
      {(geometry) => {
        const { x, y, cursor } = geometry;
        return (
          <>
            <ReferenceBands bands={chart.bands ?? []} geometry={geometry} />
            {faint &&
              lines.map((line, index) => (
                <path key={line.label} class="faint" fill={hue(index)} d={areaPath(line.q25, line.q75, x, y)} />
              ))}
            {lines.map((line, index) =>
              (chart.ghosts ?? []).filter((ghost) => ghost.key === line.key).map((ghost) => (
                <path key={`${line.label}${ghost.label}`} class="ghost-line" stroke={hue(index)} d={linePath(ghost.q50, x, y)} />
              )),
            )}
            <Past chart={chart} labels={labels} geometry={geometry} />
            {lines.map((line, index) => (
              <g key={line.label}>
                <path class={index < HUES ? "line" : "line again"} stroke={hue(index)} d={linePath(line.q50, x, y)} />
                {lonely(line.q50).map((lone) => (
                  <circle key={lone} fill={hue(index)} cx={x(lone)} cy={y(line.q50[lone] as number)} r={2.5} />
                ))}
                {cursor !== null && typeof line.q50[cursor] === "number" && (
                  <circle class="dot" fill={hue(index)} cx={x(cursor)} cy={y(line.q50[cursor] as number)} r={3.5} />
                )}
              </g>
            ))}
            <ReferenceLines
              bands={chart.bands ?? []} lines={chart.lines ?? []} geometry={geometry}
              marks={lines.map((line) => ({ values: line.q50, weight: 10 }))}
            />
            {geometry.naming.mode === "ends" && (
              <EndLabels
                x={geometry.right}
                room={geometry.naming.right}
                top={geometry.top}
                bottom={geometry.bottom}
                ends={lines.flatMap((line, index) => {
                  const at = line.q50[lastKnown([line], labels.length)];
                  return typeof at === "number" ? [{ label: line.label, tone: index, y: y(at) }] : [];
                })}
              />
            )}
          </>
        );
      }}
    </Plot>
  );
}
