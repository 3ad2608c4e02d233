// A scenario is a preset and what differs from it; the address holds exactly that, so it can be read and sent.

import type { Lever } from "../api/types";

export type { Lever } from "../api/types";

export interface Scenario {
  preset: string;
  set: Record<string, number>;
}

export interface Address {
  page: string;
  scenario: Scenario;
  kept: Scenario | null; // A, when a scenario was kept for comparison
  view: string; // "levels" or "difference"
  item?: string; // what is open on a page that looks things up: a claim, a series, a word
}

export const BASE: Scenario = { preset: "base", set: {} };
const VERSION = "1";

const spelled = (set: Record<string, number>): string =>
  Object.entries(set)
    .map(([id, value]) => `${id}~${value}`)
    .join(",");

/** The part after "#": readable, versioned, nothing that is as the preset has it. */
export function written(address: Address): string {
  const query = new URLSearchParams({ v: VERSION });
  const side = (name: string, scenario: Scenario) => {
    if (scenario.preset !== "base" || name === "a") query.set(`${name}.preset`, scenario.preset);
    if (Object.keys(scenario.set).length) query.set(`${name}.set`, spelled(scenario.set));
  };
  side("b", address.scenario);
  if (address.kept) side("a", address.kept);
  if (address.view !== "levels") query.set("view", address.view);
  if (address.item) query.set("item", address.item);
  return `#/${address.page}?${query.toString().replaceAll("%2C", ",").replaceAll("%7E", "~").replaceAll("%3A", ":")}`;
}

/** What is wrong with a setting, in words; nothing when it may be made. */
export function checkedSetting(id: string, text: string, levers: ReadonlyMap<string, Lever>): string {
  const lever = levers.get(id);
  const value = Number(text);
  if (!lever) return `there is no assumption "${id}"`;
  if (!Number.isFinite(value) || text === "") return `${id}: "${text}" is no number`;
  if (value < lever.low || value > lever.high) return `${id} = ${text} lies outside its range, ${lever.low} to ${lever.high}`;
  return "";
}

/** Reads an address; what cannot be understood is left out and named. */
export function readAddress(
  hash: string,
  pages: readonly string[],
  presets: readonly string[],
  levers: ReadonlyMap<string, Lever>,
): { address: Address; problems: string[] } {
  const problems: string[] = [];
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?");
  const known = new URLSearchParams(query);
  let page = path || "overview";
  if (!pages.includes(page)) {
    problems.push(`there is no page "${page}"`);
    page = "overview";
  }
  const version = known.get("v");
  if (version !== null && version !== VERSION) problems.push(`the address has version ${version}; this app reads ${VERSION}`);
  const side = (name: string): Scenario => {
    let preset = known.get(`${name}.preset`) ?? "base";
    if (!presets.includes(preset)) {
      problems.push(`there is no preset "${preset}"`);
      preset = "base";
    }
    const set: Record<string, number> = {};
    for (const part of (known.get(`${name}.set`) ?? "").split(",").filter(Boolean)) {
      const [id = "", text = ""] = part.split("~");
      const problem = checkedSetting(id, text, levers);
      if (problem) problems.push(problem);
      else set[id] = Number(text);
    }
    return { preset, set };
  };
  for (const key of known.keys())
    if (!["v", "view", "item", "a.preset", "a.set", "b.preset", "b.set"].includes(key)) problems.push(`"${key}" means nothing here`);
  const view = known.get("view") ?? "levels";
  return {
    address: {
      page,
      scenario: side("b"),
      kept: known.has("a.preset") || known.has("a.set") ? side("a") : null,
      view: view === "difference" ? "difference" : "levels",
      item: known.get("item") ?? "",
    },
    problems,
  };
}

export const same = (a: Scenario, b: Scenario): boolean => a.preset === b.preset && spelled(a.set) === spelled(b.set);
