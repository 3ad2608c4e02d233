// Every series of the sourced tables: plotted, its readings and rivals with their sources, saved as CSV.
import { useEffect, useMemo, useState } from "preact/hooks";
import { get } from "../api/client";
import type { Reading, SeriesFound, SeriesRow } from "../api/types";
import { Downloads } from "../charts/downloads";
import { Figure } from "../charts/figure";
import { Linked } from "../parts/linked";
import type { Chart } from "../state/data";
import { plain } from "../state/format";
import { LastRefresh, Vintages } from "./vintages";

interface Row extends Reading {
  chosen: boolean;
}

const SHOWN_ROWS = 400; // of the table on screen; the CSV holds all
const SHOWN_LINES = 9;
const COLUMNS = ["entity", "period", "text", "unit", "tier", "evidence", "known_from", "source_title", "source_url", "note"] as const;

const rowsOf = (found: SeriesFound): Row[] =>
  found.entities.flatMap(({ points }) =>
    points.flatMap(({ chosen, rivals }) => [
      ...(chosen ? [{ ...chosen, chosen: true }] : []),
      ...rivals.map((rival) => ({ ...rival, chosen: false })),
    ]),
  );

/** Lines of the chosen readings over time, of one kind of period and one unit; bars where there is only one date. */
function plotted(series: string, label: string, rows: Row[]): Chart | null {
  const dated = rows.filter((row) => row.chosen && typeof row.value === "number" && row.end);
  const common = (key: "period_kind" | "unit") => {
    const counts = new Map<string, number>();
    for (const row of dated) counts.set(row[key], (counts.get(row[key]) ?? 0) + 1);
    return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
  };
  const kind = common("period_kind"), unit = common("unit");
  const kept = dated.filter((row) => row.period_kind === kind && row.unit === unit);
  if (kept.length < 2) return null;
  const about = {
    id: `figure-${series}`, title: label, unit: unit ?? "",
    source: "the sourced tables: the chosen reading of each point; sources and rivals below",
    ...(kept.length < dated.length ? { note: `Only readings by ${kind} in ${unit}; the table has the others.` } : {}),
  };
  const days = [...new Set(kept.map((row) => row.end as string))].sort();
  const name = new Map(kept.map((row) => [row.end as string, row.period]));
  const who = [...new Set(kept.map((row) => row.entity))];
  const at = (entity: string, day: string) => kept.find((row) => row.entity === entity && row.end === day)?.value ?? null;
  const longest = who.map((entity) => ({ entity, days: days.filter((day) => at(entity, day) !== null) })).sort((a, b) => b.days.length - a.days.length);
  if ((longest[0]?.days.length ?? 0) < 2)
    return {
      ...about, kind: "bars", x: kept.map((row) => `${row.entity}, ${row.period}`).slice(0, 40),
      series: [{ label: about.title, values: kept.map((row) => row.value).slice(0, 40) }],
    };
  const lines = longest.filter((one) => one.days.length > 1).slice(0, SHOWN_LINES);
  const x = days.filter((day) => lines.some((line) => line.days.includes(day)));
  return {
    ...about, kind: "lines", x: x.map((day) => name.get(day) ?? day),
    series: lines.map(({ entity }) => ({ label: entity, values: x.map((day) => at(entity, day)) })),
  };
}

const FIRST = "capex_cash"; // open when the address names none

export function FiguresPage({ item, onItem }: { item: string; onItem: (item: string) => void }) {
  const [all, setAll] = useState<SeriesRow[]>([]);
  const [words, setWords] = useState("");
  const open = item || FIRST;
  const [problem, setProblem] = useState("");
  const [rows, setRows] = useState<Row[]>([]);
  useEffect(() => {
    get("/api/figures").then((answer) => setAll(answer.series), (error: Error) => setProblem(error.message));
  }, []);
  useEffect(() => {
    let stale = false;
    get("/api/figure", { series: open }).then(
      (answer) => !stale && setRows(rowsOf(answer)),
      (error: Error) => !stale && setProblem(error.message),
    );
    return () => {
      stale = true;
    };
  }, [open]);
  const wanted = words.trim().toLowerCase().split(/[\s_]+/).filter(Boolean);
  const shown = all.filter((row) => wanted.every((word) => `${row.series.replaceAll("_", " ")} ${row.label}`.toLowerCase().includes(word)));
  const named = (series: string) => all.find((row) => row.series === series)?.label || series.replaceAll("_", " ");
  const chart = useMemo(() => plotted(open, named(open), rows), [rows, all]);
  const rivals = rows.filter((row) => !row.chosen).length;
  return (
    <>
      <h1>Figures</h1>
      <p class="section-lead">Every series the model rests on: sources and rival readings side by side, with the day each could be known.</p>
      {problem && <p class="failed" role="alert">{problem}</p>}
      <LastRefresh />
      <div class="figures-page">
        <div class="figures-list">
          <label for="figure-search">Search {all.length} series</label>
          <input id="figure-search" type="search" value={words} onInput={(event) => setWords(event.currentTarget.value)} />
          <p class="under" role="status">{shown.length} series</p>
          <ul tabIndex={0} aria-label="Series">
            {shown.map((row) => (
              <li key={row.series}>
                <button type="button" aria-current={open === row.series ? "true" : undefined} title={row.series} onClick={() => { setProblem(""); onItem(row.series); }}>
                  {row.label || row.series.replaceAll("_", " ")} <span class="count">{row.rows}</span>
                </button>
              </li>
            ))}
          </ul>
        </div>
        <div class="figures-shown">
          {chart ? <Figure key={open} chart={chart} outputs={{}} /> : <h2>{named(open)}</h2>}
          <div class="tools readings-head">
            <span>{rows.length} readings, {rivals} of them rivals of a chosen one</span>
            <Downloads
              id={`readings-${open}`} title={`all readings of ${open}`} unit="as each row says"
              table={{ columns: [...COLUMNS, "chosen"], rows: rows.map((row) => [...COLUMNS.map((name) => row[name]), row.chosen]) }}
            />
          </div>
          <div class="scroll" tabIndex={0} role="region" aria-label={`Readings of ${open}`}>
            <table class="data wide">
              <thead>
                <tr>
                  <th scope="col">Who</th><th scope="col">When</th><th scope="col" class="number">Value</th><th scope="col">Unit</th>
                  <th scope="col">Tier</th><th scope="col">Known from</th><th scope="col">Source</th>
                </tr>
              </thead>
              <tbody>
                {rows.slice(0, SHOWN_ROWS).map((row, index) => (
                  <tr key={index} class={row.chosen ? "" : "rival"}>
                    <th scope="row">{row.entity}</th>
                    <td>{row.period}{row.chosen ? "" : ", rival"}</td>
                    <td class="number">{typeof row.value === "number" ? plain(row.value) : row.text || "–"}</td>
                    <td>{row.unit}</td><td>{row.tier}</td><td class="when">{row.known_from}</td>
                    <td class="basis"><Linked text={`${row.source_title} ${row.source_url ?? ""}`} /></td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          {rows.length > SHOWN_ROWS && <p class="under">The first {SHOWN_ROWS} of {rows.length}; the CSV holds all.</p>}
          <Vintages series={open} />
        </div>
      </div>
    </>
  );
}
