// What a chart is compared with: shaded bands and dashed lines, named where they hide least.
import type { Chart, Num } from "../state/data";
import { shorten, textWidth, wrap } from "./measure";
import { place } from "./place";
import type { Geometry } from "./plot";

type References = Pick<Chart, "bands" | "lines">;

/** Values the axis must reach so that every reference is in view. */
export function referenceValues({ bands = [], lines = [] }: References): number[] {
  return [...bands.flatMap((band) => [band.low, band.high]), ...lines.map((line) => line.value)];
}

export function ReferenceBands({ bands, geometry }: { bands?: Chart["bands"]; geometry: Geometry }) {
  const { left, right, y } = geometry;
  return (
    <g class="reference-bands">
      {(bands ?? []).map((band) => (
        <rect
          key={band.label} x={left} width={right - left} y={y(band.high)}
          height={Math.max(1, y(band.low) - y(band.high))}
        />
      ))}
    </g>
  );
}

interface Spot {
  x: number;
  y: number;
  anchor: "start" | "end";
}

interface Mark {
  values: Num[];
  weight: number; // how bad it is to cover this line
}

interface Reference {
  label: string;
  edges: number[]; // heights where its name may stand
}

const HALF = 8; // half the height of a label

/** How much a label of this width at this spot would cover. */
function cost(spot: Spot, width: number, marks: Mark[], lines: number[], taken: Spot[], geometry: Geometry): number {
  const { x, y, left, right, top, bottom } = geometry;
  const from = spot.anchor === "start" ? spot.x : spot.x - width;
  if (spot.y < top || spot.y > bottom - 4 || from < left || from + width > right) return 1e6;
  const crowd = taken.filter((other) => Math.abs(other.y - spot.y) < 2 * HALF && other.anchor === spot.anchor).length;
  let sum = crowd * 1000;
  for (const value of lines) if (Math.abs(y(value) - spot.y) < HALF - 1) sum += 50;
  for (const { values, weight } of marks) {
    values.forEach((value, index) => {
      const at = x(index);
      if (value !== null && at > from - 3 && at < from + width + 3 && Math.abs(y(value) - spot.y) < HALF) sum += weight;
    });
  }
  return sum;
}

function bestSpots(references: Reference[], marks: Mark[], lines: number[], geometry: Geometry) {
  const taken: Spot[] = [];
  const { left, right } = geometry;
  return references.map(({ label: whole, edges }) => {
    const label = shorten(whole, right - left - 12, 11.5);
    const width = textWidth(label, 11.5);
    const spots = edges.flatMap((edge): Spot[] => [
      { x: right - 6, y: edge, anchor: "end" },
      { x: left + 6, y: edge, anchor: "start" },
      { x: (left + right + width) / 2, y: edge, anchor: "end" },
    ]);
    const scored = spots.map((spot) => ({ spot, cost: cost(spot, width, marks, lines, taken, geometry) }));
    const best = scored.reduce((a, b) => (b.cost < a.cost ? b : a)).spot;
    taken.push(best);
    return { label, ...best };
  });
}

interface ReferenceLinesProps extends References {
  geometry: Geometry;
  marks?: Mark[];
}

/** Drawn last, over the marks, with a halo: a reference no one can read is no reference. */
export function ReferenceLines({ bands, lines, geometry, marks = [] }: ReferenceLinesProps) {
  const { left, right, y } = geometry;
  const spots = bestSpots(
    [
      ...(bands ?? []).map(({ label, low, high }) => ({ label, edges: [y(high) + 9, y(low) - 9, y(high) - 8, y(low) + 9] })),
      ...(lines ?? []).map(({ label, value }) => ({ label, edges: [y(value) - 8, y(value) + 9] })),
    ],
    marks,
    (lines ?? []).map((line) => line.value),
    geometry,
  );
  return (
    <g class="reference">
      {(lines ?? []).map((line) => (
        <line key={line.label} x1={left} x2={right} y1={y(line.value)} y2={y(line.value)} />
      ))}
      {spots.map(({ label, x, y: at, anchor }) => (
        <text key={label} x={x} y={at} dy="0.34em" text-anchor={anchor}>
          {label}
        </text>
      ))}
    </g>
  );
}

const END = 84; // as wide as a name beside the plot may be before it wraps

/** The right margin that names beside the plot need. */
export function endRoom(lines: NonNullable<Chart["lines"]>): number {
  const rows = lines.flatMap(({ label }) => wrap(label, END, 11.5, 3));
  return rows.length ? Math.max(...rows.map((row) => textWidth(row, 11.5))) + 16 : 12;
}

/** Dashed lines named beside the plot, where marks fill it and a label inside would cover some. */
export function ReferenceEnds({ lines, geometry, room }: { lines: NonNullable<Chart["lines"]>; geometry: Geometry; room: number }) {
  const { left, right, top, bottom, y } = geometry;
  const labels = lines.map(({ label, value }) => {
    const rows = wrap(label, room - 12, 11.5, 3);
    return { label, rows, y: y(value), size: rows.length * 14 };
  });
  return (
    <g class="reference">
      {lines.map((line) => (
        <line key={line.label} x1={left} x2={right + 4} y1={y(line.value)} y2={y(line.value)} />
      ))}
      {place(labels, top, bottom).map(({ item, y: at }) =>
        item.rows.map((row, index) => (
          <text key={row} x={right + 9} y={at + (index - (item.rows.length - 1) / 2) * 13.5} dy="0.34em">
            {row}
          </text>
        )),
      )}
    </g>
  );
}
