// What the page knows without running the model: equations, who reads what, how to get the same numbers elsewhere.
import type { Body } from "../api/client";
import { askedOf } from "./answers";
import type { Sources } from "../state/sources";
import type { ModelData } from "./data";

const readers = new Map<string, string[]>();

/** Equation, unit, inputs and readers of an output; range, evidence and readers of an assumption. */
export function explained(data: ModelData, name: string): object {
  if (readers.size === 0)
    for (const [reader, { reads = [] }] of Object.entries(data.variables)) for (const read of reads) readers.set(read, [...(readers.get(read) ?? []), reader]);
  const parameter = data.schema.parameters.find(({ id }) => id === name);
  if (parameter) return { ...parameter, name, kind: "parameter", used_by: readers.get(name) ?? readers.get(name.split(":")[0] ?? "") ?? [] };
  const stem = name.split(":")[0] ?? "";
  const variable = data.variables[stem];
  if (!variable) throw new Error(`there is no output or assumption called ${name}`);
  const inputs = (variable.reads ?? []).map((read) => {
    const given = data.schema.parameters.find(({ id }) => id === read);
    if (given) return { name: read, kind: "parameter", label: given.label, unit: given.unit, default: given.default };
    const other = data.variables[read];
    return other ? { name: read, kind: "variable", label: other.label, unit: other.unit } : { name: read, kind: "family", label: "an assumption by member" };
  });
  return { ...variable, name: stem, inputs, used_by: readers.get(stem) ?? [] };
}

/** The figures, priors and judgements under some outputs, through every equation upstream. */
export function restedOn(data: ModelData, outputs: string[]): Sources {
  const waiting = outputs.map((output) => output.split(":")[0] ?? "");
  const seen = new Set(waiting);
  const names = new Set(outputs.filter((output) => !((output.split(":")[0] ?? "") in data.variables))); // assumptions themselves
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop())
    for (const read of data.variables[name]?.reads ?? [])
      if (!(read in data.variables)) names.add(read);
      else if (!seen.has(read)) {
        seen.add(read);
        waiting.push(read);
      }
  const assumptions = data.schema.parameters.filter(({ id }) => names.has(id) || names.has(id.split(":")[0] ?? ""));
  const rows = new Set(assumptions.flatMap((one) => one.rows ?? []));
  return {
    rows: [...rows].sort().flatMap((id) => data.sources[id] ?? []),
    judgements: assumptions.filter((one) => one.evidence === "judgement" && !(one.rows ?? []).length).map((one) => one.label),
    assumptions: assumptions.length,
  };
}

const spelled = (value: number): string => String(Number(value.toPrecision(6)));
const quoted = (text: string): string => (/^[\w.:=@%+/-]+$/.test(text) ? text : `'${text}'`);

function command(preset: string, set: Record<string, number>, paths: number): { cli: string; python: string } {
  const settings = Object.entries(set);
  const words = ["supercycle", "run", "--preset", preset, "--paths", String(paths), "--seed", "1", ...settings.flatMap(([id, value]) => ["--set", `${id}=${spelled(value)}`])];
  const given = settings.length ? `, set={${settings.map(([id, value]) => `'${id}': ${spelled(value)}`).join(", ")}}` : "";
  return { cli: words.map(quoted).join(" "), python: `supercycle.run('${preset}'${given}, paths=${paths}, seed=1)` };
}

/** The command and the Python of the same numbers (app/knowledge.py). */
export function reproduced(body: Body): { cli: string; python: string } {
  const want = askedOf(body);
  const here = command(want.preset, want.set, want.paths);
  if (!body["against"]) return { cli: here.cli, python: `import supercycle\n${here.python}` };
  const other = askedOf(body["against"] as Body);
  const there = command(other.preset, other.set, want.paths);
  const bare = !Object.keys(want.set).length && !Object.keys(other.set).length;
  return {
    cli: bare ? `supercycle compare ${other.preset} ${want.preset} --paths ${want.paths} --seed 1` : `${there.cli} --out a\n${here.cli} --out b\nsupercycle compare a b`,
    python: `import supercycle\na = ${there.python}\nb = ${here.python}\nb.value("fleet_it_gw") - a.value("fleet_it_gw")  # path by path`,
  };
}
