// The laws of a scenario's parameters as arrays for compiled code: the numbers of supercycle/engine/laws.py.
import type { EngineFacts, Law, Ruled } from "./facts";
import { rowKey, seedKey, streamKey } from "./keys";

const CODES = 4;
const NUMBERS = 8;

export interface Laws {
  codes: BigInt64Array;
  numbers: Float64Array;
  count: number;
  keys: BigUint64Array; // [attempt, key]
  keyCount: number;
  attempts: number;
  seedKey: bigint;
  streams: BigUint64Array;
  tiedKeys: BigInt64Array;
  tiedRow: number;
  termStarts: BigInt64Array;
  termPlaces: BigInt64Array;
  termFactors: Float64Array;
  tables: Float64Array;
  rows: number; // of the workspace in use
}

/** Laws of the parameters of `rows` (by name, the row each goes to) for the first `attempts` attempts. */
export function lawsOf(facts: EngineFacts, scenario: Ruled, seed: number, rows: Map<string, number>, attempts: number): Laws {
  const streams = new Map<string, number>();
  const tied = new Map<string, number>();
  const stream = (id: string): number => {
    let at = streams.get(id);
    if (at === undefined) streams.set(id, (at = streams.size));
    return at;
  };
  const codes = new BigInt64Array(rows.size * CODES);
  const numbers = new Float64Array(rows.size * NUMBERS);
  const starts = [0n];
  const places: bigint[] = [];
  const factors: number[] = [];
  let at = 0;
  let answers = 0; // sums of the copula
  for (const [id, row] of rows) {
    const value = scenario.set[id];
    const law: Law | undefined = value !== undefined ? [facts.constant, value] : (scenario.laws[id] ?? facts.laws[id]);
    if (!law) throw new Error(`the model has no parameter ${id}`);
    let key = 0;
    let extra = -1;
    if (law[0] !== facts.constant) {
      const ties = facts.ties[id];
      if (ties) {
        extra = answers++;
        for (const [other, factor] of ties) {
          let place = tied.get(other);
          if (place === undefined) tied.set(other, (place = tied.size));
          places.push(BigInt(place));
          factors.push(factor);
        }
        starts.push(BigInt(places.length));
      } else key = stream(id);
    }
    codes.set([BigInt(law[0]), BigInt(row), BigInt(key), BigInt(extra)], at * CODES);
    numbers.set(law.slice(1), at * NUMBERS);
    at++;
  }
  const tiedKeys = BigInt64Array.from([...tied.keys()], (id) => BigInt(stream(id)));
  const used = Math.max(facts.row_count + facts.scratch, ...[...rows.values()].map((row) => row + 1));
  const keyCount = Math.max(1, streams.size);
  const keys = new BigUint64Array(Math.max(1, attempts) * keyCount);
  for (let attempt = 0; attempt < attempts; attempt++)
    for (const [id, place] of streams) keys[attempt * keyCount + place] = rowKey(seed, attempt ? `param:${id}#${attempt}` : `param:${id}`);
  return {
    codes, numbers, count: rows.size, keys, keyCount, attempts: Math.max(1, attempts), seedKey: seedKey(seed),
    streams: BigUint64Array.from(facts.draws.flatMap(({ name, members }) => Array.from({ length: members }, () => streamKey(seed, name)))),
    tiedKeys, tiedRow: used, termStarts: BigInt64Array.from(starts), termPlaces: BigInt64Array.from(places),
    termFactors: Float64Array.from(factors), tables: Float64Array.from(facts.tables), rows: used + tied.size,
  };
}
