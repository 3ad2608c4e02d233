// A chart as an object of its own: its address, a line to embed it, the sources it rests on.
import { useContext, useState } from "preact/hooks";
import { copy } from "../state/browser";
import type { Chart } from "../state/data";
import { countWords, SourcesOf, type Sources } from "../state/sources";
import { Linked } from "./linked";

const NO_PLACE = "https://example.org/model.html"; // to be replaced: this page has no address that others reach

/** A frame that shows one chart of a published file, with its scenario. */
export function embedCode(address: string, title: string): string {
  const quoted = title.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  return `<iframe src="${address.replaceAll("&", "&amp;")}" title="${quoted}" width="720" height="560" style="border:0" sandbox="allow-scripts allow-downloads" loading="lazy"></iframe>`;
}

interface ChartToolsProps {
  chart: Chart;
  addressOf: (chart: string) => string; // from "#" on, of the chart alone with what is on screen now
  published: boolean; // this page is a file that may be framed
}

export function ChartTools({ chart, addressOf, published }: ChartToolsProps) {
  const [copied, setCopied] = useState(false);
  const [address, setAddress] = useState("");
  const isPlaced = published && /^https?:/.test(location.protocol);
  const place = isPlaced ? location.href.split("#")[0] : NO_PLACE;
  const code = embedCode(`${place}${address}`, chart.title);
  return (
    <>
      <button type="button" aria-label={`${chart.title} alone, at its own address`} onClick={() => (location.hash = addressOf(chart.id))}>Alone</button>
      <details onToggle={(event) => event.currentTarget.open && setAddress(addressOf(chart.id))}>
        <summary>Embed<span class="hidden"> {chart.title}</span></summary>
        {!isPlaced && <p>{published ? "Put this file where others reach it" : "Only a published file may be framed: supercycle publish model.html"}, and write its address in place of {NO_PLACE}.</p>}
        <pre tabIndex={0} role="region" aria-label={`Code to embed ${chart.title}`}><code>{code}</code></pre>
        <button type="button" onClick={() => void copy(code).then(setCopied)}>{copied ? "copied" : "copy"}</button>
      </details>
    </>
  );
}

// figures/tiers.py
const GRADES = "A: a company's own filing or release, a regulator's own text; B: a research data set; derived: arithmetic on such rows; C: named press; D: aggregators, blogs, memory.";

export function ChartSources({ title, outputs }: { title: string; outputs: string[] }) {
  const find = useContext(SourcesOf);
  const [found, setFound] = useState<Sources | null>(null);
  const [problem, setProblem] = useState("");
  const load = () => {
    if (!find || found) return;
    find(outputs).then(setFound, (failed: Error) => setProblem(failed.message));
  };
  if (!find || outputs.length === 0) return null;
  return (
    <details onToggle={(event) => event.currentTarget.open && load()}>
      <summary>Sources<span class="hidden"> of {title}</span></summary>
      {problem && <p class="failed">{problem}</p>}
      {found && (
        <div class="sources">
          <p>{countWords(found)}. {GRADES}</p>
          <ul>
            {found.rows.map((row) => (
              <li key={`${row.what}${row.title}`}>
                <b>{row.tier || "prior"}</b> {row.what}{typeof row.value === "number" ? `: ${row.value} ${row.unit ?? ""}` : ""}. <Linked text={`${row.title} ${row.url}`} /> {row.licence && `(${row.licence})`}
              </li>
            ))}
          </ul>
          {found.judgements.length > 0 && <p>Judged: {found.judgements.join("; ")}.</p>}
        </div>
      )}
    </details>
  );
}
