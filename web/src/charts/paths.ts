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

/** Positions whose neighbours on both sides are unknown: a path cannot show them, a dot can. */
export function lonely(values: Num[]): number[] {
  const known = (index: number) => values[index] !== null && values[index] !== undefined;
  return values.flatMap((_, index) => (known(index) && !known(index - 1) && !known(index + 1) ? [index] : []));
}

const round = (value: number): number => Math.round(value * 100) / 100;
