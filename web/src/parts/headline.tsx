// The first screen: what was run, what came out, in one sentence and a few numbers.
import type { HeadlinePart, ReportData } from "../state/data";
import { isShare, plain, show } from "../state/format";
import { spoken } from "../state/quarters";
import { unitAfter } from "../state/units";

export function Part({ part }: { part: HeadlinePart }) {
  const percent = isShare(undefined, part.unit);
  const value = typeof part.value === "string" ? part.value : !percent && Number.isInteger(part.value) ? plain(part.value as number, 0) : show(part.value, percent ? "percent" : undefined, part.unit);
  const dollars = /^USD_(k|m|bn|tn)(\/|$)/.exec(part.unit ?? "");
  const money = typeof part.value === "number" && dollars !== null;
  const unit = money ? unitAfter(part.unit ?? "").replace(/^USD /, "") : unitAfter(part.unit ?? "");
  return (
    <div class="part">
      <dt>{part.label}</dt>
      <dd>
        <span class={typeof part.value === "string" && part.value.length > 8 ? "big words" : "big"}>{money ? `$${value}` : value}</span> {unit && <span class="unit">{unit}</span>}
        {part.note && <span class="aside">{part.note}</span>}
      </dd>
    </div>
  );
}

export function Headline({ data }: { data: ReportData }) {
  const { report, manifest } = data;
  const run = [
    manifest.scenario?.preset && `Scenario ${manifest.scenario.preset}`,
    manifest.paths && `${manifest.paths.toLocaleString("en-GB")} paths`,
    manifest.until && `to ${spoken(manifest.until)}`,
  ].filter(Boolean);
  return (
    <header class="headline">
      <div class="masthead">
        <span class="wordmark">supercycle</span>
        <span class="run">{run.join(" · ")}</span>
        {report.created && <span class="run created">{report.created}</span>}
      </div>
      <h1>{report.title}</h1>
      {report.subtitle && <p class="subtitle">{report.subtitle}</p>}
      <p class="sentence">{data.headline}</p>
      {report.headline_parts && report.headline_parts.length > 0 && (
        <dl class="parts">
          {report.headline_parts.map((part) => (
            <Part key={part.label} part={part} />
          ))}
        </dl>
      )}
    </header>
  );
}
