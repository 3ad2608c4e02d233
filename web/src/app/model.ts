// What the server sends, in types, and the state every part of the app reads.
import type { Num, Output, Section } from "../state/data";
import { scenarioWords } from "../state/facts";
import type { Lever, Scenario } from "../state/scenario";

export interface Preset {
  name: string;
  title: string;
  story: string;
  answers: string[];
  set: { parameter: string; value?: number; default?: number }[];
}

export interface Schema {
  parameters: Lever[];
  blocks: { name: string; number: number; title: string; meaning: string }[];
  presets: Preset[];
  pages: Record<string, string[]>;
  /** The page that each chart stands on. */
  charts: Record<string, string>;
  glossary: { term: string; meaning: string }[];
  model_hash: string;
  about: { authors: string; version: string; data_known: string; licence: string; judged: number };
  start: string;
  /** Pages there are; all of them unless said. */
  shown?: string[];
  /** What a file with the model in it holds, and what it does not: there is no server behind it. */
  alone?: { version: string; contents: string[]; left_out: string[] };
}

export interface Light {
  id: string;
  title: string;
  state: "good" | "note" | "warn" | "bad"; // note: so in the base case too
  detail: string;
  explain: string | null;
}

/** A number of the sentence. */
export interface Part {
  key: string;
  label: string;
  value: number;
  unit: string;
  ends: [number, number] | null;
  /** From the base case, on the same paths: null in the base case itself. */
  change?: { value: number; ends: [number, number] | null } | null;
}

export interface LiveOutput extends Output {
  mean?: Num[];
  samples?: Num[][];
}

export interface Answer {
  quarters: string[];
  outputs: Record<string, LiveOutput>;
  headline: string;
  parts: Part[];
  lights: Light[];
  paths: number;
  seed: number;
  kernel: string;
  provisional: boolean;
  seconds: number;
  sections?: Section[];
  /** The scenario it answers, as `keyOf` writes it. */
  of?: string;
}

export interface Compared {
  quarters: string[];
  a: Record<string, LiveOutput>;
  b: Record<string, LiveOutput>;
  difference: Record<string, LiveOutput>;
  pairs: number;
  redrawn: number;
}

export interface FlowLink {
  source: string;
  target: string;
  value: number;
}

export interface Flow {
  unit: string;
  quarter: string;
  links: FlowLink[];
}

export interface Flows {
  power: Flow;
  money: Flow;
}

export interface TornadoRow {
  parameter: string;
  label: string;
  evidence: "measured" | "published" | "judgement";
  unit: string;
  ends: [number, number];
  low: number;
  high: number;
}

export interface Tornado {
  output: string;
  label: string;
  unit: string;
  when: string;
  rows: TornadoRow[];
  median: number;
  paths: number;
  /** Levers an end of which cannot be computed. */
  failed?: { label: string; why: string }[];
  of?: string;
}

export const PAGES = [
  ["overview", "Overview"],
  ["build", "Build-out and power"],
  ["financing", "Financing"],
  ["labs", "Labs and prices"],
  ["pays", "Does it pay"],
  ["bust", "If it bursts"],
  ["stress", "Stress"],
  ["compare", "Compare"],
  ["deals", "Deals"],
  ["decide", "Decide"],
  ["spend", "Spend"],
  ["claims", "Claims"],
  ["figures", "Figures"],
  ["assumptions", "Assumptions"],
  ["glossary", "Glossary"],
  ["about", "About"],
] as const;

/** One text per scenario: what is drawn from another one is marked until it is replaced. */
export const keyOf = (scenario: Scenario): string =>
  JSON.stringify([scenario.preset, Object.entries(scenario.set).sort(([a], [b]) => (a < b ? -1 : 1))]);

/** The scenario of a `keyOf` in words, for what is saved. */
export function wordsOf(key: string): string {
  if (!key) return "";
  const [preset, settings] = JSON.parse(key) as [string, [string, number][]];
  return scenarioWords(preset, Object.fromEntries(settings));
}

export const SEED = 1; // what the server draws with unless asked otherwise (app/asked.py)

export const RUN_PAGES = ["overview", "build", "financing", "labs", "pays", "bust", "stress"];

export const asked = (scenario: Scenario): { preset: string; set: Record<string, number> } => ({
  preset: scenario.preset,
  set: scenario.set,
});
