// One chart with everything a reader may ask of it: title, picture, source, note, numbers, files.
import { Component, type ComponentChildren } from "preact";
import { useMemo, useRef } from "preact/hooks";
import type { Chart, Output } from "../state/data";
import { outputsOf, resolve, type Resolved } from "../state/resolve";
import { isShare } from "../state/format";
import { axisWords } from "../state/units";
import { summary } from "../state/summary";
import { Linked } from "../parts/linked";
import { BarsChart } from "./bars";
import { FanChart } from "./fan";
import { FansChart, sharesAxis } from "./fans";
import { shares } from "./layers";
import { LinesChart } from "./lines";
import { Downloads } from "./downloads";
import { svgOf } from "./save";
import { ShareChart } from "./share";
import { StackChart } from "./stack";
import { TableView, tableOf } from "./table";
import { VintageChart } from "./vintage";

interface DrawnProps {
  chart: Chart;
  resolved: Resolved;
  name: string;
}

function Drawn(props: DrawnProps) {
  switch (props.chart.kind) {
    case "fan": return <FanChart {...props} />;
    case "fans": return <FansChart {...props} />;
    case "stack": return <StackChart {...props} />;
    case "lines": return <LinesChart {...props} />;
    case "vintage": return <VintageChart {...props} />;
    case "share": return <ShareChart {...props} />;
    case "bars": return <BarsChart {...props} />;
    case "table": return null;
  }
}

/** A chart that fails says so in its place; the others stand. */
class Guard extends Component<{ children: ComponentChildren }, { error: string | null }> {
  override state = { error: null };
  static override getDerivedStateFromError(error: Error) {
    return { error: error.message };
  }
  override render() {
    if (this.state.error) return <p class="failed">This chart could not be drawn: {this.state.error}</p>;
    return this.props.children;
  }
}

const WHAT: Partial<Record<Chart["kind"], string>> = {
  fan: "Line: median. Bands: half of the paths, and nine in ten.",
  fans: "Line: median. Bands: half of the paths, and nine in ten.",
  vintage: "Dot: median. Thick: half of the paths. Thin: nine in ten.",
  stack: "Medians of each part; they need not add up to the median of the total.",
};

function reading(chart: Chart, resolved: Resolved): string {
  const spread = resolved.lines.some((line) => line.spread);
  const base = chart.kind === "stack" ? (spread ? WHAT.stack : "") : spread ? (WHAT[chart.kind] ?? "") : "";
  const scales = chart.kind === "fans" && !sharesAxis(resolved.lines) ? " Each panel has its own scale." : "";
  return `${base}${scales}`;
}

function sentence(text: string): string {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}

interface FigureProps {
  chart: Chart;
  outputs: Record<string, Output>;
  full?: boolean; // the whole row, not half of it
  children?: ComponentChildren; // more tools
}

/** What a saved picture says besides its marks; panels leave the unit to the title. */
const about = (chart: Chart, facts: string, more: string) => ({
  facts,
  more,
  title: chart.title,
  unit: chart.kind === "fans" ? axisWords(chart.unit, isShare(chart.format, chart.unit) ? "percent" : chart.format) : "",
  source: chart.source ?? "",
});

export function Figure({ chart, outputs, full = true, children }: FigureProps) {
  const figure = useRef<HTMLElement>(null);
  const resolved = useMemo(() => resolve(chart, outputs), [chart, outputs]);
  const table = useMemo(() => tableOf(chart, resolved), [chart, resolved]);
  const drawn = chart.kind === "share" ? shares(resolved.lines, resolved.labels.length) : resolved.lines;
  const empty = chart.kind !== "table" && !drawn.some((line) => line.q50.some((value) => value !== null));
  const told = reading(chart, resolved);
  const meaning = chart.kind === "fan" ? (resolved.lines[0]?.meaning ?? "") : "";
  return (
    <figure id={chart.id} class={full ? "figure wide" : "figure"} aria-labelledby={`${chart.id}-title`} ref={figure}>
      <figcaption id={`${chart.id}-title`}>{chart.title}</figcaption>
      <div class="picture">
      <Guard>
        {chart.kind === "table" ? (
          <TableView table={table} label={chart.title} />
        ) : empty ? (
          <p class="failed">The result holds no values for this chart.</p>
        ) : (
          <Drawn chart={chart} resolved={resolved} name={summary(chart, resolved)} />
        )}
      </Guard>
      {resolved.missing.length > 0 && !empty && (
        <p class="failed">Not in the result: {resolved.missing.join(", ")}.</p>
      )}
      </div>
      <div class="under">
        {meaning && <p>{sentence(meaning)}</p>}
        {told && <p>{told}</p>}
        {chart.note && <p>{chart.note}</p>}
        {chart.source && (
          <p>
            <span class="source-word">Source:</span> <Linked text={chart.source} />
          </p>
        )}
      </div>
      <div class="tools">
        {chart.kind !== "table" && (
          <details>
            <summary>Table<span class="hidden"> of {chart.title}</span></summary>
            <TableView table={table} label={`Table of ${chart.title}`} />
          </details>
        )}
        <Downloads
          id={chart.id} title={chart.title} unit={chart.unit} table={table}
          outputs={outputsOf(chart)}
          definition={meaning ? sentence(meaning) : (chart.note ?? "")} bands={told}
          drawn={chart.kind !== "table" && !empty ? (facts, more) => figure.current && svgOf(figure.current, about(chart, facts, more)) : undefined}
        />
        {children}
      </div>
    </figure>
  );
}
