// A chart's numbers as a data package (Frictionless Data, data-package 1): one JSON file with data, fields and sources.
import type { Sources } from "../state/sources";
import type { Table } from "./table";

interface Packed {
  name: string;
  title: string;
  unit: string;
  facts: [string, string][];
  table: Pick<Table, "columns" | "rows">;
  sources: Sources | null;
}

const LICENCE = { name: "CC-BY-4.0", title: "Creative Commons Attribution 4.0", path: "https://creativecommons.org/licenses/by/4.0/" };

export function dataPackage({ name, title, unit, facts, table, sources }: Packed): string {
  const columns = table.columns.map((column, index) => column || (index === 0 ? "label" : `column ${index + 1}`));
  const numbers = columns.map((_, index) => table.rows.some((row) => typeof row[index] === "number"));
  const about = Object.fromEntries(facts);
  return JSON.stringify(
    {
      name: name.toLowerCase().replaceAll(/[^a-z0-9._-]+/g, "-"), title, description: about["definition"] ?? "", supercycle: about,
      contributors: [{ title: "supercycle, an open model of the AI capital cycle", role: "author" }],
      ...(sources
        ? {
            sources: sources.rows.map((row) => ({ title: row.title, ...(row.url ? { path: row.url } : {}), figure: row.what, grade: row.tier || "published prior", licence: row.licence })),
            judgements: sources.judgements, licenses_of_figures: [LICENCE],
          }
        : {}),
      resources: [
        {
          name: "numbers", title, format: "json", mediatype: "application/json",
          schema: { fields: columns.map((column, index) => ({ name: column, type: numbers[index] ? "number" : "string", ...(numbers[index] ? { unit } : {}) })) },
          data: table.rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index] ?? null]))),
        },
      ],
    },
    null,
    1,
  );
}
