// The answers of the app's server, computed in the page: the same questions, the same shapes, the same draws.
import type { Body } from "../api/client";
import type { Answer, Compared, Light, LiveOutput, Part } from "../app/model";
import { at as levelOf, NAMES, type Summary } from "../engine/quantiles";
import { ANYBODY } from "../engine/pool";
import type { Run } from "../engine/run";
import type { Chart, Num, Section } from "../state/data";
import { outputsOf } from "../state/resolve";
import type { Gauge, ModelData } from "./data";
import type { Runs } from "./runs";

const FIRST_PATHS = 1000;

export interface Asked {
  preset: string;
  set: Record<string, number>;
  paths: number;
  outputs: string[];
  samples: number;
}

export const askedOf = (body: Body, outputs: string[] = []): Asked => ({
  preset: String(body["preset"] ?? "base"),
  set: (body["set"] ?? {}) as Record<string, number>,
  paths: Number(body["paths"] ?? FIRST_PATHS),
  outputs: [...new Set([...((body["outputs"] as string[] | undefined) ?? []), ...outputs])],
  samples: Number(body["samples"] ?? 0),
});

const known = (values: Float64Array): Num[] => Array.from(values, (value) => (Number.isFinite(value) ? value : null));

function written(data: ModelData, key: string, summary: Summary): LiveOutput {
  const [name = "", entity = null] = key.split(":");
  const variable = data.variables[name];
  const described = data.described[key] ?? { label: variable?.label ?? name, unit: variable?.unit ?? "", block: variable?.block ?? "", meaning: variable?.meaning ?? "", entity };
  const levels = Object.fromEntries(NAMES.map((level, index) => [level, known(summary.quantiles[index]!)]));
  return { ...described, ...(levels as unknown as Pick<LiveOutput, "q05" | "q25" | "q50" | "q75" | "q95">), mean: known(summary.mean) };
}

/** The first single paths that have numbers: [path][quarter]. */
function firstPaths(run: Run, key: string, count: number): Num[][] {
  const values = run.value(key);
  const { paths, quarters } = run.of;
  const found: Num[][] = [];
  for (let path = 0; path < paths && found.length < count; path++)
    if (run.status[path] === 0) found.push(Array.from({ length: quarters }, (_, quarter) => values[quarter * paths + path] as number));
  return found;
}

/** The paths of a quarter, with numbers in both runs, of b less a. */
function apart(a: Run, b: Run, key: string, quarter: number): Float64Array {
  const [left, right] = [a.value(key), b.value(key)];
  const { paths } = b.of;
  const found: number[] = [];
  for (let path = 0; path < paths; path++)
    if (a.status[path] === 0 && b.status[path] === 0) found.push((right[quarter * paths + path] as number) - (left[quarter * paths + path] as number));
  return Float64Array.from(found).sort();
}

const factsOf = (run: Run) => ({
  paths: run.of.paths, seed: run.of.seed, kernel: "browser", provisional: false,
  status_counts: { ok: run.counted, without_numbers: run.of.paths - run.counted },
});

const mean = (values: Float64Array): number => values.reduce((total, one) => total + one, 0) / values.length;

/** The place of a quarter, or of the last one before it. */
const placeOf = (quarters: string[], wanted: string): number => Math.max(0, quarters.filter((quarter) => quarter <= wanted).length - 1);

function change(run: Run, base: Run | null, key: string, at: number, share: boolean): NonNullable<Part["change"]> | null {
  if (!base || run === base) return null;
  const away = apart(base, run, key, at);
  if (away.length === 0) return null;
  if (share) return { value: mean(away), ends: null };
  return { value: levelOf(away, 0.5), ends: [levelOf(away, 0.05), levelOf(away, 0.95)] };
}

async function partsOf(data: ModelData, run: Run, base: Run | null): Promise<Part[]> {
  const { quarters } = data;
  const at = placeOf(quarters, data.read_at);
  const last = quarters.length - 1;
  return Promise.all(Object.entries(data.numbers).map(async ([key, label]) => {
    const summary = await run.summary(key);
    const gauge = data.gauges.find((one) => one.key === key && one.how === "last");
    if (gauge) return { key, label: `${label} ${quarters[last]}`, value: summary.mean[last] as number, unit: "share", ends: null, change: change(run, base, key, last, true) };
    const [low, , middle, , high] = summary.quantiles.map((level) => level[at] as number) as [number, number, number, number, number];
    return { key, label: `${label}, ${quarters[at]}`, value: middle, unit: data.variables[key]?.unit ?? "", ends: [low, high] as [number, number], change: change(run, base, key, at, false) };
  }));
}

