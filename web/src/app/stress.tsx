// Shocks chosen by hand, each alone and all together, against the scenario in view.
import { useEffect, useState } from "preact/hooks";
import { get, post } from "../api/client";
import type { Hit, Shock } from "../api/types";
import { Terms } from "../parts/terms";
import { plain } from "../state/format";
import type { Scenario } from "../state/scenario";
import { asked } from "./model";

const write = (value: number | null | undefined) => (typeof value === "number" ? plain(value) : "–");

export function StressPanel({ scenario, onProblem }: { scenario: Scenario; onProblem: (problem: string) => void }) {
  const [shocks, setShocks] = useState<Shock[]>([]);
  const [chosen, setChosen] = useState<string[]>(["valuation-fall", "credit-stop"]);
  const [hits, setHits] = useState<Hit[]>([]);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    get("/api/shocks").then((answer) => setShocks(answer.shocks), () => undefined);
  }, []);
  const run = () => {
    setBusy(true);
    post("/api/stress", { ...asked(scenario), shocks: chosen })
      .then((answer) => setHits(answer.shocks), (error: Error) => onProblem(error.message))
      .finally(() => setBusy(false));
  };
  const readings = Object.keys(hits[0]?.readings ?? {}).filter((key) => key !== "busted:last");
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
        {hits.length > 0 && (
          <div class="scroll" tabIndex={0} role="region" aria-label="Results of the shocks">
            <table class="data">
              <caption>Median of the paired change, nine in ten paths in brackets</caption>
              <thead>
                <tr><th scope="col">Output</th>{hits.map((hit) => <th scope="col" key={hit.name}>{hit.title}</th>)}</tr>
              </thead>
              <tbody>
                <tr>
                  <th scope="row">Paths with a bust</th>
                  {hits.map((hit) => <td key={hit.name} class="number">{write((hit.bust.before ?? 0) * 100)} to {write((hit.bust.after ?? 0) * 100)} %</td>)}
                </tr>
                {[...readings.map((key) => ["readings", key] as const), ...Object.keys(hits[0]?.losses_by_holder ?? {}).map((key) => ["losses_by_holder", key] as const)].map(([group, key]) => (
                  <tr key={group + key}>
                    <th scope="row">
                      <Terms text={group === "readings" ? (hits[0]?.readings[key]?.label ?? key) : `Loss of ${key}`} />{" "}
                      <span class="unit">{hits[0]?.[group][key]?.unit} {hits[0]?.[group][key]?.when}</span>
                    </th>
                    {hits.map((hit) => {
                      const d = hit[group][key]?.difference;
                      return <td key={hit.name} class="number">{write(d?.q50)} <span class="aside">({write(d?.q05)} to {write(d?.q95)})</span></td>;
                    })}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </div>
    </section>
  );
}
