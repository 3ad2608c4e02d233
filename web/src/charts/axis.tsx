// Axes: hairline grid, value labels at the left, the unit above them, years below.
import type { Tick } from "../state/quarters";
import type { ValueScale } from "./scale";

interface ValueAxisProps {
  scale: ValueScale;
  ticks: number[];
  format: (value: number) => string;
  left: number;
  right: number;
  title: string;
  top: number;
}

export function ValueAxis({ scale, ticks, format, left, right, title, top }: ValueAxisProps) {
  return (
    <g class="axis axis-value">
      {title && (
        <text class="axis-title" x={0} y={top}>
          {title}
        </text>
      )}
      {ticks.map((tick) => (
        <g key={tick} transform={`translate(0,${scale(tick)})`}>
          <line class={tick === 0 ? "zero" : "grid"} x1={left} x2={right} />
          <text x={left - 8} dy="0.32em" text-anchor="end">
            {format(tick)}
          </text>
        </g>
      ))}
    </g>
  );
}

interface LabelAxisProps {
  ticks: Tick[];
  x: (index: number) => number;
  y: number;
  left: number;
  right: number;
}

export function LabelAxis({ ticks, x, y, left, right }: LabelAxisProps) {
  return (
    <g class="axis axis-label" transform={`translate(0,${y})`}>
      <line class="base" x1={left} x2={right} />
      {ticks.map(({ index, label }) => (
        <g key={index} transform={`translate(${x(index)},0)`}>
          <line class="tick" y2={4} />
          <text y={17} text-anchor="middle">
            {label}
          </text>
        </g>
      ))}
    </g>
  );
}
