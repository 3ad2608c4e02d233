// Up to five scenarios side by side, on the same draws: the numbers with what they differ from the base case, the medians.
import { useEffect, useState } from "preact/hooks";
import { post } from "../api/client";
import { Figure } from "../charts/figure";
import { scenarioWords } from "../state/facts";
import { show } from "../state/format";
import { BASE, type Scenario } from "../state/scenario";
import type { Named } from "../state/tray";
import { unitAfter } from "../state/units";
import { signed } from "./answer_head";
import { asked, type Answer } from "./model";

const PATHS = 1000;

interface ComparePageProps {
  chosen: Named[];
  scenario: Scenario;
}

type Row = { name: string; scenario: Scenario; answer: Answer };

export function ComparePage({ chosen, scenario }: ComparePageProps) {
  const [rows, setRows] = useState<Row[] | null>(null);
  const [problem, setProblem] = useState("");
  const wanted = [{ name: "Base case", note: "", scenario: BASE }, ...(chosen.length ? chosen : [{ name: "On the screen", note: "", scenario }])];
  const key = JSON.stringify(wanted);
  useEffect(() => {
    let over = false;
    setRows(null);
    const ask = async () => {
      const first = await post("/api/run", { ...asked(BASE), outputs: [], paths: PATHS });
      const outputs = first.parts.map((part) => part.key);
      const found: Row[] = [];
      for (const one of wanted) found.push({ ...one, answer: await post("/api/run", { ...asked(one.scenario), outputs, paths: PATHS }) });
      if (!over) setRows(found); // all at once: no table shows half a comparison
    };
    ask().catch((failed: Error) => !over && setProblem(failed.message));
    return () => {
      over = true;
    };
  }, [key]);
  const parts = rows?.[0]?.answer.parts ?? [];
  return (
    <>
      <h1>Compare</h1>
      <p class="section-lead">Up to five kept scenarios beside the base case, on the same {PATHS.toLocaleString("en-GB")} paths of seed 1: what differs is the scenario. Tick them under “Kept scenarios”.</p>
      {problem && <p class="failed" role="alert">{problem}</p>}
      {!rows && !problem && <p class="starting" role="status">Running {wanted.length} scenarios.</p>}
      {rows && (
        <>
          <div class="scroll" tabIndex={0} role="region" aria-label="Scenarios side by side">
            <table class="compared">
              <thead><tr><th scope="col">Scenario</th>{parts.map((part) => <th key={part.key} scope="col">{part.label} <span class="unit">{unitAfter(part.unit)}</span></th>)}</tr></thead>
              <tbody>
                {rows.map((row) => (
                  <tr key={row.name}>
                    <th scope="row">{row.name}<span class="under">{scenarioWords(row.scenario.preset, row.scenario.set)}</span></th>
                    {row.answer.parts.map((part) => (
                      <td key={part.key}>
                        {show(part.value, undefined, part.unit)}
                        {part.ends && <span class="range"> ({show(part.ends[0], undefined, part.unit)} to {show(part.ends[1], undefined, part.unit)})</span>}
                        {part.change && <span class="change">{signed(part.change.value, part.unit)}</span>}
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <div class="charts">
            {parts.map((part) => (
              <Figure
                key={part.key} full={false} outputs={{}}
                chart={{
                  id: `compare-${part.key}`, title: `${rows[0]?.answer.outputs[part.key]?.label ?? part.label}${part.ends ? ", medians" : ", share of paths"}`, kind: "lines",
                  unit: part.unit, ...(part.ends ? {} : { format: "percent" as const }), x: rows[0]?.answer.quarters ?? [],
                  series: rows.map((row) => ({ key: null, label: row.name, values: (part.ends ? row.answer.outputs[part.key]?.q50 : row.answer.outputs[part.key]?.mean) ?? [] })),
                  source: `supercycle; ${PATHS.toLocaleString("en-GB")} paths each, on the same draws`,
                }}
              />
            ))}
          </div>
        </>
      )}
    </>
  );
}
