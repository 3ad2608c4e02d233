// The report, top to bottom: answer, trust, uncertainty, evidence, assumptions, how to run it again.
import type { ComponentChildren } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { ReportData } from "../state/data";
import { FactsOf, scenarioWords } from "../state/facts";
import { Figure } from "../charts/figure";
import { arrange } from "../parts/arrange";
import { Assumptions } from "../parts/assumptions";
import { Contents, type Entry } from "../parts/contents";
import { Headline } from "../parts/headline";
import { Judgements } from "../parts/judgements";
import { Lights } from "../parts/lights";
import { Linked } from "../parts/linked";
import { Reproduce } from "../parts/reproduce";
import { PageSection } from "../parts/section";

/** `inside` is the model's own file: its head and footer stand around the report, and its levers beside it. */
export function ReportPage({ data, inside = false, live }: { data: ReportData; inside?: boolean; live?: ComponentChildren }) {
  const { report, outputs } = data;
  const sections = report.sections ?? [];
  const assumptions = report.assumptions ?? [];
  const certain = (report.judgements?.length ?? 0) > 0 || report.evidence_share !== undefined;
  const [wanted, setWanted] = useState("");
  const known = useMemo(() => new Set(assumptions.map(({ id }) => id)), [data]);
  const notes = report.notes ?? [];
  const entries = useMemo<Entry[]>(
    () => [
      ...(certain ? [{ id: "certainty", title: "How sure" }] : []),
      ...sections.map(({ id, title }) => ({ id, title: title.split(/[:?]/)[0] ?? title })), // all of them in one line
      ...(assumptions.length ? [{ id: "assumptions", title: "Assumptions" }] : []),
      { id: "reproduce", title: "Reproduce" },
    ],
    [data],
  );
  const facts = useMemo(() => {
    const { scenario, paths, seed, model_hash } = data.manifest;
    return { scenario: scenarioWords(scenario?.preset ?? "", scenario?.set ?? {}), paths: paths ?? null, seed: seed ?? null, model: model_hash ?? "" };
  }, [data]);
  return (
    <FactsOf.Provider value={facts}>
      {!inside && <a class="skip" href="#results">Skip to the results</a>}
      <div class={inside ? "page inside" : "page"}>
        <Headline data={data} />
        {live}
        <Lights data={data} />
        <Contents entries={entries} inside={inside} />
        <Body inside={inside}>
          {certain && (
            <PageSection
              id="certainty"
              title="How sure is this"
              lead="Which inputs carry the spread of the result, and how each of them is known. A long bar marked as judgement is where better evidence would help most."
            >
              <Judgements
                report={report} known={known} onOpen={setWanted}
                names={(output) => outputs[output]?.label ?? output}
              />
            </PageSection>
          )}
          {sections.map((section) => (
            <PageSection key={section.id} id={section.id} title={section.title} lead={section.lead}>
              <div class="charts">
                {section.charts.map((chart, index) => (
                  <Figure key={chart.id} chart={chart} outputs={outputs} full={arrange(section.charts)[index] ?? true} />
                ))}
              </div>
            </PageSection>
          ))}
          {assumptions.length > 0 && (
            <PageSection
              id="assumptions"
              title="Assumptions"
              lead="Every number the model was given, its range, and where it comes from. Measured numbers come from filings, meters or counts; published ones from others' estimates; judgements are ours and say why."
              stacked
            >
              <Assumptions items={assumptions} wanted={wanted} />
            </PageSection>
          )}
          <PageSection id="reproduce" title="Reproduce" lead="The same seed, model and paths give the same numbers.">
            <Reproduce cli={report.reproduce?.cli} python={report.reproduce?.python} manifest={data.manifest} timings={data.timings_s} />
          </PageSection>
        </Body>
        <Foot inside={inside}>
          {notes.length > 0 && (
            <ul class="notes" aria-label="Notes">
              {notes.map((note) => (
                <li key={note}>
                  <Linked text={note} />
                </li>
              ))}
            </ul>
          )}
          <p>Made with supercycle, an open model of the AI capital cycle. Not investment advice.</p>
        </Foot>
      </div>
    </FactsOf.Provider>
  );
}

const Body = ({ inside, children }: { inside: boolean; children: ComponentChildren }) => (inside ? <div>{children}</div> : <main id="results">{children}</main>);
const Foot = ({ inside, children }: { inside: boolean; children: ComponentChildren }) => (inside ? <div class="foot">{children}</div> : <footer>{children}</footer>);
