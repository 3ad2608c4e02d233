// The shape of a result and of the report around it: the contract with supercycle/report.py.

export type Num = number | null;

export interface Quantiles {
  q05: Num[];
  q25: Num[];
  q50: Num[];
  q75: Num[];
  q95: Num[];
}

export interface Output extends Quantiles {
  label: string;
  unit: string;
  block?: string;
  meaning?: string;
  entity?: string | null;
  quarters: string[];
  samples?: Num[][]; // some single paths, when they were asked for
}

/** Another scenario's median, drawn behind. */
export interface Ghost {
  label: string;
  key: string;
  q50: Num[];
}

export interface Manifest {
  model_hash?: string;
  scenario?: { preset?: string; set?: Record<string, unknown> };
  seed?: number;
  paths?: number;
  start?: string;
  until?: string;
  kernel?: string;
  versions?: Record<string, string>;
  processor?: string;
  command?: string;
  python?: string;
}

export type Kind = "fan" | "fans" | "stack" | "lines" | "vintage" | "share" | "bars" | "table";
export type Format = "number" | "percent" | "usd";
export type Cell = string | number | boolean | null;

export interface ChartSeries {
  key?: string | null;
  label: string;
  values?: Num[] | Partial<Quantiles>;
  mean?: string; // the values are the means over paths of this output
  rest?: boolean; // or what the others leave of one
}

export interface Chart {
  id: string;
  title: string;
  kind: Kind;
  unit: string;
  series?: ChartSeries[];
  x?: string[];
  bands?: { label: string; low: number; high: number }[];
  lines?: { label: string; value: number }[];
  columns?: string[];
  rows?: Cell[][];
  source?: string;
  note?: string;
  format?: Format;
  scale?: "linear" | "log";
  flows?: boolean; // a stack of bars: sums of periods, with nothing between them
  ghosts?: Ghost[];
}

export interface Section {
  id: string;
  title: string;
  lead?: string;
  charts: Chart[];
}

export type Evidence = "measured" | "published" | "judgement";

export interface Assumption {
  id: string;
  label: string;
  block: string;
  unit: string;
  default: number;
  low: number;
  high: number;
  value?: Num;
  evidence: Evidence;
  source?: string;
  reason?: string;
}

export interface Judgement {
  parameter: string;
  label: string;
  share_of_variance: Num;
  evidence: Evidence;
  output: string;
}

export interface HeadlinePart {
  label: string;
  value: number | string | null;
  unit?: string;
  note?: string;
}

export interface Report {
  title: string;
  subtitle?: string;
  created?: string;
  headline_parts?: HeadlinePart[];
  judgements?: Judgement[];
  evidence_share?: Partial<Record<Evidence | "unexplained", Num>>;
  sections?: Section[];
  assumptions?: Assumption[];
  reproduce?: { cli?: string; python?: string };
  notes?: string[];
}

export interface ReportData {
  schema: string;
  headline: string;
  manifest: Manifest;
  books?: { residual_max: Num; checked: number };
  status_counts?: Record<string, number>;
  timings_s?: Record<string, number>;
  outputs: Record<string, Output>;
  report: Report;
}

/** The data inlined in the page; throws when the page carries none. */
export function readReport(): ReportData {
  const element = document.getElementById("supercycle-data");
  if (!element?.textContent) throw new Error("this page carries no data: #supercycle-data is missing");
  return JSON.parse(element.textContent) as ReportData;
}
