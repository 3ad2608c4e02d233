// Labels in a column: each as near to its line as the others allow.

export interface Placed<T> {
  item: T;
  y: number; // centre of the label
  moved: boolean;
}

/**
 * Moves label centres so that no two overlap and all stay within [low, high]. Keeps the order of the wanted
 * positions. When they cannot all fit, they are spread evenly.
 */
export function place<T extends { y: number; size: number }>(items: T[], low: number, high: number): Placed<T>[] {
  const sorted = [...items].sort((a, b) => a.y - b.y);
  const total = sorted.reduce((sum, item) => sum + item.size, 0);
  const squeeze = total > high - low ? (high - low) / total : 1;
  const sizes = sorted.map((item) => item.size * squeeze);
  const centres = sorted.map((item) => item.y);
  let edge = low;
  for (let i = 0; i < centres.length; i++) {
    centres[i] = Math.max(centres[i] as number, edge + (sizes[i] as number) / 2);
    edge = (centres[i] as number) + (sizes[i] as number) / 2;
  }
  edge = high;
  for (let i = centres.length - 1; i >= 0; i--) {
    centres[i] = Math.min(centres[i] as number, edge - (sizes[i] as number) / 2);
    edge = (centres[i] as number) - (sizes[i] as number) / 2;
  }
  return sorted.map((item, i) => {
    const y = centres[i] as number;
    return { item, y, moved: Math.abs(y - item.y) > 5 };
  });
}
