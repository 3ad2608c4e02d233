// The shape of a result and of the report around it, and what is drawn behind a chart.
import type * as server from "../api/types";

export type {
  Assumption, ChartSeries, Evidence, Format, HeadlinePart, Judgement, Kind, Manifest, Num, Output,
} from "../api/types";

export type Quantiles = Required<server.SomeQuantiles>;
export type Cell = NonNullable<server.Chart["rows"]>[number][number];

/** Another scenario's median, drawn behind. */
export interface Ghost {
  label: string;
  key: string;
  q50: server.Num[];
}

export interface Chart extends server.Chart {
  ghosts?: Ghost[];
}

export interface Section extends server.Section {
  charts: Chart[];
}

export interface Report extends server.Report {
  sections?: Section[];
}

export interface ReportData extends server.ReportData {
  report: Report;
}

/** The data inlined in the page; throws when the page carries none. */
export function readReport(): ReportData {
  const element = document.getElementById("supercycle-data");
  if (!element?.textContent) throw new Error("this page carries no data: #supercycle-data is missing");
  return JSON.parse(element.textContent) as ReportData;
}
