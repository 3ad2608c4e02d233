// Charts in two columns: pairs side by side, and a chart without a partner over the whole row.
import type { Chart } from "../state/data";

const needsRow = (chart: Chart): boolean => chart.kind === "fans" || chart.kind === "table";

/** For each chart whether it takes a whole row. */
export function arrange(charts: Chart[]): boolean[] {
  const full = charts.map(needsRow);
  for (let i = 0; i < charts.length; i++) {
    if (full[i]) continue;
    if (i + 1 < charts.length && !needsRow(charts[i + 1] as Chart)) i++;
    else full[i] = true;
  }
  return full;
}
