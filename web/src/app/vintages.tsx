// What refreshes have brought: what the last one moved, and a series' readings as they were published, one by one.
import { useEffect, useState } from "preact/hooks";
import { get } from "../api/client";
import type { LastRefresh as Last, Vintage } from "../api/types";
import type { Num } from "../state/data";
import { plain } from "../state/format";


const shown = (value: Num) => (typeof value === "number" ? plain(value) : "–");

function Table({ name, heads, rows }: { name: string; heads: string[]; rows: string[][] }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={name}>
      <table class="data wide">
        <thead><tr>{heads.map((head) => <th key={head} scope="col">{head}</th>)}</tr></thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>{row.map((text, at) => (at ? <td key={at}>{text}</td> : <th key={at} scope="row">{text}</th>))}</tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The last refresh: points that moved, parameters they feed, readings the guards refused. */
export function LastRefresh() {
  const [last, setLast] = useState<Last | null>(null);
  const [problem, setProblem] = useState("");
  useEffect(() => void get("/api/refreshed").then(setLast, (error: Error) => setProblem(error.message)), []);
  if (problem) return <p class="failed" role="alert">{problem}</p>;
  if (!last) return null;
  const made = last.refreshes.at(-1);
  if (!made) return <p class="under">Nothing was refreshed yet: <code>supercycle figures refresh --help</code>.</p>;
  return (
    <details class="last-refresh">
      <summary>
        Refresh {made.number} ({made.source}, {made.at.slice(0, 10)}): {made.added} new readings, {last.moved} points
        moved, {last.parameters.length} parameters rest on them, {last.refused.length} refused; {last.stale} series stale
      </summary>
      {last.points.length > 0 && (
        <Table
          name="Points the last refresh moved" heads={["Series", "Who", "When", "Change", "Before", "Now", "Unit"]}
          rows={last.points.map((p) => [p.series, p.entity, p.period, p.change, shown(p.old), shown(p.new), p.unit])}
        />
      )}
      {last.parameters.length > 0 && (
        <Table
          name="Parameters that rest on them" heads={["Parameter", "By the old figures", "By the new"]}
          rows={last.parameters.map((p) => [p.parameter, p.old === null ? "" : plain(p.old), p.new === null ? p.why : plain(p.new)])}
        />
      )}
      {last.refused.length > 0 && (
        <Table
          name="Readings the guards refused" heads={["Series", "Who", "When", "Why"]}
          rows={last.refused.map((r) => [r.series, r.entity, r.period, r.reason])}
        />
      )}
      <p class="under">What they change in the answer, on the same draws: <code>supercycle figures diff before latest</code>.</p>
    </details>
  );
}

/** A series' refreshed readings: when each was published and fetched; nothing is overwritten. */
export function Vintages({ series }: { series: string }) {
  const [rows, setRows] = useState<Vintage[]>([]);
  useEffect(() => {
    let stale = false;
    setRows([]);
    get("/api/vintages", { series }).then(
      (answer) => !stale && setRows(answer.rows),
      () => undefined, // LastRefresh says what is wrong with the store
    );
    return () => {
      stale = true;
    };
  }, [series]);
  if (!rows.length) return null;
  return (
    <>
      <h2>Vintages</h2>
      <Table
        name={`Vintages of ${series}`} heads={["Who", "When", "Value", "Unit", "Published", "Fetched", "Refresh", "State", "Source"]}
        rows={rows.map((r) => [
          r.entity, r.period, shown(r.value), r.unit, r.published, r.fetched.slice(0, 10), String(r.generation),
          r.reason ? `refused: ${r.reason}` : r.status, r.source_title,
        ])}
      />
    </>
  );
}
