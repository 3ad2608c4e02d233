// The value axis: its range and its ticks.
import { scaleLinear, scaleLog, type ScaleContinuousNumeric } from "d3-scale";

export type ValueScale = ScaleContinuousNumeric<number, number>;

/**
 * The range that shows all values. Zero belongs to it unless every value lies far from zero; a constant series
 * gets room on both sides so that its line is not the axis.
 */
export function domainOf(values: number[], options: { zero?: boolean; log?: boolean } = {}): [number, number] {
  if (values.length === 0) return [0, 1];
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (options.log && value <= 0) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (options.log) return Number.isFinite(low) ? (low === high ? [low / 2, high * 2] : [low, high]) : [0.1, 10];
  const nearZero = options.zero || (low > 0 ? low < 0.7 * high : high < 0 ? high > 0.7 * low : true);
  if (nearZero) {
    low = Math.min(low, 0);
    high = Math.max(high, 0);
  }
  if (low === high) return low === 0 ? [0, 1] : [low - Math.abs(low) * 0.1, high + Math.abs(high) * 0.1];
  return [low, high];
}

export function valueScale(domain: [number, number], range: [number, number], log = false, ticks = 5): ValueScale {
  return log
    ? scaleLog().domain(domain).range(range).clamp(true)
    : scaleLinear().domain(domain).range(range).nice(ticks);
}

export function valueTicks(scale: ValueScale, count: number, log = false): number[] {
  if (!log) return scale.ticks(count);
  const [low = 1, high = 10] = scale.domain();
  const decades = Math.log10(high / low);
  const kept = scale.ticks(10).filter((tick) => {
    const lead = Math.round(tick / 10 ** Math.floor(Math.log10(tick) + 1e-9));
    return lead === 1 || (decades < 2.5 && (lead === 2 || lead === 5));
  });
  if (decades <= 6) return kept;
  return kept.filter((tick) => Math.round(Math.log10(tick)) % Math.ceil(decades / 5) === 0);
}
