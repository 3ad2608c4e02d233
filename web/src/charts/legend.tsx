// Where series get their names: beside the line's end when there is room, in rows above the plot when not.
import { shorten, textWidth, wrap } from "./measure";
import { place } from "./place";
import { tone, type Tone } from "./theme";

export interface Named {
  label: string;
  tone: Tone;
}

export interface Naming {
  mode: "ends" | "rows";
  right: number; // margin at the right of the plot
  top: number; // extra room above the plot
  rows: { x: number; y: number; named: Named }[];
}

const SIZE = 12;
const LINE = 15;

/** Chooses between labels at the ends and a legend in rows, and says what room it needs. */
export function naming(all: Named[], width: number, height: number): Naming {
  if (all.length === 0) return { mode: "ends", right: 12, top: 0, rows: [] };
  const widest = Math.max(...all.map(({ label }) => textWidth(label, SIZE)));
  const most = Math.min(150, width * 0.25);
  const lines = all.reduce((sum, { label }) => sum + wrap(label, most, SIZE).length, 0);
  if (width >= 340 && lines * LINE <= height - 50) {
    return { mode: "ends", right: Math.min(widest, most) + 16, top: 0, rows: [] };
  }
  const rows: Naming["rows"] = [];
  let x = 0;
  let y = 0;
  for (const named of all) {
    const need = 18 + Math.min(textWidth(named.label, SIZE), width - 24) + 16;
    if (x > 0 && x + need > width) {
      x = 0;
      y += 18;
    }
    rows.push({ x, y, named });
    x += need;
  }
  return { mode: "rows", right: 10, top: y + 24, rows };
}

export function LegendRows({ rows, width }: { rows: Naming["rows"]; width: number }) {
  return (
    <g class="legend">
      {rows.map(({ x, y, named }) => (
        <g key={named.label} transform={`translate(${x},${y + 6})`}>
          <rect class="swatch" width={10} height={10} y={-5} rx={2} fill={tone(named.tone)} />
          <text x={16} dy="0.35em">
            {shorten(named.label, width - 20, SIZE)}
          </text>
        </g>
      ))}
    </g>
  );
}

export interface End extends Named {
  y: number;
}

interface EndLabelsProps {
  ends: End[];
  x: number;
  room: number;
  top: number;
  bottom: number;
}

export function EndLabels({ ends, x, room, top, bottom }: EndLabelsProps) {
  const items = ends.map((end) => {
    const lines = wrap(end.label, room - 14, SIZE);
    return { ...end, lines, size: lines.length * LINE - (lines.length > 1 ? 2 : 0) };
  });
  return (
    <g class="end-labels">
      {place(items, top - 6, bottom + 6).map(({ item, y, moved }) => (
        <g key={item.label}>
          {moved && (
            <path class="leader" d={`M${x + 2},${item.y}L${x + 6},${item.y}L${x + 9},${y}`} stroke={tone(item.tone)} />
          )}
          {item.lines.map((line, row) => (
            <text
              key={row}
              class="end-label"
              x={x + 12}
              y={y + (row - (item.lines.length - 1) / 2) * 13.5}
              dy="0.34em"
              style={{ "--c": tone(item.tone) }}
            >
              {line}
            </text>
          ))}
        </g>
      ))}
    </g>
  );
}
