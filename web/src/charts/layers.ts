// Stacking: where each series begins and ends in every quarter.
import type { Num } from "../state/data";
import type { Line } from "../state/resolve";

export interface Layer {
  low: Num[];
  high: Num[];
}

/**
 * Layers of medians, positive values up from zero and negative ones down. A quarter without a value is a gap in
 * its layer; the layers above stand on the last known edge.
 */
export function layers(lines: Line[], length: number): Layer[] {
  const up = new Array<number>(length).fill(0);
  const down = new Array<number>(length).fill(0);
  return lines.map((line) => {
    const low: Num[] = [];
    const high: Num[] = [];
    for (let i = 0; i < length; i++) {
      const value = line.q50[i] ?? null;
      const edges = value !== null && value < 0 ? down : up;
      const from = edges[i] as number;
      low.push(value === null ? null : from);
      high.push(value === null ? null : from + value);
      edges[i] = from + (value ?? 0);
    }
    return { low, high };
  });
}

/** The same lines as shares of each quarter's total; a quarter whose total is not positive is unknown. */
export function shares(lines: Line[], length: number): Line[] {
  const totals = Array.from({ length }, (_, i) => lines.reduce((sum, line) => sum + (line.q50[i] ?? 0), 0));
  return lines.map((line) => ({
    ...line,
    q50: line.q50.map((value, i) => (value === null || (totals[i] as number) <= 0 ? null : value / (totals[i] as number))),
  }));
}
