// Times the engine in one worker of a real browser: built and run by bench/browser_engine.py, in no bundle.
import type { EngineFacts } from "../src/engine/facts";
import type { Paths } from "../src/engine/module";
import { Pool } from "../src/engine/pool";
import type { Summary } from "../src/engine/quantiles";

interface Timed {
  open: number;
  settle: number[];
  run: number[];
  sum: number[];
}

/** Milliseconds of each step, several times: paths that fit the opening, their outputs by quarter, quantiles. */
async function timed(facts: EngineFacts, module: ArrayBuffer, outputs: string[], quarters: number, paths: number, times: number): Promise<Timed> {
  const began = performance.now();
  const pool = await Pool.of(facts, module, 1);
  const found: Timed = { open: performance.now() - began, settle: [], run: [], sum: [] };
  const scenario = { set: {}, laws: {} };
  for (let i = 0; i < times; i++) {
    const marks = [performance.now()];
    const refused = await pool.ask<Int32Array>({ kind: "settle", scenario, seed: 1, first: 0, count: paths });
    marks.push(performance.now());
    const made = await pool.ask<Paths>({ kind: "run", scenario, seed: 1, first: 0, refused, outputs, quarters });
    marks.push(performance.now());
    await Promise.all(made.values.map((values) => pool.ask<Summary>({ kind: "sum", values, quarters, ok: null })));
    marks.push(performance.now());
    found.settle.push(marks[1]! - marks[0]!);
    found.run.push(marks[2]! - marks[1]!);
    found.sum.push(marks[3]! - marks[2]!);
  }
  pool.close();
  return found;
}

(globalThis as unknown as { timed: typeof timed }).timed = timed;
