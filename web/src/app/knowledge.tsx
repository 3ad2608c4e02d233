// Claims, glossary, about: pages that look things up.
import { useEffect, useState } from "preact/hooks";
import { get, post } from "../api/client";
import type { ClaimFull, ClaimRow } from "../api/types";
import { Badge } from "../parts/badge";
import { Linked } from "../parts/linked";
import { Terms } from "../parts/terms";
import { plain } from "../state/format";
import { unitAfter } from "../state/units";
import type { Schema } from "./model";

const RELATION: Record<string, string> = { "=": "", "<=": "at most", ">=": "at least", "~": "about" };
const YEARS = 1900; // a number of years is small, a year is not
const written = (value: number, unit: string) => (unit === "year" && value > YEARS ? String(Math.round(value)) : plain(value));

function ClaimView({ id }: { id: string }) {
  const [found, setFound] = useState<ClaimFull | null>(null);
  const [set, setSet] = useState<Record<string, number>>({});
  const [problem, setProblem] = useState("");
  useEffect(() => {
    let stale = false;
    setProblem("");
    post("/api/claim", { id, set }).then((answer) => !stale && setFound(answer), (error: Error) => !stale && setProblem(error.message));
    return () => {
      stale = true;
    };
  }, [id, set]);
  if (problem) return <p class="failed" role="alert">{problem}</p>;
  if (!found) return <p role="status">Loading.</p>;
  return (
    <div class="claim-full">
      <p>{found.why}</p>
      {found.formula && <pre tabIndex={0}><code>{found.formula}</code></pre>}
      {found.changed && <p><b>With these inputs: {plain(found.changed.value)}.</b> {found.changed.holds ? "The claim holds." : "The claim does not hold."}</p>}
      {found.inputs.length > 0 && (
        <table class="data">
          <thead><tr><th scope="col">Input</th><th scope="col">Value</th><th scope="col">Unit</th><th scope="col">Evidence</th><th scope="col">Source</th></tr></thead>
          <tbody>
            {found.inputs.map((input) => (
              <tr key={input.name}>
                <th scope="row">{input.label ?? input.name}</th>
                <td>
                  <input
                    type="number" step="any" aria-label={input.label ?? input.name} value={set[input.name] ?? input.value}
                    onChange={(event) => setSet({ ...set, [input.name]: Number(event.currentTarget.value) })}
                  />
                </td>
                <td>{unitAfter(input.unit)}</td>
                <td>{input.evidence === "set" ? "set by hand" : <Badge evidence={input.evidence} />}</td>
                <td>{input.source && <Linked text={input.source} />}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <p class="under"><Linked text={found.document} /></p>
    </div>
  );
}

interface Item {
  item: string; // what the address opens
  onItem: (item: string) => void;
}

export function ClaimsPage({ item: open, onItem: setOpen }: Item) {
  const [rows, setRows] = useState<ClaimRow[]>([]);
  const [verdicts, setVerdicts] = useState<Record<string, number>>({});
  const [only, setOnly] = useState("");
  const [words, setWords] = useState("");
  useEffect(() => {
    get("/api/claims").then((answer) => {
      setRows(answer.claims);
      setVerdicts(answer.verdicts);
    }, () => undefined);
  }, []);
  const wanted = words.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const shown = rows.filter((row) => {
    const text = `${row.statement} ${row.who} ${row.topic} ${row.when}`.toLowerCase();
    return (!only || row.verdict === only) && wanted.every((word) => text.includes(word));
  });
  const topics = [...new Set(shown.map((row) => row.topic))];
  useEffect(() => {
    if (open && rows.length) document.getElementById(`claim-${open}`)?.scrollIntoView({ block: "nearest" });
  }, [rows.length]);
  return (
    <>
      <h1>Claims</h1>
      <p class="section-lead">Famous statements with their own inputs, our arithmetic and a verdict. Open one and change what it assumes.</p>
      <div class="chips" role="group" aria-label="Verdict">
        {Object.entries(verdicts).map(([verdict, count]) => (
          <button key={verdict} type="button" class="chip" aria-pressed={only === verdict} onClick={() => setOnly(only === verdict ? "" : verdict)}>
            {verdict} {count}
          </button>
        ))}
      </div>
      <label for="claim-search">Search {rows.length} claims</label>
      <input id="claim-search" class="claim-search" type="search" value={words} onInput={(event) => setWords(event.currentTarget.value)} />
      <p class="under" role="status">{shown.length} claims</p>
      {topics.map((topic) => (
      <section key={topic} aria-label={topic}>
      <h2 class="topic">{topic.charAt(0).toUpperCase() + topic.slice(1)}</h2>
      <ul class="claims">
        {shown.filter((row) => row.topic === topic).map((row) => (
          <li key={row.id} id={`claim-${row.id}`}>
            <button type="button" class="claim" aria-expanded={open === row.id} onClick={() => setOpen(open === row.id ? "" : row.id)}>
              <b>{row.statement}</b> <span class="who">{row.who}, {row.when}</span>
              <span class="numbers">{RELATION[row.relation] ?? row.relation} {written(row.published, row.unit)} {row.unit === "year" && row.published > YEARS ? "" : unitAfter(row.unit)}; recomputed {row.ours === null ? "none" : written(row.ours, row.unit)}</span>
              <span class={`verdict v-${row.verdict.split(" ")[0]?.replace(":", "")}`}>{row.verdict}</span>
            </button>
            {open === row.id && <ClaimView id={row.id} />}
          </li>
        ))}
      </ul>
      </section>
      ))}
    </>
  );
}

export function GlossaryPage({ schema, wanted }: { schema: Schema; wanted: string }) {
  useEffect(() => {
    if (wanted) document.getElementById(`term-${wanted}`)?.scrollIntoView({ block: "center" });
  }, [wanted]);
  const words = [...schema.glossary].sort((a, b) => a.term.localeCompare(b.term, "en", { sensitivity: "base" }));
  return (
    <>
      <h1>Glossary</h1>
      <dl class="glossary">
        {words.map(({ term, meaning }) => (
          <div key={term} id={`term-${term}`} class={wanted === term ? "wanted" : ""}>
            <dt>{term}</dt>
            <dd><Terms text={meaning} /></dd>
          </div>
        ))}
      </dl>
    </>
  );
}

export function AboutPage({ schema }: { schema: Schema }) {
  return (
    <>
      <h1>About</h1>
      <p class="section-lead">
        supercycle is an open, sourced, stress-testable model of the AI capital cycle, from the grid to the token. Its blocks, its books that
        close on every path, and every number opens into its equation, inputs, source and grade of evidence.
      </p>
      <p>Quantiles are over simulated paths. They are no forecast of one future, and no advice.</p>
      {schema.alone ? (
        <>
          <h2>What this file holds</h2>
          <p>supercycle {schema.alone.version}, compiled for the browser. It runs here, on your machine, and asks nothing of any other.</p>
          <ul>{schema.alone.contents.map((one) => <li key={one}>{one}</li>)}</ul>
          <p>Not in it: {schema.alone.left_out.join(", ")}. The installed app has them: <code>pip install supercycle</code>, then <code>supercycle app</code>.</p>
        </>
      ) : (
        <p>This page talks to a server on this machine and to nothing else.</p>
      )}
      <h2>The blocks</h2>
      <ol class="blocks">{schema.blocks.map((block) => <li key={block.name}><b>{block.title}.</b> <Terms text={block.meaning} /></li>)}</ol>
      <h2>How far to trust it</h2>
      <p>
        {schema.about.judged} of {schema.parameters.length} assumptions rest on judgement; each says so where it stands. The model is tested against its own past:
        opened at past quarters with what was known then, scored against simple rules (<code>supercycle backtest</code>; the documentation has the scores, misses included).
        It holds no future that its equations do not: no war, no new law, no firm that is not in its tables.
      </p>
      <div class="scroll" tabIndex={0} role="region" aria-label="What the bands held">
        <table class="data">
          <caption>
            Of what came after past openings, the share that lay inside the bands{schema.about.record.every((row) => row.of_this_model) ? "" : " of the model the record was made with, which is not this one"}
          </caption>
          <thead><tr><th scope="col">Series</th><th scope="col" class="number">Outcomes</th><th scope="col" class="number">50 % band</th><th scope="col" class="number">90 % band</th></tr></thead>
          <tbody>
            {schema.about.record.map((row) => (
              <tr key={row.what}><th scope="row">{row.what}</th><td class="number">{row.points}</td><td class="number">{Math.round(100 * row.inside_50)} %</td><td class="number">{Math.round(100 * row.inside_90)} %</td></tr>
            ))}
          </tbody>
        </table>
      </div>
      <h2>Limits</h2>
      <ul>
        <li>The default priors are judged, not fitted; the documentation says what a fit to the past changes.</li>
        <li>The bands are the model’s own: read 90 % as the share in the table above.</li>
        <li>Books that close say nothing about prices; a mean hides the few paths on which most is lost.</li>
        <li>Places are regions, not sites; quarters, not days; a firm that is not in the tables is not in the model.</li>
      </ul>
      <h2>Who, when, and how to cite</h2>
      <dl class="facts">
        <div><dt>By</dt><dd>{schema.about.authors}</dd></div>
        <div><dt>Version</dt><dd>{schema.about.version}</dd></div>
        <div><dt>Newest figure known</dt><dd>{schema.about.data_known}</dd></div>
        <div><dt>Licence</dt><dd>{schema.about.licence}</dd></div>
        <div><dt>Cite</dt><dd>{schema.about.authors}, supercycle {schema.about.version}, model {schema.model_hash.slice(0, 12)}, figures to {schema.about.data_known}.</dd></div>
        <div><dt>Model</dt><dd>{schema.model_hash.slice(0, 16)}</dd></div>
        <div><dt>Starts</dt><dd>{schema.start}</dd></div>
        <div><dt>Assumptions</dt><dd>{schema.parameters.length}</dd></div>
      </dl>
    </>
  );
}
