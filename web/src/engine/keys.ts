// Keys of draws: a number is a function of seed, stream, path and quarter only (core/random.py).
import { blake64 } from "./blake";

const MASK = (1n << 64n) - 1n;
const MULTIPLIERS = [0xbf58476d1ce4e5b9n, 0x94d049bb133111ebn] as const;
const encoder = new TextEncoder();
const rows = new Map<string, bigint>();

/** 64 bits of a kind and a name. */
export function digest(kind: string, name: string): bigint {
  const [low, high] = blake64(encoder.encode(`${kind}\0${name}`));
  return (BigInt(high) << 32n) | BigInt(low);
}

/** The finaliser of SplitMix64. */
function mix(bits: bigint): bigint {
  bits = ((bits ^ (bits >> 30n)) * MULTIPLIERS[0]) & MASK;
  bits = ((bits ^ (bits >> 27n)) * MULTIPLIERS[1]) & MASK;
  return bits ^ (bits >> 31n);
}

/** What a stream's row outside any quarter adds to a path's base. */
export function rowKey(seed: number, stream: string): bigint {
  const name = `${seed}\0${stream}`;
  let found = rows.get(name);
  if (found === undefined) rows.set(name, (found = mix(mix(digest(`stream of ${seed}`, stream)))));
  return found;
}

export const streamKey = (seed: number, draw: string): bigint => digest(`stream of ${seed}`, `draw:${draw}`);
export const seedKey = (seed: number): bigint => digest("seed", String(seed));
