// How a number is known: a shape as well as a colour, so that neither alone must be seen.
import type { Evidence } from "../state/data";

const MEANING: Record<Evidence, string> = {
  measured: "Measured: from filings, meters or counts",
  published: "Published: a third party's estimate",
  judgement: "Judgement: ours, with the reason stated",
};

export function Badge({ evidence }: { evidence: Evidence }) {
  return (
    <span class={`badge ${evidence}`} title={MEANING[evidence]}>
      <svg viewBox="0 0 10 10" width="9" height="9" aria-hidden="true">
        {evidence === "measured" && <circle cx="5" cy="5" r="4" />}
        {evidence === "published" && <circle class="ring" cx="5" cy="5" r="3.2" />}
        {evidence === "judgement" && <path d="M5 0.8L9.4 9H0.6Z" />}
      </svg>
      {evidence}
    </span>
  );
}
