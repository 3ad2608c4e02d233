// Whether the result may be trusted: do the books close, did every path finish, how was it computed.
import type { ReportData } from "../state/data";
import { scientific } from "../state/format";

type State = "good" | "warn" | "bad";

// The engine raises above this; a report that shows more was not made by it.
const BOOKS_TOLERANCE = 1e-9;

function Light({ state, title, detail }: { state: State; title: string; detail: string }) {
  return (
    <li class={`light ${state}`}>
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
        <circle cx="8" cy="8" r="7.25" />
        {state === "good" && <path d="M4.8 8.3l2.2 2.2 4.2-4.7" />}
        {state === "warn" && <path d="M8 4.4v4.4M8 11.2v.3" />}
        {state === "bad" && <path d="M5.4 5.4l5.2 5.2M10.6 5.4l-5.2 5.2" />}
      </svg>
      <span>
        <b>{title}</b> {detail}
      </span>
    </li>
  );
}

export function Lights({ data }: { data: ReportData }) {
  const { books, status_counts: statuses = {}, manifest } = data;
  const total = Object.values(statuses).reduce((sum, count) => sum + count, 0);
  const ok = statuses["ok"] ?? 0;
  const count = (value: number) => value.toLocaleString("en-GB");
  const others = Object.entries(statuses).filter(([name, value]) => name !== "ok" && value > 0);
  const closed = books?.residual_max !== null && books !== undefined && books.residual_max <= BOOKS_TOLERANCE;
  return (
    <ul class="lights" aria-label="Checks">
      {books && (
        <Light
          state={closed ? "good" : "bad"}
          title={closed ? "Books close." : "Books do not close."}
          detail={
            books.residual_max === null
              ? "The residual is unknown."
              : `Largest residual ${books.residual_max === 0 ? "0" : scientific(books.residual_max)} in ${count(books.checked)} checks.`
          }
        />
      )}
      {total > 0 && (
        <Light
          state={ok === total ? "good" : ok / total > 0.99 ? "warn" : "bad"}
          title={ok === total ? "Every path finished." : `${count(ok)} of ${count(total)} paths finished.`}
          detail={
            others.length
              ? `${others.map(([name, value]) => `${name.replaceAll("_", " ")}: ${count(value)}`).join(", ")}.`
              : `${count(ok)} of ${count(total)}.`
          }
        />
      )}
      {manifest.seed !== undefined && (
        <Light
          state="good"
          title="Reproducible."
          detail={`Seed ${manifest.seed}${manifest.model_hash ? `, model ${manifest.model_hash.slice(0, 10)}` : ""}.`}
        />
      )}
    </ul>
  );
}
