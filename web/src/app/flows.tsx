// Flow diagrams: power from the grid to its use, money from payer to payee, losses from borrower to final holder.
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { latest } from "../api/client";
import { Figure } from "../charts/figure";
import { Sankey } from "../charts/sankey";
import { arrange } from "../parts/arrange";
import type { QuarterBody } from "../api/types";
import { PageSection } from "../parts/section";
import { FactsOf, useFacts } from "../state/facts";
import type { Scenario } from "../state/scenario";
import { asked, keyOf, SEED, wordsOf } from "./model";

const QUARTERS = ["2026Q4", "2027Q4", "2028Q4", "2029Q4", "2030Q4", "2032Q4", "2035Q4"];
const PATHS = 1000;
const flows = latest("/api/flows");
const lost = latest("/api/losses");

interface FlowProps {
  scenario: Scenario;
  resting: boolean;
}

function Chosen({ id, quarter, onQuarter }: { id: string; quarter: string; onQuarter: (quarter: string) => void }) {
  return (
    <p class="choose">
      <label for={id}>Quarter</label>{" "}
      <select id={id} value={quarter} onChange={(event) => onQuarter(event.currentTarget.value)}>
        {QUARTERS.map((one) => <option key={one}>{one}</option>)}
      </select>
    </p>
  );
}

/** Asks again when the scenario rests; what was drawn stays until then. */
function useAnswer<T>(ask: (body: QuarterBody) => Promise<T | null>, { scenario, resting }: FlowProps, quarter: string): [T | null, string, string] {
  const [found, setFound] = useState<T | null>(null);
  const [of, setOf] = useState("");
  const [problem, setProblem] = useState("");
  useEffect(() => {
    if (!resting) return;
    ask({ ...asked(scenario), ...(quarter ? { quarter } : {}), paths: PATHS }).then(
      (answer) => {
        if (answer) {
          setFound(answer);
          setOf(keyOf(scenario));
        }
        setProblem("");
      },
      (error: Error) => setProblem(error.message),
    );
  }, [scenario, quarter, resting]);
  return [found, problem, of];
}

/** Marks what is drawn from another scenario, until its own is there. */
function Marked({ of, scenario, children }: { of: string; scenario: Scenario; children: ComponentChildren }) {
  const stale = of !== keyOf(scenario);
  const facts = { ...useFacts(), scenario: wordsOf(of), paths: PATHS, seed: SEED };
  return (
    <div class={stale ? "stale" : ""} aria-busy={stale} data-scenario={stale ? "" : of} data-paths={PATHS}>
      <FactsOf.Provider value={facts}>{children}</FactsOf.Provider>
    </div>
  );
}

export function GridToToken(props: FlowProps) {
  const [quarter, setQuarter] = useState("2030Q4");
  const [found, problem, of] = useAnswer(flows, props, quarter);
  return (
    <section class="section stacked flows" aria-labelledby="flows-heading">
      <div class="lead"><h2 id="flows-heading">From the grid to the token</h2></div>
      <div class="body">
        <Chosen id="flow-quarter" quarter={quarter} onQuarter={setQuarter} />
        {problem && <p class="failed" role="alert">{problem}</p>}
        {found ? (
          <Marked of={of} scenario={props.scenario}>
            <Sankey
              id="grid-to-token" title={`Power from the grid to its use, ${found.power.quarter}`} flow={found.power}
              source={`supercycle power, fleet and demand; means over ${PATHS.toLocaleString("en-GB")} paths, which add up; uses in proportion to H100 equivalents`}
            />
            <Sankey
              id="who-pays" title={`Who pays whom, ${found.money.quarter}`} flow={found.money} height={520}
              source={`supercycle books: payments of the quarter between sectors, means over ${PATHS.toLocaleString("en-GB")} paths; lending and repayment apart`}
            />
          </Marked>
        ) : (
          <p class="starting waiting" role="status">Adding up the flows.</p>
        )}
      </div>
    </section>
  );
}

export function LossWaterfall(props: FlowProps) {
  const [quarter, setQuarter] = useState("2035Q4");
  const [found, problem, of] = useAnswer(lost, props, quarter);
  return (
    <section class="section stacked flows" aria-labelledby="waterfall-heading">
      <div class="lead"><h2 id="waterfall-heading">Who bears the losses in the end</h2></div>
      <div class="body">
        <Chosen id="loss-quarter" quarter={quarter} onQuarter={setQuarter} />
        {problem && <p class="failed" role="alert">{problem}</p>}
        {found ? (
          <Marked of={of} scenario={props.scenario}>
            <Sankey
              id="loss-waterfall" title={`Losses to ${found.losses.quarter}: whose shares and debts, which claim, who holds it`} flow={found.losses} height={560}
              source={`supercycle losses and credit; means over ${PATHS.toLocaleString("en-GB")} paths with and without a bust; shares: the deepest fall from the peak so far; debt: written off so far, bonds held as the corporate bond market is`}
            />
          </Marked>
        ) : (
          <p class="starting waiting" role="status">Adding up the losses.</p>
        )}
      </div>
    </section>
  );
}

const burst = latest("/api/bust");

/** Who loses in a bust: shareholders first, conditional and in all, the odds, and yardsticks. */
export function BustPanel(props: FlowProps) {
  const [found, problem, of] = useAnswer(burst, props, "");
  if (problem) return <p class="failed" role="alert">{problem}</p>;
  if (!found) return <p class="starting waiting" role="status">Adding up who loses.</p>;
  const { section } = found;
  return (
    <Marked of={of} scenario={props.scenario}>
      <PageSection id={section.id} title={section.title} stacked>
        {section.lead && <p class="section-lead">{section.lead}</p>}
        <div class="charts">
          {section.charts.map((chart, index) => (
            <Figure key={chart.id} chart={chart} outputs={{}} full={arrange(section.charts)[index] ?? true} />
          ))}
        </div>
      </PageSection>
    </Marked>
  );
}
