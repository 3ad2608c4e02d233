// The strongest levers of an output, as the server finds them (app/tools.py): rank correlations on the scenario's own
// paths choose the candidates, then each is moved to its ends on the same paths.
import type { Body } from "../api/client";
import type { Tornado, TornadoRow } from "../app/model";
import { at as levelOf } from "../engine/quantiles";
import type { Run } from "../engine/run";
import { askedOf } from "./answers";
import type { ModelData } from "./data";
import { Superseded, type Runs } from "./runs";

const LOOKED_AT = 16;
const SWING_PATHS = 256;
const SCREEN_PATHS = 1000;
const TOP = 10;

/** Ranks, centred and scaled to unit length; what is equal on every path gives zeros. */
function ranks(values: Float64Array): Float64Array {
  const order = Array.from(values, (_, index) => index).sort((a, b) => values[a]! - values[b]!);
  const found = new Float64Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    for (let i = start; i < end; i++) found[order[i]!] = (start + end - 1) / 2 - (order.length - 1) / 2;
    start = end;
  }
  const length = Math.sqrt(found.reduce((sum, one) => sum + one * one, 0));
  return length > 0 ? found.map((one) => one / length) : found;
}

const quarterOf = (run: Run, key: string, quarter: number): Float64Array => run.value(key).subarray(quarter * run.of.paths, (quarter + 1) * run.of.paths);

export async function tornado(data: ModelData, runs: Runs, body: Body): Promise<Tornado> {
  const asker = runs.asked(body);
  const want = askedOf(body);
  const [name = "", ...rest] = String(body["output"]).split(":");
  const when = rest.pop() ?? data.read_at;
  const output = [name, ...rest].join(":");
  const quarter = data.quarters.indexOf(when);
  const variable = data.variables[name];
  if (quarter < 0 || !variable) throw new Error(`nothing is known of ${String(body["output"])}`);
  const wide = await runs.of({ ...want, paths: SCREEN_PATHS }, [output], asker);
  const rule = data.scenarios[want.preset];
  const set = { ...rule?.set, ...want.set };
  const drawn = Object.keys(data.ends).filter((id) => !(id in set));
  const params = await runs.pool.ask<Float64Array[]>({ kind: "params", scenario: wide.of.scenario, seed: wide.of.seed, first: 0, refused: wide.refused, ids: drawn }, asker);
  const ok = wide.ok;
  const kept = (values: Float64Array) => values.filter((_, path) => ok[path] === 1);
  const target = ranks(kept(quarterOf(wide, output, quarter)));
  const strength = drawn.map((id, index) => ({ id, by: Math.abs(ranks(kept(params[index]!)).reduce((sum, one, path) => sum + one * target[path]!, 0)) }));
  const ids = strength.filter(({ by }) => by > 0).sort((a, b) => b.by - a.by).slice(0, LOOKED_AT).map(({ id }) => id);
  const narrow = { ...want, paths: SWING_PATHS };
  const base = await runs.of(narrow, [output], asker);
  const before = quarterOf(base, output, quarter);
  const moved = async (id: string, value: number): Promise<number> => {
    const run = await runs.of({ ...narrow, set: { ...want.set, [id]: value } }, [output], asker);
    const after = quarterOf(run, output, quarter);
    const change = after.map((one, path) => (run.status[path] === 0 && base.status[path] === 0 ? one - before[path]! : NaN));
    return levelOf(change.filter((one) => !Number.isNaN(one)).sort(), 0.5);
  };
  const byId = new Map(data.schema.parameters.map((one) => [one.id, one]));
  const failed: { label: string; why: string }[] = [];
  const made = await Promise.all(ids.map(async (id): Promise<TornadoRow[]> => {
    const ends = rule?.ends[id] ?? (data.ends[id] as [number, number]);
    const lever = byId.get(id);
    try {
      const [low, high] = [await moved(id, ends[0]), await moved(id, ends[1])];
      return [{ parameter: id, label: lever?.label ?? id, evidence: lever?.evidence ?? "judgement", unit: lever?.unit ?? "", ends, low, high }];
    } catch (problem) {
      if (problem instanceof Superseded) throw problem;
      failed.push({ label: lever?.label ?? id, why: problem instanceof Error ? problem.message : "it failed" });
      return [];
    }
  }));
  const rows = made.flat();
  const size = (row: TornadoRow) => Math.max(Math.abs(row.low), Math.abs(row.high));
  rows.sort((a, b) => size(b) - size(a));
  const label = variable.label + (rest.length ? `, ${rest.join(":")}` : "");
  const median = levelOf(before.filter((_, path) => base.status[path] === 0).sort(), 0.5);
  return { output, label, unit: variable.unit, when, rows: rows.slice(0, TOP), median, paths: SWING_PATHS, failed };
}
