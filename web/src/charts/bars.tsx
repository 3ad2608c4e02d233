// Horizontal bars: one value a name, longest scale shared, whiskers where a spread is known.
import { useState } from "preact/hooks";
import type { Chart } from "../state/data";
import { isShare, show, tickFormat } from "../state/format";
import { known, lastKnown, type Line, type Resolved } from "../state/resolve";
import { axisWords } from "../state/units";
import { textWidth, wrap } from "./measure";
import { referenceValues } from "./reference";
import { domainOf, valueScale, valueTicks } from "./scale";
import { tone, type Tone } from "./theme";
import { useWidth } from "./width";

export interface Bar {
  label: string;
  group: string;
  value: number | null;
  low: number | null;
  high: number | null;
  tone: Tone;
}

/**
 * Bars of a chart. With labels on x, a bar for each label and series; without, a bar for each series at its
 * last known quarter.
 */
export function barsOf(chart: Chart, resolved: Resolved): Bar[] {
  const bar = (line: Line, index: number, label: string, mark: Tone): Bar => ({
    label,
    group: line.label,
    value: line.q50[index] ?? null,
    low: line.q25[index] ?? null,
    high: line.q75[index] ?? null,
    tone: mark,
  });
  const { lines, labels } = resolved;
  if (chart.x) {
    return labels.flatMap((label, index) =>
      lines.map((line, at) => bar(line, index, label, lines.length > 1 ? at : "accent")),
    );
  }
  return lines.map((line) => bar(line, lastKnown([line], labels.length), line.label, "accent"));
}

export function BarsChart({ chart, resolved, name }: { chart: Chart; resolved: Resolved; name: string }) {
  const [box, width] = useWidth<HTMLDivElement>(640);
  const [active, setActive] = useState<number | null>(null);
  const bars = barsOf(chart, resolved);
  const grouped = Boolean(chart.x) && resolved.lines.length > 1;
  const write = (value: number | null) => show(value, chart.format, chart.unit);
  const room = Math.min(Math.max(40, ...bars.map((bar) => textWidth(bar.label, 12))), width * 0.38);
  const left = Math.ceil(room) + 12;
  const widest = Math.max(...bars.map((bar) => textWidth(write(bar.value), 12, 600)), 10);
  const right = width - widest - 16;
  const title = axisWords(chart.unit, isShare(chart.format, chart.unit) ? "percent" : chart.format);
  const top = grouped ? 30 : 8;
  const thickness = grouped ? 14 : 18;
  const pitch = grouped ? 17 : 29;
  const gap = grouped ? 12 : 0;
  const perLabel = Math.max(1, resolved.lines.length);
  const at = (index: number) => top + index * pitch + (grouped ? Math.floor(index / perLabel) * gap : 0);
  const bottom = at(bars.length) + 2;
  const height = bottom + (title ? 40 : 24);
  const values = bars.flatMap((bar) => known([bar.value, bar.low, bar.high]));
  const scale = valueScale(domainOf([...values, ...referenceValues(chart)], { zero: true }), [left, right], false, 4);
  const least = valueTicks(scale, 5);
  const written = Math.max(...least.map((value) => textWidth(tickFormat(least, chart.format, chart.unit)(value), 11.5)));
  const ticks = valueTicks(scale, Math.max(1, Math.min(5, Math.floor((right - left) / (written * 1.6 + 12)))));
  const tick = tickFormat(ticks, chart.format, chart.unit);
  const key = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (event.key === "Escape") setActive(null);
    if (!step) return;
    event.preventDefault();
    setActive(Math.max(0, Math.min(bars.length - 1, (active ?? -1) + step)));
  };
  const told = active === null ? undefined : bars[active];
  return (
    <div class="plot" ref={box}>
      <div class="plot-focus" role="img" aria-label={name} tabIndex={0} onKeyDown={key} onBlur={() => setActive(null)}>
        <svg viewBox={`0 0 ${width} ${height}`} width={width} height={height} aria-hidden="true">
          {grouped &&
            resolved.lines.map((line, index) => (
              <g key={line.label} class="legend" transform={`translate(${offset(resolved.lines, index)},8)`}>
                <rect width={10} height={10} y={-5} rx={2} fill={tone(index)} />
                <text x={16} dy="0.35em">
                  {line.label}
                </text>
              </g>
            ))}
          <g class="axis">
            {ticks.map((value) => (
              <g key={value} transform={`translate(${scale(value)},0)`}>
                <line class={value === 0 ? "zero" : "grid"} y1={top - 4} y2={bottom} />
                <text y={bottom + 15} text-anchor="middle">
                  {tick(value)}
                </text>
              </g>
            ))}
            {title && (
              <text class="axis-title" x={left} y={bottom + 33}>
                {title}
              </text>
            )}
          </g>
          {bars.map((bar, index) => (
            <g key={index} class={active === index ? "bar active" : "bar"}>
              {(!grouped || index % perLabel === 0) &&
                wrap(bar.label, room, 12).map((text, row, all) => (
                  <text
                    key={row} class="bar-label" x={left - 10} text-anchor="end" dy="0.34em"
                    y={at(index) + (grouped ? (perLabel * pitch) / 2 : pitch / 2 - 1) + (row - (all.length - 1) / 2) * 13}
                  >
                    {text}
                  </text>
                ))}
              {bar.value !== null && (
                <rect
                  x={Math.min(scale(0), scale(bar.value))} width={Math.abs(scale(bar.value) - scale(0))}
                  y={at(index) + (pitch - thickness) / 2 - 1} height={thickness} rx={1.5} fill={tone(bar.tone)}
                />
              )}
              {bar.low !== null && bar.high !== null && (
                <line
                  class="range" x1={scale(bar.low)} x2={scale(bar.high)}
                  y1={at(index) + pitch / 2 - 1} y2={at(index) + pitch / 2 - 1}
                />
              )}
              <text
                class="bar-value" x={Math.max(scale(0), scale(bar.high ?? 0), scale(bar.value ?? 0)) + 6}
                y={at(index) + pitch / 2 - 1} dy="0.34em"
              >
                {write(bar.value)}
              </text>
            </g>
          ))}
          {(chart.lines ?? []).map((line) => (
            <g class="reference" key={line.label}>
              <line x1={scale(line.value)} x2={scale(line.value)} y1={top - 4} y2={bottom} />
              <text x={scale(line.value) + 5} y={bottom - 5}>
                {line.label}
              </text>
            </g>
          ))}
        </svg>
      </div>
      <div class="hidden" aria-live="polite">
        {told ? `${told.label}${grouped ? `, ${told.group}` : ""}: ${write(told.value)}` : ""}
      </div>
    </div>
  );
}

function offset(lines: Line[], index: number): number {
  return lines.slice(0, index).reduce((sum, line) => sum + textWidth(line.label, 12) + 34, 0);
}
