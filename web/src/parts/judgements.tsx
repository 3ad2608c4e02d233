// What the uncertainty is made of: which kind of evidence, and which parameters, carry the variance.
import type { Evidence, Judgement, Report } from "../state/data";
import { show } from "../state/format";
import { Badge } from "./badge";
import { goTo } from "./contents";

const KINDS: Evidence[] = ["measured", "published", "judgement"];
const REST = "shocks, interactions";
const SHOWN = 10;

export function EvidenceShare({ share }: { share: NonNullable<Report["evidence_share"]> }) {
  const kinds = KINDS.filter((kind) => typeof share[kind] === "number");
  const explained = kinds.reduce((sum, kind) => sum + (share[kind] ?? 0), 0);
  const rest = Math.max(0, 1 - explained); // the bar is the whole variance: what no input explains is drawn too
  const total = Math.max(1, explained);
  const told = [...kinds.map((kind) => `${kind} ${show(share[kind], "percent", "share")}`), `${REST} ${show(rest, "percent", "share")}`].join(", ");
  let from = 0;
  return (
    <div class="evidence-share">
      <h3>Variance by kind of evidence</h3>
      <svg viewBox="0 0 1000 14" preserveAspectRatio="none" width="100%" height="14" role="img" aria-label={`Share of variance: ${told}.`}>
        <rect class="fill-rest" x="0" width="1000" height="14" />
        {kinds.map((kind) => {
          const width = ((share[kind] ?? 0) / total) * 1000;
          const x = from;
          from += width;
          return <rect key={kind} class={`fill-${kind}`} x={x} width={Math.max(0, width - (from < 999 ? 3 : 0))} height="14" />;
        })}
      </svg>
      <ul>
        {kinds.map((kind) => (
          <li key={kind}>
            <Badge evidence={kind} /> <b>{show(share[kind], "percent", "share")}</b>
          </li>
        ))}
        <li><span class="badge-rest">{REST}</span> <b>{show(rest, "percent", "share")}</b></li>
      </ul>
    </div>
  );
}

interface Opens {
  known: Set<string>; // parameters the table of assumptions lists
  onOpen: (parameter: string) => void;
}

interface GroupProps extends Opens {
  items: Judgement[];
  name: string;
}

function Group({ items, name, known, onOpen }: GroupProps) {
  return (
    <div class="drivers">
      <h3>{name}</h3>
      <ol aria-label={`What drives ${name}`}>
        {items.slice(0, SHOWN).map((item) => (
          <li key={item.parameter}>
            <div class="driver-name">
              {known.has(item.parameter) ? (
                <a
                  href="#assumptions"
                  onClick={(event) => {
                    event.preventDefault();
                    onOpen(item.parameter);
                    goTo("assumptions");
                  }}
                >
                  {item.label}
                </a>
              ) : (
                <span>{item.label}</span>
              )}
              <Badge evidence={item.evidence} />
            </div>
            <div class="driver-bar">
              <svg viewBox="0 0 100 8" preserveAspectRatio="none" height="8" aria-hidden="true">
                <rect class="fill-rest" width="100" height="8" rx="0.5" />
                <rect class={`fill-${item.evidence}`} width={Math.min(1, item.share_of_variance ?? 0) * 100} height="8" rx="0.5" />
              </svg>
              <span class="value">{show(item.share_of_variance, "percent", "share")}</span>
            </div>
          </li>
        ))}
      </ol>
    </div>
  );
}

interface JudgementsProps extends Opens {
  report: Report;
  names: (output: string) => string;
}

export function Judgements({ report, names, known, onOpen }: JudgementsProps) {
  const judgements = report.judgements ?? [];
  const groups = new Map<string, Judgement[]>();
  for (const item of judgements) groups.set(item.output, [...(groups.get(item.output) ?? []), item]);
  return (
    <div class="certainty">
      {report.evidence_share && <EvidenceShare share={report.evidence_share} />}
      <div class="driver-groups">
        {[...groups].map(([output, items]) => (
          <Group
            key={output}
            name={names(output)}
            known={known}
            onOpen={onOpen}
            items={[...items].sort((a, b) => (b.share_of_variance ?? 0) - (a.share_of_variance ?? 0))}
          />
        ))}
      </div>
    </div>
  );
}
