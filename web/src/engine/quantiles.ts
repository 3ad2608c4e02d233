// Quantiles over paths, as engine/quantiles.py finds them: the value at place level * (n - 1) of n sorted numbers.

export const LEVELS = [0.05, 0.25, 0.5, 0.75, 0.95] as const;
export const NAMES = ["q05", "q25", "q50", "q75", "q95"] as const;

/** A level of ascending numbers; NumPy's interpolation in its order of operations, so that the last bit agrees. */
export function at(ordered: Float64Array, level: number): number {
  if (ordered.length === 0) return NaN;
  const place = level * (ordered.length - 1);
  const below = Math.floor(place);
  const low = ordered[below] as number;
  const high = ordered[Math.min(below + 1, ordered.length - 1)] as number;
  const part = place - below;
  return part >= 0.5 ? high - (high - low) * (1 - part) : low + (high - low) * part;
}

export interface Summary {
  quantiles: Float64Array[]; // by level: [quarter]
  mean: Float64Array;
}

/** Quantiles and mean by quarter of `values` [quarter, path] over the paths that are `ok`; NaN is left out. */
export function summed(values: Float64Array, quarters: number, ok: Uint8Array | null): Summary {
  const paths = values.length / quarters;
  const found: Summary = { quantiles: LEVELS.map(() => new Float64Array(quarters)), mean: new Float64Array(quarters) };
  for (let quarter = 0; quarter < quarters; quarter++) {
    const row = values.subarray(quarter * paths, (quarter + 1) * paths);
    const kept = ok ? row.filter((_, path) => ok[path] === 1) : row.slice();
    const known = kept.some(Number.isNaN) ? kept.filter((value) => !Number.isNaN(value)) : kept;
    let total = 0;
    for (const value of known) total += value;
    found.mean[quarter] = known.length ? total / known.length : NaN;
    known.sort();
    LEVELS.forEach((level, index) => (found.quantiles[index]![quarter] = at(known, level)));
  }
  return found;
}