function shareOf(data: ModelData, run: Run, gauge: Gauge): number {
  const values = run.value(gauge.key);
  const { paths, quarters } = run.of;
  const until = gauge.until ? placeOf(data.quarters, gauge.until) + 1 : quarters;
  let total = 0;
  for (let path = 0; path < paths; path++) {
    if (run.status[path] !== 0) continue;
    const series = Array.from({ length: until }, (_, quarter) => values[quarter * paths + path] as number);
    if (gauge.how === "mean") total += series.reduce((sum, one) => sum + one, 0) / until;
    else if (gauge.how === "below") total += series.some((one) => one < gauge.level) ? 1 : 0;
    else total += series[series.length - 1] as number;
  }
  return total / run.counted;
}

function lightsOf(data: ModelData, run: Run, base: Run | null): Light[] {
  const last = data.quarters[data.quarters.length - 1] ?? "";
  const all = run.counted === run.of.paths;
  return [
    { id: "books", title: "Books close", state: "good", detail: `residual ${run.residual.toExponential(1)} of gross flows`, explain: null },
    { id: "paths", title: "Every path has numbers", state: all ? "good" : "warn", detail: `${run.counted.toLocaleString("en-GB")} of ${run.of.paths.toLocaleString("en-GB")}`, explain: null },
    ...data.gauges.map((gauge): Light => {
      const share = shareOf(data, run, gauge);
      const usual = base ? shareOf(data, base, gauge) : share;
      const noted = usual > gauge.warn && share <= usual + data.more;
      const detail = gauge.detail.replace("{share}", `${(100 * share).toFixed(0)} %`).replace("{until}", last) + (noted ? `; ${base ? data.noted : "so by design"}` : "");
      return { id: gauge.id, title: gauge.title, state: noted ? "note" : share > gauge.bad ? "bad" : share > gauge.warn ? "warn" : "good", detail, explain: gauge.key };
    }),
  ];
}

const money = (billions: number): string => (billions < 1000 ? `$${billions.toFixed(0)}bn` : `$${(billions / 1000).toFixed(1)}tn`);

async function sentenceOf(data: ModelData, run: Run): Promise<string> {
  const clauses = await Promise.all(data.clauses.map(async ({ at, text }) => {
    const place = at ? placeOf(data.quarters, at) : data.quarters.length - 1;
    const values = new Map<string, string>([["when", data.quarters[place] ?? ""]]);
    for (const [, word = ""] of text.matchAll(/\{([^}]+)\}/g)) {
      if (values.has(word)) continue;
      const [key = "", level = ""] = word.replace(/^[$%]/, "").split(".");
      const summary = await run.summary(key);
      const value = (level === "mean" ? summary.mean : summary.quantiles[NAMES.indexOf(level as (typeof NAMES)[number])])![place] as number;
      values.set(word, word.startsWith("$") ? money(value) : (word.startsWith("%") ? 100 * value : value).toFixed(0));
    }
    return text.replace(/\{([^}]+)\}/g, (_, word: string) => values.get(word) ?? "");
  }));
  return `${clauses.join("; ")}.`;
}

/** A chart whose values are means over paths, filled; a chart of outputs is drawn from them as it is. */
async function filled(data: ModelData, run: Run, chart: Chart): Promise<Chart> {
  if (!(chart.series ?? []).some((series) => series.mean || series.rest)) return chart;
  const left = data.quarters.map(() => 1);
  const series = [];
  for (const one of chart.series ?? []) {
    const values = one.mean ? known((await run.summary(one.mean)).mean) : [...left];
    values.forEach((value, index) => (left[index] = (left[index] as number) - (value ?? 0)));
    series.push({ ...one, values });
  }
  return { ...chart, x: data.quarters, series };
}

const outputsIn = (sections: Section[]): string[] => [
  ...new Set(sections.flatMap((section) => section.charts.flatMap(outputsOf))),
];

export class Answers {
  private readonly always: string[];

