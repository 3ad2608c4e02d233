// The compiled model in memory: jobs laid out as equations/machine/job.py says, and their answers as arrays.
import type { EngineFacts, Ruled } from "./facts";
import { lawsOf, type Laws } from "./laws";

const PAGE = 65536;
const LINE = 64; // bytes: every array begins where a cache line does
const FEW = 16; // attempts whose keys are made at first: more are rarely needed
const CHUNK = 512; // paths of one call: the module's memory holds the answers of so many

interface Exports {
  memory: WebAssembly.Memory;
  run: (job: number) => void;
  settle: (job: number) => void;
  __heap_base: WebAssembly.Global;
}

type Words = BigInt64Array | BigUint64Array | Float64Array;

/** Memory of a job, given out from the end of the module's own data on. */
class Space {
  at: number;
  constructor(private readonly memory: WebAssembly.Memory, base: number) {
    this.at = Math.ceil(base / LINE) * LINE;
  }
  room(bytes: number): number {
    const begin = this.at;
    this.at = Math.ceil((begin + bytes) / LINE) * LINE;
    const missing = this.at - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / PAGE));
    return begin;
  }
  put(array: Words): number {
    const at = this.room(array.byteLength);
    new Uint8Array(this.memory.buffer, at, array.byteLength).set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
    return at;
  }
}

export interface Paths {
  values: Float64Array[]; // by output: [quarter, path]
  residual: Float64Array;
  refused: Int32Array; // attempts that contradicted the opening, by path
}

export class Model {
  private readonly place: Map<string, number>;
  private readonly base: number;

  private constructor(private readonly facts: EngineFacts, private readonly code: Exports) {
    this.place = new Map(facts.words.map((word, index) => [word, index]));
    this.base = code.__heap_base.value as number;
  }

  static async of(facts: EngineFacts, module: BufferSource): Promise<Model> {
    const { instance } = await WebAssembly.instantiate(module, {});
    return new Model(facts, instance.exports as unknown as Exports);
  }

  /** How many attempts at each path's parameters contradict the opening: `facts.attempts` is all of them. */
  settle(scenario: Ruled, seed: number, first: number, count: number): Int32Array {
    const refused = new Int32Array(count);
    if (this.facts.test_row < 0) return refused;
    const rows = this.rowsOf(this.facts.test_params);
    for (const attempts of [FEW, this.facts.attempts]) {
      const laws = lawsOf(this.facts, scenario, seed, rows, attempts);
      const space = new Space(this.code.memory, this.base);
      const answer = space.room(8 * count);
      this.code.settle(this.job(space, laws, { first, count, refused: answer }));
      new BigInt64Array(this.code.memory.buffer, answer, count).forEach((found, path) => (refused[path] = Number(found)));
      if (!refused.includes(attempts)) break;
    }
    return refused;
  }

  /** Paths `first`, `first + 1`, ...: `outputs` by quarter (the opening is not among them), from accepted draws. */
  run(scenario: Ruled, seed: number, first: number, refused: Int32Array, outputs: string[], quarters: number): Paths {
    const laws = lawsOf(this.facts, scenario, seed, this.rowsOf(Object.keys(this.facts.params)), this.attemptsOf(refused));
    const rows = outputs.map((slot) => {
      const row = this.facts.slots[slot];
      if (row === undefined) throw new Error(`the model has no output ${slot}`);
      return row;
    });
    const total = refused.length;
    const found: Paths = { values: outputs.map(() => new Float64Array(quarters * total)), residual: new Float64Array(total), refused };
    for (let start = 0; start < total; start += CHUNK) {
      const count = Math.min(CHUNK, total - start);
      const space = new Space(this.code.memory, this.base);
      const out = space.room(8 * rows.length * quarters * count);
      const residual = space.room(8 * count);
      this.code.run(this.job(space, laws, {
        first: first + start, count, quarters, refused: space.put(BigInt64Array.from(refused.subarray(start, start + count), BigInt)),
        rows: space.put(BigInt64Array.from(rows, BigInt)), row_count: rows.length, opens: space.put(new BigInt64Array(rows.length)),
        out, out_record: quarters * count, out_quarter: count, residual,
      }));
      const memory = this.code.memory.buffer;
      found.residual.set(new Float64Array(memory, residual, count), start);
      for (let output = 0; output < rows.length; output++)
        for (let quarter = 0; quarter < quarters; quarter++)
          found.values[output]!.set(new Float64Array(memory, out + 8 * count * (output * quarters + quarter), count), quarter * total + start);
    }
    return found;
  }

  /** The drawn parameters by path, of accepted draws. */
  params(scenario: Ruled, seed: number, first: number, refused: Int32Array, ids: string[]): Float64Array[] {
    const free = this.facts.row_count + this.facts.scratch;
    const rows = new Map(ids.map((id, index) => [id, free + index]));
    const laws = lawsOf(this.facts, scenario, seed, rows, this.attemptsOf(refused));
    const count = refused.length;
    const space = new Space(this.code.memory, this.base);
    const kept = space.room(8 * ids.length * count);
    this.code.run(this.job(space, laws, {
      first, count, quarters: 0, refused: space.put(BigInt64Array.from(refused, BigInt)), residual: space.room(8 * count),
      kept_rows: space.put(BigInt64Array.from([...rows.values()], BigInt)), kept_count: ids.length, kept_out: kept, kept_stride: count,
    }));
    return ids.map((_, index) => new Float64Array(this.code.memory.buffer, kept + 8 * count * index, count).slice());
  }

  private attemptsOf(refused: Int32Array): number {
    return Math.min(refused.reduce((most, one) => Math.max(most, one), 0) + 1, this.facts.attempts);
  }

  private rowsOf(ids: string[]): Map<string, number> {
    return new Map(ids.map((id) => [id, this.facts.params[id] as number]));
  }

  private job(space: Space, laws: Laws, more: Record<string, number>): number {
    const workspace = space.room(8 * this.facts.tile * (laws.rows + 1));
    const pointers: Record<string, number> = {
      workspace, keys: space.put(laws.keys), codes: space.put(laws.codes), numbers: space.put(laws.numbers), tied_keys: space.put(laws.tiedKeys),
      term_starts: space.put(laws.termStarts), term_places: space.put(laws.termPlaces), term_factors: space.put(laws.termFactors),
      tables: space.put(laws.tables), streams: space.put(laws.streams),
    };
    const given: Record<string, number> = {
      ...pointers, attempts: laws.attempts, key_count: laws.keyCount, law_count: laws.count, tied_count: laws.tiedKeys.length, tied_row: laws.tiedRow, ...more,
    };
    const words = new BigInt64Array(this.place.size);
    for (const [word, value] of Object.entries(given)) {
      const at = this.place.get(word);
      if (at === undefined) throw new Error(`this engine and its model differ: a job has no word ${word}`);
      words[at] = BigInt(value);
    }
    const seed = this.place.get("seed_key");
    if (seed !== undefined) words[seed] = BigInt.asIntN(64, laws.seedKey);
    new Float64Array(this.code.memory.buffer, workspace, this.facts.tile * (laws.rows + 1)).fill(0);
    return space.put(words);
  }
}
