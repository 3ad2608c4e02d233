// What a reader may take away from a chart: its numbers, its picture.
import { csvOf, save, savePng } from "./save";
import type { Table } from "./table";

interface DownloadsProps {
  id: string;
  title: string;
  table: Pick<Table, "columns" | "rows">;
  drawn?: (() => string | null) | undefined; // the picture as SVG; none for tables
}

export function Downloads({ id, title, table, drawn }: DownloadsProps) {
  const take = (how: (svg: string) => void) => {
    const svg = drawn?.();
    if (svg) how(svg);
  };
  return (
    <>
      <button type="button" aria-label={`Download CSV of ${title}`} onClick={() => save(`${id}.csv`, "text/csv", csvOf(table))}>CSV</button>
      {drawn && (
        <>
          <button type="button" aria-label={`Download SVG of ${title}`} onClick={() => take((svg) => save(`${id}.svg`, "image/svg+xml", svg))}>SVG</button>
          <button type="button" aria-label={`Download PNG of ${title}`} onClick={() => take((svg) => savePng(`${id}.png`, svg))}>PNG</button>
        </>
      )}
    </>
  );
}
