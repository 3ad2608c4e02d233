// The stage every quarterly chart stands on: size, axes, and one cursor for pointer and keyboard.
import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import type { Format } from "../state/data";
import { bare, isShare, tickFormat } from "../state/format";
import { isQuarter, spoken, timeTicks } from "../state/quarters";
import { axisWords } from "../state/units";
import { LabelAxis, ValueAxis } from "./axis";
import { LegendRows, naming, type Named, type Naming } from "./legend";
import { textWidth } from "./measure";
import { Readout, type Row } from "./readout";
import { valueScale, valueTicks, type ValueScale } from "./scale";
import { useWidth } from "./width";

export interface Geometry {
  width: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
  x: (index: number) => number;
  step: number;
  y: ValueScale;
  naming: Naming;
  cursor: number | null;
}

export interface PlotProps {
  name: string;
  labels: string[];
  domain: [number, number];
  format: Format | undefined;
  unit: string;
  rows: (index: number) => Row[];
  start: number; // where the keyboard cursor begins
  children: (geometry: Geometry) => ComponentChildren;
  names?: Named[];
  margin?: number; // fixed right margin instead of names
  banded?: boolean; // columns stand on bands, lines on points
  log?: boolean;
  height?: number;
  axisTitle?: string;
  quiet?: boolean; // the caller shows the values at the cursor itself
  cursor?: number | null;
  onCursor?: (index: number | null) => void;
}

export function Plot(props: PlotProps) {
  const { labels, format, unit, banded = false, log = false } = props;
  const [box, width] = useWidth<HTMLDivElement>(640);
  const [own, setOwn] = useState<number | null>(null);
  const [byKey, setByKey] = useState(false);
  const pressed = useRef(false);
  const cursor = props.cursor === undefined ? own : props.cursor;
  const move = (index: number | null) => (props.onCursor ?? setOwn)(index);

  const height = props.height ?? Math.round(Math.max(240, Math.min(360, width * 0.46)));
  const names = naming(props.names ?? [], width, height);
  const title = props.axisTitle ?? axisWords(unit, isShare(format, unit) ? "percent" : format);
  const top = names.top + (title ? 26 : 10);
  const full = height + names.top;
  const bottom = full - 26;
  const count = bottom - top > 150 ? 5 : 4;
  const y = valueScale(props.domain, [bottom, top], log, count);
  const ticks = valueTicks(y, count, log);
  const write = log ? (value: number) => bare(value) : tickFormat(ticks, format, unit);
  const left = Math.ceil(Math.max(18, ...ticks.map((tick) => textWidth(write(tick), 11.5)))) + 10;
  const right = width - (props.margin ?? (names.mode === "ends" && props.names ? names.right : 12));

  const span = Math.max(1, labels.length - 1);
  const step = banded ? (right - left) / Math.max(1, labels.length) : (right - left) / span;
  const x = (index: number) => (banded ? left + step * (index + 0.5) : left + step * index);
  const nearest = (clientX: number, element: Element) => {
    const rect = element.getBoundingClientRect();
    const at = ((clientX - rect.left) / rect.width) * width;
    const index = banded ? Math.floor((at - left) / step) : Math.round((at - left) / step);
    return Math.max(0, Math.min(labels.length - 1, index));
  };
  const key = (event: KeyboardEvent) => {
    const from = cursor ?? props.start;
    const year = labels.every(isQuarter) ? 4 : 5;
    const to: Record<string, number> = {
      ArrowLeft: from - 1, ArrowRight: from + 1, PageUp: from - year, PageDown: from + year,
      Home: 0, End: labels.length - 1,
    };
    if (event.key === "Escape") return move(null);
    const target = to[event.key];
    if (target === undefined) return;
    event.preventDefault();
    setByKey(true);
    move(Math.max(0, Math.min(labels.length - 1, cursor === null ? from : target)));
  };
  const geometry: Geometry = { width, left, right, top, bottom, x, step, y, naming: names, cursor };
  const rows = cursor === null ? [] : props.rows(cursor);

  return (
    <div class="plot" ref={box}>
      <div
        class="plot-focus"
        role="img"
        aria-label={props.name}
        tabIndex={0}
        onKeyDown={key}
        onFocus={() => {
          if (!pressed.current) {
            setByKey(true);
            move(props.start);
          }
        }}
        onBlur={() => {
          setByKey(false);
          move(null);
        }}
        onPointerDown={(event) => {
          pressed.current = true;
          setByKey(false);
          move(nearest(event.clientX, event.currentTarget));
        }}
        onPointerUp={() => (pressed.current = false)}
        onPointerMove={(event) => {
          setByKey(false);
          move(nearest(event.clientX, event.currentTarget));
        }}
        onPointerLeave={() => {
          pressed.current = false;
          move(null);
        }}
      >
        <svg viewBox={`0 0 ${width} ${full}`} width={width} height={full} aria-hidden="true">
          {names.mode === "rows" && <LegendRows rows={names.rows} width={width} />}
          <ValueAxis
            scale={y} ticks={ticks} format={write} left={left} right={right} title={title} top={names.top + 11}
          />
          {cursor !== null && !banded && <line class="cursor" x1={x(cursor)} x2={x(cursor)} y1={top} y2={bottom} />}
          {cursor !== null && banded && (
            <rect class="cursor-band" x={x(cursor) - step / 2} width={step} y={top} height={bottom - top} />
          )}
          {props.children(geometry)}
          <LabelAxis ticks={timeTicks(labels, right - left)} x={x} y={bottom} left={left} right={right} />
        </svg>
      </div>
      {cursor !== null && !props.quiet && (
        <Readout title={spoken(labels[cursor] ?? "")} rows={rows} at={x(cursor)} width={width} top={top} />
      )}
      <div class="hidden" aria-live="polite">
        {byKey && cursor !== null
          ? `${spoken(labels[cursor] ?? "")}: ${rows.map((row) => `${row.label} ${row.value}`).join(", ")}`
          : ""}
      </div>
    </div>
  );
}
