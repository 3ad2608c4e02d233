// Shocks chosen by hand, each alone and all together, against the scenario in view: words, charts, then the table.
import { useEffect, useState } from "preact/hooks";
import { get, post } from "../api/client";
import type { Hit, Impact, Shock } from "../api/types";
import { Figure } from "../charts/figure";
import { Terms } from "../parts/terms";
import type { Chart } from "../state/data";
import { FactsOf, scenarioWords, useFacts } from "../state/facts";
import { show } from "../state/format";
import type { Scenario } from "../state/scenario";
import { unitAfter } from "../state/units";
import { signed } from "./answer_head";
import { asked, keyOf } from "./model";

const DRAWN = 4; // readings with a chart; the table has all
const TINY = 1e-9; // of a reading: a difference below it is the rounding of sums

interface StressProps {
  scenario: Scenario;
  onProblem: (problem: string) => void;
  onExplain: (name: string) => void;
}

/** A paired change; rounding of sums is no change. */
function size(impact: Impact | undefined, level: "q05" | "q50" | "q95"): number | null {
  const value = impact?.difference[level];
  if (typeof value !== "number") return null;
  const scale = Math.max(Math.abs(impact?.before.q50 ?? 0), Math.abs(impact?.after.q50 ?? 0));
  return Math.abs(value) <= TINY * scale ? 0 : value;
}

const write = (value: number | null, unit: string) => (value === null ? "–" : value === 0 ? "0" : signed(value, unit));
const WHEN: Record<string, string> = { sum: "in all to the end", last: "at the end", max: "at its highest", min: "at its lowest" };
const when = (text: string) => WHEN[text] ?? text;

/** Whether a shock changes nothing here: the scenario may hold it already. */
const still = (hit: Hit): boolean =>
  [...Object.values(hit.readings), ...Object.values(hit.losses_by_holder)].every((one) => size(one, "q05") === 0 && size(one, "q95") === 0);

function Said({ hit, readings }: { hit: Hit; readings: string[] }) {
  if (still(hit)) return <li><b>{hit.title}</b> changes nothing here: the scenario holds it already, or its dates lie outside.</li>;
  const parts = readings.slice(0, DRAWN).map((key) => {
    const one = hit.readings[key] as Impact;
    return `${one.label.charAt(0).toLowerCase()}${one.label.slice(1)} ${when(one.when)} ${write(size(one, "q50"), one.unit)} ${unitAfter(one.unit)}`.trim();
  });
  return (
    <li>
      <b>{hit.title}.</b> A bust on {show(hit.bust.before, "percent", "share")} of paths becomes one on {show(hit.bust.after, "percent", "share")}; medians of the change on the same paths:{" "}
      {parts.join("; ")}.
    </li>
  );
}

function chartOf(key: string, hits: Hit[]): Chart {
  const one = hits[0]?.readings[key] as Impact;
  return {
    id: `stress-${key.replaceAll(/[^a-z0-9]+/gi, "-")}`, title: `${one.label}, ${when(one.when)}: change by shock`, kind: "bars", unit: one.unit,
    series: hits.map((hit) => ({ key: null, label: hit.title, values: [size(hit.readings[key], "q50")] })),
    source: "supercycle; medians of the paired change, each shock on the same paths as the scenario without it",
    note: "The nine in ten are in the table.",
  };
}

