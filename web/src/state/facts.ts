// What a saved file says of itself: output, unit, scenario, paths, seed, model, what a quarter means.
import { createContext } from "preact";
import { useContext } from "preact/hooks";

export interface Facts {
  scenario: string; // in words, every setting named
  paths: number | null;
  seed: number | null;
  model: string; // the hash of the model's equations and parameters
}

export const NOTHING_KNOWN: Facts = { scenario: "", paths: null, seed: null, model: "" };
export const FactsOf = createContext<Facts>(NOTHING_KNOWN);
export const useFacts = (): Facts => useContext(FactsOf);

const QUARTERS = "calendar quarters: 2030Q4 is October to December 2030";
const LONGEST = 48; // letters of a file's name that come from the scenario

/** One scenario in words: the preset and every parameter that differs from it. */
export function scenarioWords(preset: string, set: Record<string, unknown>): string {
  const settings = Object.entries(set).map(([id, value]) => `${id} = ${String(value)}`);
  return settings.length ? `${preset} with ${settings.join(", ")}` : preset;
}

/** Name and value of each fact, in the order they are written. */
export function factRows(facts: Facts, more: { title: string; outputs: string[]; unit: string; dated: boolean; definition?: string; bands?: string }): [string, string][] {
  const rows: [string, string][] = [
    ["title", more.title],
    ["outputs", more.outputs.join(", ")],
    ["unit", more.unit],
    ["definition", more.definition ?? ""],
    ["bands", more.bands ?? ""],
    ["scenario", facts.scenario],
    ["paths", facts.paths === null ? "" : String(facts.paths)],
    ["seed", facts.seed === null ? "" : String(facts.seed)],
    ["model", facts.model],
    ["quarters", more.dated ? QUARTERS : ""],
  ];
  return rows.filter(([, value]) => value !== "");
}

/** A file's name: chart, scenario, paths; a mark at the end tells two long scenarios apart. */
export function fileName(id: string, facts: Facts): string {
  const whole = facts.scenario.toLowerCase().replace(/[^a-z0-9.]+/g, "-").replace(/^-|-$/g, "");
  const short = whole.length > LONGEST ? `${whole.slice(0, LONGEST)}-${mark(facts.scenario)}` : whole;
  return [id, short, facts.paths === null ? "" : `${facts.paths}-paths`].filter(Boolean).join("-");
}

/** Eight hexadecimal digits of a text (FNV-1a). */
function mark(text: string): string {
  let hash = 0x811c9dc5;
  for (const letter of text) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}