  constructor(private readonly data: ModelData, private readonly runs: Runs) {
    const spoken = data.clauses.flatMap(({ text }) => [...text.matchAll(/\{[$%]?([^}.]+)\./g)].map(([, key]) => key as string));
    this.always = [...new Set([...Object.keys(data.numbers), ...data.gauges.map((gauge) => gauge.key), ...spoken])];
  }

  async run(body: Body, sections: Section[] = []): Promise<Answer> {
    const began = performance.now();
    const asker = this.runs.asked(body);
    const want = askedOf(body, outputsIn(sections));
    const run = await this.runs.of(want, [...want.outputs, ...this.always], asker);
    const isBase = want.preset === "base" && Object.keys(want.set).length === 0;
    const base = isBase ? null : await this.runs.of({ preset: "base", set: {}, paths: want.paths }, this.always, asker);
    const outputs = await Promise.all(want.outputs.map(async (key): Promise<[string, LiveOutput]> => {
      const one = written(this.data, key, await run.summary(key));
      return [key, { ...one, ...(want.samples ? { samples: firstPaths(run, key, want.samples) } : {}) }];
    }));
    return {
      quarters: this.data.quarters, outputs: Object.fromEntries(outputs), headline: await sentenceOf(this.data, run), parts: await partsOf(this.data, run, base),
      lights: lightsOf(this.data, run, base), ...factsOf(run), seconds: (performance.now() - began) / 1000,
    };
  }

  async page(body: Body): Promise<Answer> {
    const whole = this.data.templates[String(body["page"])] ?? [];
    const only = body["only"];
    const sections = only ? whole.map((section) => ({ ...section, charts: section.charts.filter((chart) => chart.id === only) })).filter(({ charts }) => charts.length) : whole;
    const answer = await this.run(body, sections);
    const run = await this.runs.of(askedOf(body), [], ANYBODY);
    const drawn = await Promise.all(sections.map(async (section) => ({ ...section, charts: await Promise.all(section.charts.map((chart) => filled(this.data, run, chart))) })));
    return { ...answer, sections: drawn };
  }

  async compare(body: Body): Promise<Compared> {
    const asker = this.runs.asked(body);
    const { paths, outputs } = askedOf(body);
    const side = (name: string) => ({ ...askedOf(body[name] as Body), paths });
    const [a, b] = [await this.runs.of(side("a"), outputs, asker), await this.runs.of(side("b"), outputs, asker)];
    const both = Uint8Array.from(a.status, (one, path) => (one === 0 && b.status[path] === 0 ? 1 : 0));
    const levels = async (run: Run) => Object.fromEntries(await Promise.all(outputs.map(async (key) => [key, written(this.data, key, await run.summary(key))] as const)));
    const difference = await Promise.all(outputs.map(async (key) => {
      const [left, right] = [a.value(key), b.value(key)];
      const summary = await this.runs.pool.ask<Summary>({ kind: "sum", values: right.map((one, index) => one - (left[index] as number)), quarters: this.data.quarters.length, ok: both });
      return [key, written(this.data, key, summary)] as const;
    }));
    return {
      quarters: this.data.quarters, a: await levels(a), b: await levels(b), difference: Object.fromEntries(difference),
      pairs: both.reduce((sum, one) => sum + one, 0), redrawn: both.reduce((sum, one, path) => sum + (one && a.refused[path] !== b.refused[path] ? 1 : 0), 0),
      ...factsOf(b),
    };
  }

  /** Medians of variables in a quarter, by slot. */
  async medians(body: Body): Promise<{ quarter: string; values: Record<string, number>; evidence: null }> {
    const quarter = String(body["quarter"]);
    const slots = ((body["names"] ?? []) as string[]).flatMap((name) => {
      const members = this.data.variables[name]?.members ?? [];
      return members.length ? (members.length > MOST_MEMBERS ? [] : members.map((member) => `${name}:${member}`)) : [name];
    }).filter((slot) => slot in this.data.engine.slots);
    const run = await this.runs.of(askedOf({ ...body, paths: FIRST_PATHS }), slots, ANYBODY);
    const at = placeOf(this.data.quarters, quarter);
    const values = await Promise.all(slots.map(async (slot) => [slot, (await run.summary(slot)).quantiles[2]![at] as number] as const));
    return { quarter, values: Object.fromEntries(values), evidence: null };
  }
}

const MOST_MEMBERS = 8; // shown one by one in the drawer; of more it shows none
