// A run in the page: paths over the workers, each output recorded once, quantiles when they are asked for.
import type { EngineFacts, Ruled } from "./facts";
import type { Paths } from "./module";
import { ANYBODY, Superseded, type Asker, type Pool } from "./pool";
import type { Summary } from "./quantiles";

const PIECE = 256; // paths a worker takes at once, so that work in vain ends soon

export const OK = 0;
export const NON_FINITE = 1;
export const REJECTED = 2;
export const EXPLODED = 3;

export { Superseded };

/** Paths of one task: a moving lever's run is shared out evenly, whole tiles to each worker. */
function pieceOf(paths: number, pool: Pool, facts: EngineFacts, asker: Asker): number {
  if (!asker.urgent) return PIECE;
  return Math.max(1, Math.ceil(paths / pool.size / facts.tile)) * facts.tile;
}

/** What a run is of; two runs are paired when all but the scenario agrees. */
export interface Of {
  scenario: Ruled;
  seed: number;
  paths: number;
  quarters: number;
}

export class Run {
  readonly values = new Map<string, Float64Array>(); // [quarter, path]
  private readonly summaries = new Map<string, Promise<Summary>>();
  status = new Uint8Array(0);
  residual = 0;
  private urgent = false; // as whoever asked last

  constructor(private readonly pool: Pool, private readonly facts: EngineFacts, readonly of: Of, readonly refused: Int32Array) {}

  get ok(): Uint8Array {
    return this.status.map((one) => (one === OK ? 1 : 0));
  }

  get counted(): number {
    return this.status.reduce((total, one) => total + (one === OK ? 1 : 0), 0);
  }

  /** Records what of `outputs` is not recorded yet. */
  async record(outputs: string[], asker: Asker = ANYBODY): Promise<void> {
    this.urgent = asker.urgent;
    const { scenario, seed, paths, quarters } = this.of;
    const watched = this.facts.watched;
    const first = this.status.length === 0;
    const missing = [...new Set([...outputs, ...(first && watched ? [watched.slot] : [])])].filter((name) => !this.values.has(name));
    if (missing.length === 0 && !first) return;
    const made = new Map(missing.map((name) => [name, new Float64Array(quarters * paths)]));
    const residual = new Float64Array(paths);
    const pieces: number[] = [];
    const piece = pieceOf(paths, this.pool, this.facts, asker);
    for (let start = 0; start < paths; start += piece) pieces.push(start);
    const work = async (): Promise<void> => {
      for (let start = pieces.shift(); start !== undefined; start = pieces.shift()) {
        if (!asker.still()) throw new Superseded();
        const refused = this.refused.slice(start, start + piece);
        const found = await this.pool.ask<Paths>({ kind: "run", scenario, seed, first: start, refused, outputs: missing, quarters }, asker);
        residual.set(found.residual, start);
        missing.forEach((name, index) => {
          const [whole, part] = [made.get(name) as Float64Array, found.values[index] as Float64Array];
          for (let quarter = 0; quarter < quarters; quarter++)
            whole.set(part.subarray(quarter * refused.length, (quarter + 1) * refused.length), quarter * paths + start);
        });
      }
    };
    await Promise.all(Array.from({ length: this.pool.size }, work));
    if (first) this.judge(residual, watched ? (made.get(watched.slot) as Float64Array) : null, watched?.most ?? Infinity);
    for (const [name, values] of made) this.values.set(name, values);
  }

  value(output: string): Float64Array {
    const found = this.values.get(output);
    if (!found) throw new Error(`${output} was not recorded`);
    return found;
  }

  /** Quantiles and mean by quarter over the paths that have numbers. */
  summary(output: string): Promise<Summary> {
    let found = this.summaries.get(output);
    if (!found) {
      const ok = this.counted === this.of.paths ? null : this.ok;
      this.summaries.set(output, (found = this.pool.ask<Summary>({ kind: "sum", values: this.value(output), quarters: this.of.quarters, ok }, { ...ANYBODY, urgent: this.urgent })));
    }
    return found;
  }

  /** Statuses as engine/run.py gives them; books that do not close are an error, never a number. */
  private judge(residual: Float64Array, watched: Float64Array | null, most: number): void {
    const { paths } = this.of;
    this.status = Uint8Array.from(residual, (one, path) => (this.refused[path]! >= this.facts.attempts ? REJECTED : Number.isFinite(one) ? OK : NON_FINITE));
    this.residual = 0;
    residual.forEach((one) => {
      if (Number.isFinite(one)) this.residual = Math.max(this.residual, one);
    });
    if (this.residual > this.facts.tolerance)
      throw new Error(`the books do not close: a residual of ${this.residual.toExponential(1)}, expected at most ${this.facts.tolerance}`);
    if (watched) watched.forEach((one, index) => {
      const path = index % paths;
      if (this.status[path] === OK && one > most) this.status[path] = EXPLODED;
    });
    if (this.counted === 0) throw new Error("no path has numbers; bring the settings closer to the base case");
  }
}

/** A run with nothing recorded yet: which attempt at each path's parameters fits the opening. */
export async function begun(pool: Pool, facts: EngineFacts, of: Of, asker: Asker = ANYBODY): Promise<Run> {
  const refused = new Int32Array(of.paths);
  const pieces: number[] = [];
  const piece = pieceOf(of.paths, pool, facts, asker);
  for (let start = 0; start < of.paths; start += piece) pieces.push(start);
  const work = async (): Promise<void> => {
    for (let start = pieces.shift(); start !== undefined; start = pieces.shift()) {
      if (!asker.still()) throw new Superseded();
      refused.set(await pool.ask<Int32Array>({ kind: "settle", scenario: of.scenario, seed: of.seed, first: start, count: Math.min(piece, of.paths - start) }, asker), start);
    }
  };
  await Promise.all(Array.from({ length: pool.size }, work));
  return new Run(pool, facts, of, refused);
}
