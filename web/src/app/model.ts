// What the server sends, and the state every part of the app reads.
import type { VNode } from "preact";
import type * as server from "../api/types";
import type { Section } from "../state/data";
import { scenarioWords } from "../state/facts";
import type { Scenario } from "../state/scenario";

export type { Flow, FlowLink, Flows, Light, LiveOutput, Part, Preset } from "../api/types";

export interface Schema extends server.Schema {
  /** Pages there are; all of them unless said. */
  shown?: string[];
  /** What a file with the model in it holds, and what it does not: there is no server behind it. */
  alone?: { version: string; contents: string[]; left_out: string[] };
}

export interface Answer extends server.Answer {
  sections?: Section[];
  /** The scenario it answers, as `keyOf` writes it. */
  of?: string;
}

/** Both sides and their difference, with the two scenarios it is of. */
export interface Compared extends server.Compared {
  of?: string;
}

/** A row as it is drawn; the file with the model in it knows no share of variance. */
export type TornadoRow = Omit<server.TornadoRow, "share">;

export interface Tornado extends Omit<server.TornadoAnswer, "rows"> {
  rows: TornadoRow[];
  of?: string;
}

/** A page before the others: the report of the run that a file is of, and the scenario its live pages begin at. */
export interface First {
  scenario: Scenario;
  view: VNode;
}

export const REPORT = "report";

export const PAGES = [
  [REPORT, "Report"],
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