export function StressPanel({ scenario, onProblem, onExplain }: StressProps) {
  const [shocks, setShocks] = useState<Shock[]>([]);
  const [chosen, setChosen] = useState<string[]>(["valuation-fall", "credit-stop"]);
  const [found, setFound] = useState<{ hits: Hit[]; scenario: Scenario; chosen: string[] } | null>(null);
  const [busy, setBusy] = useState(false);
  const facts = useFacts();
  useEffect(() => {
    get("/api/shocks").then((answer) => setShocks(answer.shocks), () => undefined);
  }, []);
  const run = () => {
    setBusy(true);
    post("/api/stress", { ...asked(scenario), shocks: chosen })
      .then((answer) => setFound({ hits: answer.shocks, scenario, chosen }), (error: Error) => {
        setFound(null); // no answer is better than that of other shocks
        onProblem(error.message);
      })
      .finally(() => setBusy(false));
  };
  const hits = found?.hits ?? [];
  const stale = found !== null && (keyOf(found.scenario) !== keyOf(scenario) || found.chosen.join() !== chosen.join());
  const readings = Object.keys(hits[0]?.readings ?? {}).filter((key) => key !== "busted:last");
  const of = found ? scenarioWords(found.scenario.preset, found.scenario.set) : "";
  return (
    <section class="section stacked" aria-labelledby="shocks-heading">
      <div class="lead"><h2 id="shocks-heading">Shocks</h2></div>
      <div class="body">
        <fieldset class="shocks">
          <legend>Choose up to a dozen; each is run alone, and all of them together</legend>
          {shocks.map((shock) => (
            <label key={shock.name} class="check" title={shock.story}>
              <input
                type="checkbox" checked={chosen.includes(shock.name)}
                onChange={(event) =>
                  setChosen(event.currentTarget.checked ? [...chosen, shock.name] : chosen.filter((name) => name !== shock.name))
                }
              />{" "}
              {shock.title}
            </label>
          ))}
          <button type="button" class="primary" disabled={busy || chosen.length === 0} onClick={run}>{busy ? "Running" : "Run the shocks"}</button>
        </fieldset>
        {stale && <p class="banner" role="status">Not computed yet: what stands below is of {of} and other shocks, as it was. Press Run the shocks.</p>}
        {hits.length > 0 && found && (
          <div class={stale ? "stale" : ""} aria-busy={stale} data-scenario={stale ? "" : keyOf(found.scenario)}>
            <p class="under">Medians and shares over {hits[0]?.pairs.toLocaleString("en-GB")} pairs of paths; the numbers at the top of the page may be of more.</p>
            <ul class="said">{hits.map((hit) => <Said key={hit.name} hit={hit} readings={readings} />)}</ul>
            <FactsOf.Provider value={{ ...facts, scenario: of, paths: hits[0]?.pairs ?? null }}>
              <div class="charts">
                {readings.slice(0, DRAWN).map((key) => <Figure key={key} chart={chartOf(key, hits)} outputs={{}} full={false} />)}
              </div>
            </FactsOf.Provider>
            <div class="scroll" tabIndex={0} role="region" aria-label="Results of the shocks">
              <table class="data">
                <caption>Median of the paired change, nine in ten paths in brackets; {hits[0]?.pairs.toLocaleString("en-GB")} pairs. A name opens its sources.</caption>
                <thead>
                  <tr><th scope="col">Output</th>{hits.map((hit) => <th scope="col" class="number" key={hit.name}>{hit.title}</th>)}</tr>
                </thead>
                <tbody>
                  <tr>
                    <th scope="row"><button type="button" class="opens" onClick={() => onExplain("busted")}>Paths with a bust</button></th>
                    {hits.map((hit) => <td key={hit.name} class="number">{show(hit.bust.before, "percent", "share")} to {show(hit.bust.after, "percent", "share")}</td>)}
                  </tr>
                  {[...readings.map((key) => ["readings", key] as const), ...Object.keys(hits[0]?.losses_by_holder ?? {}).map((key) => ["losses_by_holder", key] as const)].map(([group, key]) => {
                    const one = hits[0]?.[group][key] as Impact;
                    return (
                      <tr key={group + key}>
                        <th scope="row">
                          {group === "readings" ? <button type="button" class="opens" onClick={() => onExplain(key.split(":")[0] ?? key)}>{one.label}</button> : <Terms text={`Loss of ${key}`} />}{" "}
                          <span class="unit">{[unitAfter(one.unit), when(one.when)].filter(Boolean).join(", ")}</span>
                        </th>
                        {hits.map((hit) => {
                          const impact = hit[group][key];
                          return (
                            <td key={hit.name} class="number">
                              {write(size(impact, "q50"), one.unit)} <span class="aside">({write(size(impact, "q05"), one.unit)} to {write(size(impact, "q95"), one.unit)})</span>
                            </td>
                          );
                        })}
                      </tr>
                    );
                  })}
                </tbody>
              </table>
            </div>
          </div>
        )}
      </div>
    </section>
  );
}
