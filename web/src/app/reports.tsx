// Deals and decisions: a text to edit, an answer in the shape of a report.
import { useEffect, useState } from "preact/hooks";
import { get, post } from "../api/client";
import type { DecideKnown } from "../api/types";
import { Figure } from "../charts/figure";
import { arrange } from "../parts/arrange";
import { Part } from "../parts/headline";
import { PageSection } from "../parts/section";
import { Terms } from "../parts/terms";
import type { ReportData } from "../state/data";
import { FactsOf, useFacts } from "../state/facts";
import type { Scenario } from "../state/scenario";
import { DealForm } from "./deal_form";
import { DecideSentence } from "./decide_form";
import { asked } from "./model";

export function ReportView({ data }: { data: ReportData }) {
  return (
    <>
      <p class="sentence">{data.headline}</p>
      {data.report.headline_parts && <dl class="parts">{data.report.headline_parts.map((part) => <Part key={part.label} part={part} />)}</dl>}
      {(data.report.sections ?? []).map((section) => (
        <PageSection key={section.id} id={section.id} title={section.title} stacked>
          {section.lead && <p class="section-lead"><Terms text={section.lead} /></p>}
          <div class="charts">
            {section.charts.map((chart, index) => (
              <Figure key={chart.id} chart={chart} outputs={data.outputs} full={arrange(section.charts)[index] ?? true} />
            ))}
          </div>
        </PageSection>
      ))}
      {(data.report.notes ?? []).map((note) => <p class="under" key={note}><Terms text={note} /></p>)}
    </>
  );
}

interface EditorProps {
  label: string;
  text: string;
  busy: boolean;
  problem: string;
  onText: (text: string) => void;
  onFile: (name: string, text: string) => void;
  onRun: () => void;
  beside?: preact.ComponentChildren; // a form of the same text
  children?: preact.ComponentChildren;
}

function Editor({ label, text, busy, problem, onText, onFile, onRun, beside, children }: EditorProps) {
  return (
    <form
      class="editor" noValidate // the server names what is wrong, and where
      onSubmit={(event) => {
        event.preventDefault();
        onRun();
      }}
    >
      <div class="editor-head">
        {children}
        <label class="file">
          <span>Open a file</span>
          <input
            type="file" accept=".yaml,.yml" class="hidden"
            onChange={async (event) => {
              const input = event.currentTarget; // gone from the event once it has been waited
              const file = input.files?.[0];
              if (file) onFile(file.name, await file.text());
              input.value = ""; // the same file, edited, may be chosen again
            }}
          />
        </label>
        <button type="submit" class="primary" disabled={busy}>{busy ? "Computing" : "Compute"}</button>
      </div>
      <details>
        <summary>Edit the {label}{beside ? ": fields and text" : ""}</summary>
        <div class={beside ? "editor-both" : ""}>
          {beside}
          <div>
            <label class="hidden" for={`text-${label}`}>{label}</label>
            <textarea id={`text-${label}`} rows={24} spellcheck={false} value={text} onInput={(event) => onText(event.currentTarget.value)} />
          </div>
        </div>
      </details>
      {problem && <p class="failed" role="alert">{problem}</p>}
    </form>
  );
}

const OWN = "own file"; // the choice that stands for a reader's own file

/** A scenario in words, every setting named, so that two are the same only when they are. */
const spelt = (scenario: Scenario) =>
  [scenario.preset, ...Object.entries(scenario.set).map(([id, value]) => `${id} ${value}`)].join(", ");

const moved = (scenario: Scenario) => {
  const count = Object.keys(scenario.set).length;
  return count ? `${scenario.preset} with ${count} moved` : scenario.preset;
};

/** Says whose answer is on screen; one that is of another text or scenario is greyed until it is computed again. */
function Answered({ data, of, now }: { data: ReportData; of: Question; now: Question }) {
  const facts = useFacts();
  const stale = of.text !== now.text || of.on !== now.on || of.name !== now.name;
  return (
    <>
      {stale && <p class="banner" role="status">Not computed yet: the numbers below are of {of.name}{of.on ? ` on ${of.on}` : ""}, as it was. Press Compute.</p>}
      <div class={stale ? "stale" : ""} aria-busy={stale}>
        {!stale && <p class="under answered">Of {now.name}{now.on ? `, on the paths of ${now.on}` : ""}.</p>}
        <FactsOf.Provider value={{ ...facts, scenario: of.on ? `${of.name} on ${of.on}` : of.name }}>
          <ReportView data={data} />
        </FactsOf.Provider>
      </div>
    </>
  );
}

interface Question {
  text: string;
  name: string;
  on: string; // the scenario in words, or ""; with the load, where there is one
}

