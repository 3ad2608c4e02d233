// What a reader may take away from a chart: its numbers, its picture, and what they are of and rest on.
import { useContext } from "preact/hooks";
import { factRows, fileName, useFacts } from "../state/facts";
import { countWords, sourceLine, SourcesOf, type Sources } from "../state/sources";
import { dataPackage } from "./package";
import { csvOf, save, savePng } from "./save";
import type { Table } from "./table";

interface DownloadsProps {
  id: string;
  title: string;
  unit: string;
  outputs?: string[];
  definition?: string;
  bands?: string; // what the lines and bands are
  table: Pick<Table, "columns" | "rows">;
  drawn?: ((facts: string, more: string) => string | null) | undefined; // the picture as SVG; none for tables
}

const SEEN = new Set(["title", "unit", "definition", "bands"]); // the picture or the page says it already

export function Downloads({ id, title, unit, outputs = [], definition = "", bands = "", table, drawn }: DownloadsProps) {
  const facts = useFacts();
  const find = useContext(SourcesOf);
  const name = fileName(id, facts);
  const dated = table.rows.some(([first]) => /^\d{4}Q[1-4]$/.test(String(first)));
  const rows = factRows(facts, { title, outputs, unit, dated, definition, bands });
  /** A file without its sources is better than none: it says that they could not be found. */
  const withSources = async (use: (sources: Sources | null, told: [string, string][]) => void) => {
    if (!find || outputs.length === 0) return use(null, []);
    try {
      const sources = await find(outputs);
      use(sources, [["rests on", countWords(sources)]]);
    } catch (problem) {
      use(null, [["rests on", `the sources could not be found: ${problem instanceof Error ? problem.message : "no answer"}`]]);
    }
  };
  const csv = () => withSources((sources, told) => {
    const lines = (sources?.rows ?? []).map((row): [string, string] => ["source", sourceLine(row)]);
    const judged = (sources?.judgements ?? []).length ? [["judgements", (sources?.judgements ?? []).join("; ")] as [string, string]] : [];
    save(`${name}.csv`, "text/csv", csvOf(table, [...rows, ...told, ...lines, ...judged]));
  });
  const pack = () => withSources((sources, told) => save(`${name}.datapackage.json`, "application/json", dataPackage({ name, title, unit, facts: [...rows, ...told], table, sources })));
  const take = (how: (svg: string) => void) => withSources((sources, told) => {
    const seen = [...rows, ...told].filter(([key]) => !SEEN.has(key)).map(([key, value]) => `${key}: ${value}`).join("; ");
    const more = [...rows.map(([key, value]) => `${key}: ${value}`), ...(sources?.rows ?? []).map((row) => `source: ${sourceLine(row)}`)].join("\n");
    const svg = drawn?.(seen, more);
    if (svg) how(svg);
  });
  return (
    <>
      <button type="button" aria-label={`Download CSV of ${title}`} onClick={csv}>CSV</button>
      {drawn && (
        <>
          <button type="button" aria-label={`Download SVG of ${title}`} onClick={() => take((svg) => save(`${name}.svg`, "image/svg+xml", svg))}>SVG</button>
          <button type="button" aria-label={`Download PNG of ${title}`} onClick={() => take((svg) => savePng(`${name}.png`, svg))}>PNG</button>
        </>
      )}
      <button type="button" aria-label={`Download data package of ${title}`} onClick={pack}>Data package</button>
    </>
  );
}
