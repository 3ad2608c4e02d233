// Quarters written "2026Q3", and the labels of an axis made of them.

const PATTERN = /^(\d{4})-?Q([1-4])$/;

export const isQuarter = (label: string): boolean => PATTERN.test(label);

export function yearOf(label: string): number | null {
  const match = PATTERN.exec(label);
  return match ? Number(match[1]) : null;
}

export function quarterOf(label: string): number | null {
  const match = PATTERN.exec(label);
  return match ? Number(match[2]) : null;
}

export interface Tick {
  index: number;
  label: string;
}

/** Ticks at the first quarter of each year, thinned to what the width can carry. */
export function timeTicks(labels: string[], width: number): Tick[] {
  if (labels.length === 0) return [];
  if (!labels.every(isQuarter)) return categoryTicks(labels, width);
  const starts = labels.flatMap((label, index) => (quarterOf(label) === 1 ? [{ index, label }] : []));
  if (starts.length < 2) return categoryTicks(labels, width);
  const room = Math.max(2, Math.floor(width / 44));
  const step = [1, 2, 3, 5, 10].find((s) => starts.length / s <= room) ?? 10;
  return starts
    .filter(({ label }) => (yearOf(label) ?? 0) % step === 0)
    .map(({ index, label }) => ({ index, label: String(yearOf(label)) }));
}

function categoryTicks(labels: string[], width: number): Tick[] {
  const longest = Math.max(...labels.map((label) => label.length));
  const room = Math.max(2, Math.floor(width / (longest * 6.6 + 14)));
  const step = Math.ceil(labels.length / room);
  return labels.flatMap((label, index) => (index % step === 0 ? [{ index, label }] : []));
}

/** "2026Q3" as "Q3 2026"; anything else as it is. */
export function spoken(label: string): string {
  return isQuarter(label) ? `Q${quarterOf(label)} ${yearOf(label)}` : label;
}