export function DealsPage({ scenario }: { scenario: Scenario }) {
  const [texts, setTexts] = useState<Record<string, string>>({});
  const [titles, setTitles] = useState<{ name: string; title: string }[]>([]);
  const [name, setName] = useState("hyperion");
  const [text, setText] = useState("");
  const [file, setFile] = useState(""); // the name of the reader's own file
  const [onWorld, setOnWorld] = useState(false);
  const [found, setFound] = useState<{ data: ReportData; of: Question } | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const question = (what: string, called: string, world: boolean): Question => ({ text: what, name: called, on: world ? spelt(scenario) : "" });
  const run = (what: string, called: string, world: boolean) => {
    setBusy(true);
    setProblem("");
    const of = question(what, called, world);
    post("/api/deal", { text: what, name: called, ...(world ? { ...asked(scenario), paths: 1000 } : {}) })
      .then((data) => setFound({ data, of }), (error: Error) => {
        setFound(null); // no answer is better than that of another file
        setProblem(error.message);
      })
      .finally(() => setBusy(false));
  };
  const called = file || `${name}.yaml`;
  useEffect(() => {
    get("/api/deals").then(
      (answer) => {
        setTexts(answer.texts);
        setTitles(answer.deals);
        const first = answer.texts["hyperion"] ?? "";
        setText(first);
        run(first, "hyperion.yaml", false);
      },
      (error: Error) => setProblem(error.message),
    );
  }, []);
  return (
    <>
      <h1>Deals</h1>
      <p class="section-lead"><Terms text="A financing in one file: sources and uses, the cash waterfall, DSCR with trigger lines, every holder's return and loss, on one path or on the world's." /></p>
      <Editor label="deal" beside={<DealForm text={text} name={called} onText={setText} />} text={text} busy={busy} problem={problem} onText={setText} onRun={() => run(text, called, onWorld)}
        onFile={(its, what) => {
          setFile(its);
          setName(OWN);
          setText(what);
          setProblem("");
        }}
      >
        <label for="deal-example">Example</label>
        <select
          id="deal-example" value={name}
          onChange={(event) => {
            const next = event.currentTarget.value;
            setName(next);
            setFile("");
            setText(texts[next] ?? "");
            run(texts[next] ?? "", `${next}.yaml`, onWorld);
          }}
        >
          {file && <option value={OWN}>Own file: {file}</option>}
          {titles.map((deal) => <option key={deal.name} value={deal.name}>{deal.title}</option>)}
        </select>
        <label class="check"><input type="checkbox" checked={onWorld} onChange={(event) => setOnWorld(event.currentTarget.checked)} /> on the paths of {moved(scenario)}</label>
      </Editor>
      {found && <Answered data={found.data} of={found.of} now={question(text, called, onWorld)} />}
    </>
  );
}

export function DecidePage({ scenario }: { scenario: Scenario }) {
  const [choices, setChoices] = useState<DecideKnown | null>(null);
  const [text, setText] = useState("");
  const [file, setFile] = useState("");
  const [load, setLoad] = useState(1);
  const [found, setFound] = useState<{ data: ReportData; of: Question } | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const called = file || "decision.yaml";
  const question = (what: string): Question => ({
    text: what, name: file || "the example", on: `${spelt(scenario)}${load === 1 ? "" : `, ${load} times the load`}`,
  });
  const run = (what: string) => {
    setBusy(true);
    setProblem("");
    const of = question(what);
    post("/api/decide", { text: what, name: called, ...asked(scenario), load })
      .then((data) => setFound({ data, of }), (error: Error) => {
        setFound(null);
        setProblem(error.message);
      })
      .finally(() => setBusy(false));
  };
  useEffect(() => {
    get("/api/templates").then(
      (answer) => {
        setChoices(answer);
        setText(answer.decide);
        run(answer.decide);
      },
      (error: Error) => setProblem(error.message),
    );
  }, []);
  return (
    <>
      <h1>Decide</h1>
      <p class="section-lead"><Terms text="Own, lease, reserve or call an API, at the load you really have: net present value after tax, break-even utilisation against measured use, the mix on the load-duration curve, and whether to wait." /></p>
      <Editor label="decision" text={text} busy={busy} problem={problem} onText={setText} onRun={() => run(text)}
        onFile={(its, what) => {
          setFile(its);
          setText(what);
          setProblem("");
        }}
      >
        {file && <p class="under">Own file: {file}</p>}
        {choices && <DecideSentence choices={choices} text={text} load={load} onText={setText} onLoad={setLoad} />}
      </Editor>
      {busy && <p class="starting" role="status">Comparing the options on two thousand price paths.</p>}
      {found && <Answered data={found.data} of={found.of} now={question(text)} />}
    </>
  );
}
