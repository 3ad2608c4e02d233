// The tray: scenarios kept by name with a note, put back with a click, ticked to be compared, saved as files.
import { useState } from "preact/hooks";
import { save } from "../charts/save";
import { scenarioWords } from "../state/facts";
import { same, type Lever, type Scenario } from "../state/scenario";
import { readScenarioFile, scenarioFile, slug, writeTray, type Named } from "../state/tray";
import type { Preset } from "./model";

export const MOST_COMPARED = 5;

interface TrayProps {
  scenario: Scenario;
  kept: Named[];
  lasting: boolean;
  ticked: string[];
  presets: Preset[];
  levers: ReadonlyMap<string, Lever>;
  onKept: (kept: Named[]) => void;
  onTicked: (names: string[]) => void;
  onOpen: (scenario: Scenario) => void;
  onCompare: () => void;
  onProblem: (problem: string) => void;
}

export function Tray({ scenario, kept, lasting, ticked, presets, levers, onKept, onTicked, onOpen, onCompare, onProblem }: TrayProps) {
  const [name, setName] = useState("");
  const put = (next: Named[]) => {
    writeTray(next);
    onKept(next);
  };
  const keep = () => {
    const wanted = name.trim() || scenarioWords(scenario.preset, scenario.set).slice(0, 60);
    put([...kept.filter((one) => one.name !== wanted), { name: wanted, note: "", scenario }]);
    setName("");
  };
  const saveFile = (one: Named) => {
    const preset = presets.find((other) => other.name === one.scenario.preset);
    if (preset?.set.some((other) => other.value === undefined)) return onProblem(`${preset.title} draws from ranges of its own, which this file cannot hold`);
    save(`${slug(one.name)}.yaml`, "application/yaml", scenarioFile(one, Object.fromEntries((preset?.set ?? []).map((other) => [other.parameter, other.value as number]))));
  };
  const open = async (file: File | undefined) => {
    if (!file) return;
    try {
      const read = readScenarioFile(await file.text(), presets.map((one) => one.name), levers);
      put([...kept.filter((one) => one.name !== read.name), read]);
    } catch (problem) {
      onProblem(`${file.name}: ${problem instanceof Error ? problem.message : "cannot be read"}`);
    }
  };
  const tick = (one: string) => onTicked(ticked.includes(one) ? ticked.filter((other) => other !== one) : [...ticked, one].slice(-MOST_COMPARED));
  return (
    <details class="lever-group tray">
      <summary>Kept scenarios <span class="count">{kept.length}</span></summary>
      <form class="keep" onSubmit={(event) => { event.preventDefault(); keep(); }}>
        <label class="hidden" for="keep-name">Name of this scenario</label>
        <input id="keep-name" type="text" value={name} placeholder="Name of this scenario" maxLength={60} onInput={(event) => setName(event.currentTarget.value)} />
        <button type="submit">Keep</button>
      </form>
      <ul>
        {kept.map((one) => (
          <li key={one.name}>
            <input type="checkbox" id={`tick-${slug(one.name)}`} checked={ticked.includes(one.name)} onChange={() => tick(one.name)} aria-label={`Compare ${one.name}`} />
            <button type="button" class="opens" aria-current={same(one.scenario, scenario) ? "true" : undefined} onClick={() => onOpen(one.scenario)} title={scenarioWords(one.scenario.preset, one.scenario.set)}>{one.name}</button>
            <span class="tray-tools">
              <button type="button" aria-label={`Save ${one.name} as a file`} onClick={() => saveFile(one)}>file</button>
              <button type="button" aria-label={`Forget ${one.name}`} onClick={() => { put(kept.filter((other) => other !== one)); onTicked(ticked.filter((other) => other !== one.name)); }}>×</button>
            </span>
            <input
              type="text" class="note-field" value={one.note} placeholder="Note" maxLength={200} aria-label={`Note on ${one.name}`}
              // At each letter: an answer that arrives while a note is typed paints the field anew with what is kept.
              onInput={(event) => put(kept.map((other) => (other.name === one.name ? { ...one, note: event.currentTarget.value } : other)))}
            />
          </li>
        ))}
      </ul>
      <div class="ab">
        <button type="button" disabled={ticked.length === 0} onClick={onCompare}>Compare {ticked.length || ""}</button>
        <label class="file-button">
          Open a scenario file
          <input type="file" class="hidden" accept=".yaml,.yml" onChange={(event) => { void open(event.currentTarget.files?.[0]); event.currentTarget.value = ""; }} />
        </label>
      </div>
      <p class="under">{lasting ? "Kept by this browser only." : "This frame may store nothing: kept until the page is closed."} A file is what <code>supercycle run FILE</code> reads.</p>
    </details>
  );
}
