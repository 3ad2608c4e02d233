// What the file carries (supercycle/app/published.py), unpacked: the program, its facts, the charts and the words.
import type { Schema } from "../app/model";
import type { EngineFacts, Law } from "../engine/facts";
import type { ReportData, Section } from "../state/data";
import type { SourceRow } from "../state/sources";

export interface Variable {
  label: string;
  unit: string;
  meaning?: string;
  block: string;
  kind: string;
  equation?: string;
  opening?: string;
  source?: string;
  members?: string[];
  reads?: string[];
}

export interface Gauge {
  id: string;
  title: string;
  key: string;
  how: "mean" | "below" | "last";
  detail: string;
  warn: number;
  bad: number;
  level: number;
  until: string;
}

export interface Described {
  label: string;
  unit: string;
  block: string;
  meaning: string;
  entity: string | null;
}

export interface ModelData {
  version: string;
  engine: EngineFacts;
  quarters: string[];
  scenarios: Record<string, { set: Record<string, number>; laws: Record<string, Law>; ends: Record<string, [number, number]> }>;
  ends: Record<string, [number, number]>;
  templates: Record<string, Section[]>;
  described: Record<string, Described>;
  numbers: Record<string, string>; // of the sentence, by output
  read_at: string;
  gauges: Gauge[];
  more: number; // a share so much above the base case's is news
  noted: string;
  clauses: { at: string; text: string }[];
  variables: Record<string, Variable>;
  sources: Record<string, SourceRow>;
  schema: Schema;
  contents: string[];
  left_out: string[];
}

async function unpacked(text: string): Promise<ArrayBuffer> {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

/** The data and the program inlined in the page. Errors: when the page carries none. */
export async function readModel(): Promise<{ data: ModelData; module: ArrayBuffer; report: ReportData | null }> {
  const element = document.getElementById("supercycle-data");
  if (!element?.textContent) throw new Error("this page carries no model: #supercycle-data is missing");
  const packed = JSON.parse(element.textContent) as { facts: string; module: string; report?: string };
  const told = async <T,>(text: string) => JSON.parse(new TextDecoder().decode(await unpacked(text))) as T;
  const data = await told<ModelData>(packed.facts);
  const report = packed.report ? await told<ReportData>(packed.report) : null;
  return { data, module: await unpacked(packed.module), report: report && whole(report, data) };
}

/** The report with what its assumptions share with the model's own list. */
function whole(found: ReportData, { schema }: ModelData): ReportData {
  const known = new Map(schema.parameters.map((one) => [one.id, one]));
  const assumptions = (found.report.assumptions ?? []).map((row) => ({ ...known.get(row.id), ...row }));
  return { ...found, report: { ...found.report, assumptions } };
}
