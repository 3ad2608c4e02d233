// What a chart rests on in the end: sourced figures with grade and licence, published priors, judgements.
import { createContext } from "preact";
import type { SourceRow, Sources } from "../api/types";

export type { SourceRow, Sources } from "../api/types";

/** Finds the sources of some outputs; there is none where no model is at hand (a report). */
export const SourcesOf = createContext<((outputs: string[]) => Promise<Sources>) | null>(null);

/** "49 figures (A 30, B 19), 12 judgements of 97 assumptions" */
export function countWords({ rows, judgements, assumptions }: Sources): string {
  const tiers = new Map<string, number>();
  for (const { tier } of rows) tiers.set(tier || "published prior", (tiers.get(tier || "published prior") ?? 0) + 1);
  const graded = [...tiers].sort(([a], [b]) => (a < b ? -1 : 1)).map(([tier, count]) => `${tier} ${count}`).join(", ");
  return `${rows.length} sourced figures${graded ? ` (${graded})` : ""}; ${judgements.length} judgements among ${assumptions} assumptions`;
}

/** One source in a line: grade, what, value, title, date, licence, address. */
export function sourceLine(row: SourceRow): string {
  const value = typeof row.value === "number" ? ` = ${row.value} ${row.unit ?? ""}`.trimEnd() : "";
  return [row.tier ? `grade ${row.tier}` : "published prior", `${row.what}${value}`, row.title, row.published ?? "", row.licence, row.url].filter(Boolean).join(" | ");
}
