// A fan: the median, and the bands that hold half and nine tenths of the paths.
import type { Chart, Ghost } from "../state/data";
import { show } from "../state/format";
import { known, lastKnown, type Line, type Resolved } from "../state/resolve";
import { textWidth } from "./measure";
import { besideRows, besideValues, historyLength, Past, pastValues } from "./past";
import { areaPath, linePath, lonely } from "./paths";
import { place } from "./place";
import { Plot, type Geometry } from "./plot";
import type { Row } from "./readout";
import { ReferenceBands, ReferenceLines, referenceValues } from "./reference";
import { domainOf } from "./scale";

export function FanMarks({ line, geometry }: { line: Line; geometry: Geometry }) {
  const { x, y, cursor } = geometry;
  const at = cursor === null ? null : line.q50[cursor];
  return (
    <g class="fan">
      <path class="band outer" d={areaPath(line.q05, line.q95, x, y)} />
      <path class="band inner" d={areaPath(line.q25, line.q75, x, y)} />
      <path class="median" d={linePath(line.q50, x, y)} />
      {lonely(line.q50).map((index) => (
        <circle key={index} class="lone" cx={x(index)} cy={y(line.q50[index] as number)} r={2.5} />
      ))}
      {cursor !== null && typeof at === "number" && <circle class="dot" cx={x(cursor)} cy={y(at)} r={4} />}
    </g>
  );
}

/** What a label laid over a fan should not cover: the median first of all. */
export const fanMarks = (line: Line) => [
  { values: line.q50, weight: 10 },
  ...[line.q05, line.q25, line.q75, line.q95].map((values) => ({ values, weight: 1 })),
];

export function fanRows(line: Line, chart: Chart, labels: string[] = []) {
  return (index: number): Row[] => {
    const write = (value: number | null | undefined) => show(value, chart.format, chart.unit);
    const simulated = typeof line.q50[index] === "number";
    const rows: Row[] = [...besideRows(chart, labels, index), ...(simulated || !labels.length ? [{ label: "Median", value: write(line.q50[index]), strong: true }] : [])];
    if (line.spread && (simulated || !labels.length)) {
      rows.push({ label: "Half of paths", value: range(write(line.q25[index]), write(line.q75[index])) });
      rows.push({ label: "Nine in ten", value: range(write(line.q05[index]), write(line.q95[index])) });
    }
    return rows;
  };
}

const range = (low: string, high: string) => `${low} to ${high}`;

/** Names the bands at the right edge, once, where the eye leaves the chart. */
function EndValues({ line, chart, geometry, last }: { line: Line; chart: Chart; geometry: Geometry; last: number }) {
  const { y, right, top, bottom } = geometry;
  const ends = endsOf(line, chart, last).map((end) => ({ ...end, y: y(end.value), size: 15 }));
  return (
    <g class="end-labels">
      {place(ends, top, bottom + 4).map(({ item, y: at }) => (
        <text key={item.name} class={item.strong ? "end-value strong" : "end-value"} x={right + 8} y={at} dy="0.34em">
          <tspan>{item.text}</tspan>
          <tspan class="aside" dx={5}>
            {item.name}
          </tspan>
        </text>
      ))}
    </g>
  );
}

function endsOf(line: Line, chart: Chart, last: number) {
  const levels = [
    { name: "95th", value: line.q95[last], strong: false },
    { name: "median", value: line.q50[last], strong: true },
    { name: "5th", value: line.q05[last], strong: false },
  ];
  return levels.flatMap(({ name, value, strong }) =>
    typeof value === "number" ? [{ name, value, strong, text: show(value, chart.format, chart.unit) }] : [],
  );
}

/** The medians of other scenarios, dashed, with a name where there is room. */
function Ghosts({ ghosts, geometry }: { ghosts: Ghost[]; geometry: Geometry }) {
  const { x, y } = geometry;
  return (
    <g class="ghosts">
      {ghosts.map((ghost, index) => {
        const at = Math.min(ghost.q50.length - 1, Math.round(ghost.q50.length * 0.7));
        const value = ghost.q50[at];
        return (
          <g key={ghost.label} class={`ghost g${index}`}>
            <path d={linePath(ghost.q50, x, y)} />
            {typeof value === "number" && <text x={x(at)} y={y(value)} dy={index % 2 ? 13 : -6}>{ghost.label}</text>}
          </g>
        );
      })}
    </g>
  );
}

export function FanChart({ chart, resolved, name }: { chart: Chart; resolved: Resolved; name: string }) {
  const line = resolved.lines[0] as Line;
  const before = historyLength(chart);
  const ghosts = (chart.ghosts ?? []).filter((ghost) => ghost.key === line.key).map((ghost) => ({ ...ghost, q50: [...new Array<null>(before).fill(null), ...ghost.q50] }));
  const samples = line.samples ?? [];
  const last = lastKnown([line], resolved.labels.length);
  const values = [
    ...known(line.q05, line.q25, line.q50, line.q75, line.q95, ...ghosts.map((ghost) => ghost.q50), ...samples),
    ...referenceValues(chart),
    ...besideValues(chart),
  ];
  const widest = Math.max(
    0,
    ...endsOf(line, chart, last).map((end) => textWidth(end.text, 12, 600) + textWidth(end.name, 11) + 5),
  );
  return (
    <Plot
      name={name}
      labels={resolved.labels}
      domain={domainOf(values, { log: chart.scale === "log" })}
      log={chart.scale === "log"}
      format={chart.format}
      unit={chart.unit}
      rows={fanRows(line, chart, resolved.labels)}
      start={last}
      margin={widest + 14}
    >
      {(geometry) => (
        <>
          <ReferenceBands bands={chart.bands ?? []} geometry={geometry} />
          <Ghosts ghosts={ghosts} geometry={geometry} />
          <Past chart={chart} labels={resolved.labels} geometry={geometry} />
          <FanMarks line={line} geometry={geometry} />
          {samples.map((path, index) => (
            <path key={index} class="sample" d={linePath(path, geometry.x, geometry.y)} />
          ))}
          <ReferenceLines
              bands={chart.bands ?? []} lines={chart.lines ?? []} geometry={geometry}
              marks={[...fanMarks(line), { values: pastValues(chart, resolved.labels), weight: 10 }]}
            />
          <EndValues line={line} chart={chart} geometry={geometry} last={last} />
        </>
      )}
    </Plot>
  );
}
