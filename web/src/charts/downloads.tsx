// What a reader may take away from a chart: its numbers, its picture, and what they are of.
import { factRows, fileName, useFacts } from "../state/facts";
import { csvOf, save, savePng } from "./save";
import type { Table } from "./table";

interface DownloadsProps {
  id: string;
  title: string;
  unit: string;
  outputs?: string[];
  table: Pick<Table, "columns" | "rows">;
  drawn?: ((facts: string) => string | null) | undefined; // the picture as SVG; none for tables
}

export function Downloads({ id, title, unit, outputs = [], table, drawn }: DownloadsProps) {
  const facts = useFacts();
  const name = fileName(id, facts);
  const dated = table.rows.some(([first]) => /^\d{4}Q[1-4]$/.test(String(first)));
  const rows = factRows(facts, { title, outputs, unit, dated });
  const take = (how: (svg: string) => void) => {
    const svg = drawn?.(rows.filter(([key]) => key !== "title" && key !== "unit").map(([key, value]) => `${key}: ${value}`).join("; "));
    if (svg) how(svg);
  };
  return (
    <>
      <button type="button" aria-label={`Download CSV of ${title}`} onClick={() => save(`${name}.csv`, "text/csv", csvOf(table, rows))}>CSV</button>
      {drawn && (
        <>
          <button type="button" aria-label={`Download SVG of ${title}`} onClick={() => take((svg) => save(`${name}.svg`, "image/svg+xml", svg))}>SVG</button>
          <button type="button" aria-label={`Download PNG of ${title}`} onClick={() => take((svg) => savePng(`${name}.png`, svg))}>PNG</button>
        </>
      )}
    </>
  );
}
