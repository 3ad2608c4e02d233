// Flow diagrams: power from the grid to its use, money from payer to payee, losses from borrower to final holder.
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { latest } from "../api/client";
import { Sankey } from "../charts/sankey";
import type { Scenario } from "../state/scenario";
import { asked, keyOf, type Flow, type Flows } from "./model";

const QUARTERS = ["2026Q4", "2027Q4", "2028Q4", "2029Q4", "2030Q4", "2032Q4", "2035Q4"];
const PATHS = 1000;
const flows = latest<Flows>("/api/flows");
const lost = latest<{ losses: Flow }>("/api/losses");

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
function useAnswer<T>(ask: (body: object) => Promise<T | null>, { scenario, resting }: FlowProps, quarter: string): [T | null, string, string] {
  const [found, setFound] = useState<T | null>(null);
  const [of, setOf] = useState("");
  const [problem, setProblem] = useState("");
  useEffect(() => {
    if (!resting) return;
    ask({ ...asked(scenario), quarter, paths: PATHS }).then(
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
  return (
    <div class={stale ? "stale" : ""} aria-busy={stale} data-scenario={stale ? "" : of} data-paths={PATHS}>{children}</div>
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
              id="loss-waterfall" title={`Claims written off to ${found.losses.quarter}: borrower, claim, final holder`} flow={found.losses}
              source={`supercycle credit; sums of means over ${PATHS.toLocaleString("en-GB")} paths; bonds are held as the corporate bond market is; shares that lost value are apart`}
            />
          </Marked>
        ) : (
          <p class="starting waiting" role="status">Adding up the losses.</p>
        )}
      </div>
    </section>
  );
}
