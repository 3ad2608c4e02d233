// Lines and areas over positions 0..n-1. A null breaks the path: what is unknown is a gap, not a zero.
import { area, line } from "d3-shape";
import type { Num } from "../state/data";

type X = (index: number) => number;
type Y = (value: number) => number;

export function linePath(values: Num[], x: X, y: Y): string {
  return line<Num>()
    .defined((value) => value !== null)
    .x((_, index) => round(x(index)))
    .y((value) => round(y(value as number)))(values) ?? "";
}

export function areaPath(low: Num[], high: Num[], x: X, y: Y): string {
  return area<Num>()
    .defined((value, index) => value !== null && high[index] !== null && high[index] !== undefined)
    .x((_, index) => round(x(index)))
    .y0((value) => round(y(value as number)))
    .y1((_, index) => round(y(high[index] as number)))(low) ?? "";
}

/** A bar at each position: what flows within a period has no value between two of them. */
export function barsPath(low: Num[], high: Num[], x: X, y: Y): string {
  const step = low.length > 1 ? Math.abs(x(1) - x(0)) : 24;
  const half = Math.max(step * 0.38, 0.75);
  const [left, right] = [x(0), x(Math.max(low.length - 1, 0))];
  return low
    .map((value, index) => {
      const top = high[index];
      if (typeof value !== "number" || typeof top !== "number" || value === top) return "";
      const [from, to] = [round(Math.max(x(index) - half, left)), round(Math.min(x(index) + half, right))];
      return `M${from},${round(y(value))}V${round(y(top))}H${to}V${round(y(value))}Z`;
    })
    .join("");
}

/** Positions whose neighbours on both sides are unknown: a path cannot show them, a dot can. */
export function lonely(values: Num[]): number[] {
  const known = (index: number) => values[index] !== null && values[index] !== undefined;
  return values.flatMap((_, index) => (known(index) && !known(index - 1) && !known(index + 1) ? [index] : []));
}

const round = (value: number): number => Math.round(value * 100) / 100;
