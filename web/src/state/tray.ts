// Named scenarios with notes, kept by the browser; as files they are what the command line reads.
import { checkedSetting, type Lever, type Scenario } from "./scenario";

export interface Named {
  name: string;
  note: string;
  scenario: Scenario;
}

const PLACE = "supercycle.tray";
const SCHEMA = "supercycle.preset/1";

/** What was kept; nothing where the browser keeps nothing (a sandboxed frame). */
export function readTray(): { kept: Named[]; lasting: boolean } {
  try {
    const text = localStorage.getItem(PLACE);
    const found = text ? (JSON.parse(text) as Named[]) : [];
    return { kept: Array.isArray(found) ? found.filter((one) => one?.name && one.scenario?.preset && one.scenario.set) : [], lasting: true };
  } catch {
    return { kept: [], lasting: false };
  }
}

export function writeTray(kept: Named[]): void {
  try {
    localStorage.setItem(PLACE, JSON.stringify(kept));
  } catch {
    // the page says that it keeps them only while it is open
  }
}

/** A name as presets have it: small letters, digits, hyphens. */
export const slug = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "") || "scenario";

/** The file of a scenario, for `supercycle run FILE`; its first line lets this app read it back as it was. */
export function scenarioFile(one: Named, start: Record<string, number>): string {
  const set = { ...start, ...one.scenario.set };
  const lines = Object.entries(set).map(([id, value]) => `  ${/^[a-z0-9_]+$/i.test(id) ? id : JSON.stringify(id)}: ${value}`);
  return [
    `# supercycle app: preset ${one.scenario.preset}; moved ${Object.keys(one.scenario.set).join(", ") || "nothing"}`,
    `schema: ${SCHEMA}`, `name: ${slug(one.name)}`, `title: ${JSON.stringify(one.name)}`, `story: ${JSON.stringify(one.note || one.name)}`,
    ...(lines.length ? ["set:", ...lines] : ["set: {}"]), "",
  ].join("\n");
}

const bare = (text: string): string => {
  const value = text.trim();
  if (!/^".*"$/.test(value)) return value.replace(/^'(.*)'$/, "$1");
  try {
    return String(JSON.parse(value));
  } catch {
    return value.slice(1, -1);
  }
};

/** Reads such a file, or one that a person wrote with the same few keys. Errors name the line. */
export function readScenarioFile(text: string, presets: readonly string[], levers: ReadonlyMap<string, Lever>): Named {
  const lines = text.split(/\r?\n/);
  const own = /^# supercycle app: preset (\S+); moved (.*)$/.exec(lines[0] ?? "");
  const top = new Map<string, string>();
  const set: Record<string, number> = {};
  let section = "";
  lines.forEach((line, index) => {
    const written = line.replace(/(^|\s)#.*$/, "");
    if (!written.trim()) return;
    const found = /^(\s*)("[^"]+"|[\w:.-]+(?: [\w.-]+)*):(?:\s+(.*))?$/.exec(written);
    if (!found) {
      if (section === "set" || !/^\s/.test(written)) throw new Error(`line ${index + 1} is no "key: value": ${line.trim().slice(0, 60)}`);
      return; // a story over several lines
    }
    const [, indent = "", key = "", value = ""] = found;
    if (!indent) {
      section = key;
      if (!["schema", "name", "title", "story", "answers", "set"].includes(key)) throw new Error(`line ${index + 1}: "${key}" cannot be shown here; the command line reads it`);
      top.set(key, bare(value));
    } else if (section === "set") {
      const problem = checkedSetting(bare(key), value.trim(), levers);
      if (problem) throw new Error(`line ${index + 1}: ${problem}`);
      set[bare(key)] = Number(value);
    }
  });
  if (top.get("schema") !== SCHEMA) throw new Error(`not a scenario file: expected "schema: ${SCHEMA}", got "${top.get("schema") ?? "nothing"}"`);
  const name = top.get("title") || top.get("name") || "scenario";
  const story = top.get("story") ?? "";
  const note = story === name || story === ">" || story === "|" ? "" : story;
  if (!own) return { name, note, scenario: { preset: "base", set } };
  const [, preset = "base", moved = ""] = own;
  if (!presets.includes(preset)) throw new Error(`it stands on the preset "${preset}", which is not here`);
  const mine = moved === "nothing" ? [] : moved.split(", ");
  return { name, note, scenario: { preset, set: Object.fromEntries(mine.flatMap((id) => (id in set ? [[id, set[id] as number]] : []))) } };
}
