// Made by tools/app_types.py from the types of supercycle/app/interface; a test holds it to them.
export type Num = number | null;
export type Evidence = "measured" | "published" | "judgement";
export type Kind = "fan" | "fans" | "stack" | "lines" | "vintage" | "share" | "bars" | "table";
export type Format = "number" | "percent" | "usd";

/** Who made it, which version, how new its figures are, how much of it is judged. */
export interface About {
  authors: string;
  version: string;
  data_known: string;
  licence: string;
  judged: number;
  record: Held[];
}

/** A run: its outputs, the sentence and its numbers, the lights. */
export interface Answer {
  paths: number;
  seed: number;
  kernel: string;
  provisional: boolean;
  status_counts: Record<string, number>;
  quarters: string[];
  outputs: Record<string, LiveOutput>;
  headline: string;
  parts: Part[];
  lights: Light[];
  seconds: number;
}

/** An input with its range and where it is from. */
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

/** One side of a shock. */
export interface Before {
  q50: Num;
  mean?: Num;
}

/** A block of the model. */
export interface Block {
  name: string;
  number: number;
  title: string;
  meaning: string;
}

/** The largest residual of the books, and how many checks there were. */
export interface Books {
  residual_max: Num;
  checked: number;
}

/** Who loses in a bust, with the odds. */
export interface BustAnswer {
  section: Section;
  paths: number;
  seed: number;
}

/** Shares of paths with a bust. */
export interface BustOdds {
  before: Num;
  after: Num;
  only_with: Num;
  only_without: Num;
}

/** From the base case on the same paths: median and 5 to 95 % of the paired difference; of a share no ends. */
export interface Change {
  value: number;
  ends: [number, number] | null;
}

/** A chart; series with a ``key`` and no values are drawn from the outputs. ``flows``: bars are sums of periods. */
export interface Chart {
  id: string;
  title: string;
  kind: Kind;
  unit: string;
  series?: ChartSeries[];
  x?: string[];
  bands?: ChartBand[];
  lines?: ChartLine[];
  columns?: string[];
  rows?: (string | number | boolean | null)[][];
  source?: string;
  note?: string;
  format?: Format;
  scale?: "linear" | "log";
  flows?: boolean;
  past?: Past;
  dots?: Dot[];
}

/** A range behind a chart. */
export interface ChartBand {
  label: string;
  low: number;
  high: number;
}

/** A level behind a chart. */
export interface ChartLine {
  label: string;
  value: number;
}

/** A line, bar or band. ``mean``: its values are means over paths of this output; ``rest``: what others leave. */
export interface ChartSeries {
  key?: string | null;
  label: string;
  values?: Num[] | SomeQuantiles;
  mean?: string;
  rest?: boolean;
}

/** A claim, and inputs changed by hand. */
export interface ClaimBody {
  client?: string;
  turn?: number;
  id: string;
  set?: Record<string, number | string>;
}

/** The claim with inputs changed by hand. */
export interface ClaimChanged {
  set: Record<string, number>;
  value: number;
  holds: boolean;
}

/** A claim with its formula, inputs, readings and what would make it true. */
export interface ClaimFull {
  id: string;
  topic: string;
  statement: string;
  who: string;
  when: string;
  published: number;
  printed: string;
  relation: string;
  unit: string;
  ours: Num;
  verdict: string;
  evidence: Evidence | null;
  document: string;
  last_printed_digit: Num;
  span: number[] | null;
  basis: string;
  reading: string;
  why: string;
  formula: string | null;
  inputs: ClaimInput[];
  bridge: Record<string, unknown> | unknown[] | null;
  changed: ClaimChanged | null;
  what_it_takes: Record<string, unknown>[];
  readings: Record<string, unknown>[];
}

/** A number a claim is computed from; ``set`` by hand it has no evidence. */
export interface ClaimInput {
  name: string;
  label?: string;
  value: number;
  unit: string;
  low?: Num;
  high?: Num;
  evidence: "measured" | "published" | "judgement" | "set";
  source?: string;
  figure?: string | null;
}

/** A famous statement: as published, as computed here, and the verdict. */
export interface ClaimRow {
  id: string;
  topic: string;
  statement: string;
  who: string;
  when: string;
  published: number;
  printed: string;
  relation: string;
  unit: string;
  ours: Num;
  verdict: string;
  evidence: Evidence | null;
}

/** Every claim, and how many have which verdict. */
export interface Claims {
  count: number;
  verdicts: Record<string, number>;
  claims: ClaimRow[];
}

/** Two scenarios on the same draws. */
export interface CompareBody {
  client?: string;
  turn?: number;
  a?: Side;
  b?: Side;
  paths?: number;
  seed?: number;
  outputs?: string[];
}

/** Both sides and the paired difference b - a; ``redrawn`` paths were refused on one side only. */
export interface Compared {
  paths: number;
  seed: number;
  kernel: string;
  provisional: boolean;
  status_counts: Record<string, number>;
  quarters: string[];
  a: Record<string, LiveOutput>;
  b: Record<string, LiveOutput>;
  difference: Record<string, LiveOutput>;
  pairs: number;
  redrawn: number;
}

/** A deal's text; with a preset it stands on that world's paths. */
export interface DealBody {
  client?: string;
  turn?: number;
  preset?: string;
  set?: Record<string, number | string>;
  text: string;
  name?: string;
  paths?: number;
}

/** A value written in a deal's text: letters ``begin`` to ``end`` of it, -1 for what moves by date. */
export interface DealField {
  path: string;
  label: string;
  unit: string;
  kind: string;
  choices: string[];
  value: string;
  written: string;
  begin: number;
  end: number;
  line: number;
}

/** The fields of a deal's text, in its order. */
export interface DealFields {
  groups: DealGroup[];
}

/** The fields of one block of a deal. */
export interface DealGroup {
  title: string;
  fields: DealField[];
}

/** The deals that come with the package, with their texts. */
export interface DealsKnown {
  deals: NameAndTitle[];
  texts: Record<string, string>;
}

/** A decision's text, at ``load`` times its load (0.01 to 100). */
export interface DecideBody {
  client?: string;
  turn?: number;
  preset?: string;
  set?: Record<string, number | string>;
  text: string;
  name?: string;
  load?: number;
}

/** The commented decision file and what its main fields may be. */
export interface DecideKnown {
  decide: string;
  models: string[];
  gpus: string[];
  regions: Region[];
}

/** Another's forecast of a year; ``id`` is its row of the figures. */
export interface Dot {
  at: string;
  label: string;
  value: number;
  id: string;
}

/** One entity's points; of a flow its calendar quarters too. */
export interface EntityPoints {
  entity: string;
  points: Point[];
  quarters?: Record<string, unknown>;
}

/** An output with its equation, inputs and readers; or a parameter with range and evidence. */
export interface Explained {
  name: string;
  kind: string;
  label?: string;
  meaning?: string;
  unit?: string;
  block?: string;
  equation?: string | null;
  opening?: string | null;
  source?: string;
  reason?: string;
  evidence?: string | Record<string, unknown>;
  id?: string;
  default?: number;
  low?: number;
  high?: number;
  distribution?: string;
  value?: number;
  mechanism?: string;
  standing?: string;
  axis?: string | null;
  members?: string[];
  where?: string;
  inputs?: InputKnown[];
  opening_inputs?: InputKnown[];
  used_by?: string[];
  rests_on?: Record<string, unknown>;
}

/** A parameter that rests on what moved; ``why`` where the new figures give no value. */
export interface Fed {
  parameter: string;
  series: string;
  old: Num;
  new: Num;
  relative: Num;
  why: string;
}

/** Letters a series' name holds; all of them without. */
export interface FiguresQuery {
  match?: string;
}

/** A flow diagram of one quarter. */
export interface Flow {
  unit: string;
  quarter: string;
  outputs: string[];
  links: FlowLink[];
}

/** A width: a mean over paths, because means add up. */
export interface FlowLink {
  source: string;
  target: string;
  value: number;
}

/** From the grid to the token, and from payer to payee. */
export interface Flows {
  power: Flow;
  money: Flow;
  provisional: boolean;
}

/** A number at the head of a report. */
export interface HeadlinePart {
  label: string;
  value: number | string | null;
  unit?: string;
  note?: string;
}

/** What the 50 and 90 % bands held at past openings, of one kind of series. */
export interface Held {
  what: string;
  points: number;
  inside_50: number;
  inside_90: number;
  of_this_model: boolean;
}

/** One shock's effect. */
export interface Hit {
  name: string;
  title: string;
  set: Record<string, unknown>;
  pairs: number;
  redrawn: number;
  bust: BustOdds;
  readings: Record<string, Impact>;
  losses_by_holder: Record<string, Impact>;
}

/** A reading before and after a shock. */
export interface Impact {
  label: string;
  unit: string;
  when: string;
  before: Before;
  after: Before;
  difference: Moved;
}

/** What an equation reads. */
export interface InputKnown {
  argument: string;
  kind: string;
  name: string;
  lag: boolean;
  left: boolean;
  unit?: string;
  meaning?: string;
  label?: string;
  value?: number;
  default?: number;
}

/** An input and its share of the variance of an output. */
export interface Judgement {
  parameter: string;
  label: string;
  share_of_variance: Num;
  evidence: Evidence;
  output: string;
}

/** What the last refresh moved. */
export interface LastRefresh {
  refreshes: Refresh[];
  moved: number;
  points: MovedPoint[];
  parameters: Fed[];
  refused: Refused[];
  stale: number;
}

/** A parameter of the model: default, range, distribution, evidence, source. */
export interface Lever {
  id: string;
  label: string;
  unit: string;
  default: number;
  low: number;
  high: number;
  distribution: string;
  meaning: string;
  source: string;
  evidence: Evidence;
  block: string;
  tier: string;
  reason: string;
  rows: string[];
}

/** A lever an end of which cannot be computed. */
export interface LeverFailed {
  label: string;
  why: string;
}

/** Whether the answer may be trusted and what presses; ``note``: so in the base case too. */
export interface Light {
  id: string;
  title: string;
  state: "good" | "note" | "warn" | "bad";
  detail: string;
  explain: string | null;
}

/** A gateway's address or the link it prints at its start. */
export interface LinkBody {
  client?: string;
  turn?: number;
  link: string;
}

/** An output of a run: seven digits, what a screen can show. */
export interface LiveOutput {
  q05: Num[];
  q25: Num[];
  q50: Num[];
  q75: Num[];
  q95: Num[];
  label: string;
  unit: string;
  block: string;
  meaning: string;
  entity: string | null;
  mean: Num[];
  samples?: Num[][];
}

/** Where the live pages of a report's file begin; ``said`` is what differs there. */
export interface LiveStart {
  preset: string;
  set: Record<string, number>;
  said: string;
}

/** Losses from borrowers through claims to final holders. */
export interface LossesAnswer {
  losses: Flow;
}

/** How a result was made; a deal and a decision tell less than a run. */
export interface Manifest {
  model_hash?: string;
  scenario?: ManifestScenario;
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

/** What was run. */
export interface ManifestScenario {
  preset?: string;
  set?: Record<string, unknown>;
}

/** Medians by slot, and the shares of the first one's variance by kind of evidence. */
export interface Medians {
  quarter: string;
  values: Record<string, Num>;
  evidence: Record<string, number> | null;
}

/** At most 60 variables of a scenario in one quarter. */
export interface MediansBody {
  client?: string;
  turn?: number;
  preset?: string;
  set?: Record<string, number | string>;
  names: string[];
  quarter?: string;
}

/** The paired difference a shock makes. */
export interface Moved {
  q05: Num;
  q25: Num;
  q50: Num;
  q75: Num;
  q95: Num;
  mean: Num;
  standard_error: Num;
  moved: Num;
}

/** A point whose chosen value the last refresh changed. */
export interface MovedPoint {
  series: string;
  entity: string;
  period: string;
  unit: string;
  change: string;
  old: Num;
  new: Num;
  relative: Num;
  source: string;
  known_from: string;
}

/** A deal of the package. */
export interface NameAndTitle {
  name: string;
  title: string;
}

/** An output or a parameter. */
export interface NameQuery {
  name: string;
}

/** A file's text and its own name. */
export interface Named {
  client?: string;
  turn?: number;
  preset?: string;
  set?: Record<string, number | string>;
  text: string;
  name?: string;
}

/** An output in a report, with its own quarters. */
export interface Output {
  q05: Num[];
  q25: Num[];
  q50: Num[];
  q75: Num[];
  q95: Num[];
  label: string;
  unit: string;
  block?: string;
  meaning?: string;
  entity?: string | null;
  quarters: string[];
  mean?: Num[];
  samples?: Num[][];
}

/** What an output is. */
export interface OutputKnown {
  name: string;
  label: string;
  unit: string;
  block?: string;
  meaning: string;
  entities: string[];
}

/** At most 200 outputs. */
export interface OutputsBody {
  client?: string;
  turn?: number;
  outputs: string[];
}

/** A run with the sections of a page. */
export interface PageAnswer {
  paths: number;
  seed: number;
  kernel: string;
  provisional: boolean;
  status_counts: Record<string, number>;
  quarters: string[];
  outputs: Record<string, LiveOutput>;
  headline: string;
  parts: Part[];
  lights: Light[];
  seconds: number;
  sections: Section[];
}

/** A run with the charts of a page. */
export interface PageBody {
  client?: string;
  turn?: number;
  preset?: string;
  set?: Record<string, number | string>;
  paths?: number;
  seed?: number;
  outputs?: string[];
  samples?: number;
  whole?: boolean;
  page: string;
}

/** A number of the sentence. */
export interface Part {
  key: string;
  label: string;
  value: number;
  unit: string;
  ends: [number, number] | null;
  change?: Change | null;
}

/** What is on file before the run: of the same quantity, or (not ``whole``) of a part of it. */
export interface Past {
  label: string;
  whole: boolean;
  quarters: string[];
  values: Num[];
}

/** A period's chosen reading and its rivals. */
export interface Point {
  period: string;
  chosen: Reading | null;
  rivals: Reading[];
}

/** A scenario that comes with the model: what it answers, and what it says it moves. */
export interface Preset {
  name: string;
  title: string;
  story: string;
  answers: string[];
  moves: Record<string, string | number>[];
  until: string | null;
  origin: string;
  set: Record<string, unknown>[];
}

/** A run read in, or up to, one quarter such as 2030Q4. */
export interface QuarterBody {
  client?: string;
  turn?: number;
  preset?: string;
  set?: Record<string, number | string>;
  paths?: number;
  seed?: number;
  outputs?: string[];
  samples?: number;
  whole?: boolean;
  quarter?: string;
}

/** One reading of a point, with its source; ``where`` is its row, ``text`` its value as printed. */
export interface Reading {
  id: string;
  where: string;
  series: string;
  entity: string;
  period: string;
  period_kind: string;
  start: string | null;
  end: string | null;
  value: Num;
  text: string;
  unit: string;
  unit_printed: string;
  basis: string;
  kind: string;
  tier: string;
  inputs_tier: string | null;
  evidence: string;
  calibratable: boolean;
  source_title: string;
  source_url: string;
  published: string | null;
  known_from: string;
  vintage: string;
  licence: string;
  note: string;
}

/** One refresh. */
export interface Refresh {
  number: number;
  at: string;
  source: string;
  added: number;
}

/** A reading the guards refused. */
export interface Refused {
  series: string;
  entity: string;
  period: string;
  reason: string;
}

/** A power price. */
export interface Region {
  name: string;
  usd_per_kwh: number;
  source: string;
}

/** The words and charts around a result. */
export interface Report {
  title: string;
  subtitle?: string;
  created?: string;
  headline_parts?: HeadlinePart[];
  judgements?: Judgement[];
  evidence_share?: Record<string, Num>;
  sections?: Section[];
  assumptions?: Assumption[];
  reproduce?: Reproduced;
  notes?: string[];
  live?: LiveStart;
}

/** A result and the report around it: what a report's page and the deal and decide pages draw. */
export interface ReportData {
  schema: string;
  headline: string;
  manifest: Manifest;
  books?: Books;
  status_counts?: Record<string, number>;
  timings_s?: Record<string, number>;
  outputs: Record<string, Output>;
  report: Report;
}

/** A scenario, and the one it is compared against. */
export interface ReproduceBody {
  client?: string;
  turn?: number;
  preset?: string;
  set?: Record<string, number | string>;
  paths?: number;
  seed?: number;
  outputs?: string[];
  samples?: number;
  whole?: boolean;
  against?: Side;
}

/** The command and the Python that give the numbers again. */
export interface Reproduced {
  cli: string;
  python: string;
}

/** A run: at most 20,000 paths, 200 outputs, 50 single paths beside the quantiles. */
export interface RunBody {
  client?: string;
  turn?: number;
  preset?: string;
  set?: Record<string, number | string>;
  paths?: number;
  seed?: number;
  outputs?: string[];
  samples?: number;
  whole?: boolean;
}

/** Everything a page is made of besides numbers; ``charts`` gives the page each chart stands on. */
export interface Schema {
  schema: string;
  model: string;
  model_hash: string;
  start: string;
  kernels: string[];
  blocks: Block[];
  parameters: Lever[];
  outputs: OutputKnown[];
  derived: OutputKnown[];
  presets: Preset[];
  pages: Record<string, string[]>;
  charts: Record<string, string>;
  about: About;
  glossary: Term[];
}

/** Charts with a lead. */
export interface Section {
  id: string;
  title: string;
  lead?: string;
  charts: Chart[];
}

/** Every reading of a series. */
export interface SeriesFound {
  series: string;
  label: string;
  flow: boolean;
  entities: EntityPoints[];
}

/** Series of the sourced tables. */
export interface SeriesList {
  table: string | null;
  match: string | null;
  count: number;
  series: SeriesRow[];
}

/** A series of the sourced tables. */
export interface SeriesQuery {
  series: string;
}

/** A series of the sourced tables. */
export interface SeriesRow {
  series: string;
  label: string;
  tables: string[];
  entities: number;
  rows: number;
  first: string | null;
  last: string | null;
  units: string[];
  tiers: Record<string, number>;
}

/** A shock that comes with the model. */
export interface Shock {
  name: string;
  title: string;
  story: string;
  dated: boolean;
  set: Record<string, unknown>;
}

/** The shocks that come with the model. */
export interface Shocks {
  shocks: Shock[];
}

/** A scenario: a preset and what differs from it, by parameter, in the registry's units. */
export interface Side {
  preset?: string;
  set?: Record<string, number | string>;
}

/** Levels of a band that are drawn. */
export interface SomeQuantiles {
  q05?: Num[];
  q25?: Num[];
  q50?: Num[];
  q75?: Num[];
  q95?: Num[];
}

/** One source: a sourced figure with its grade, or a published prior (grade empty). */
export interface SourceRow {
  what: string;
  value?: Num;
  unit?: string;
  tier: string;
  title: string;
  url: string;
  licence: string;
  published?: string;
}

/** What outputs rest on: sources, judgements by label, and how many assumptions are upstream. */
export interface Sources {
  rows: SourceRow[];
  judgements: string[];
  assumptions: number;
}

/** Whether a gateway was named, and how to name one. */
export interface SpendStatus {
  named: boolean;
  address: string | null;
  hint: string;
}

/** Whether answers are final, and how far compilation is. */
export interface Status {
  compiled: boolean;
  done: number;
  total: number;
  failed: string | null;
}

/** At most twelve named shocks on a scenario. */
export interface StressBody {
  client?: string;
  turn?: number;
  preset?: string;
  set?: Record<string, number | string>;
  shocks: string[];
}

/** Shocks, each alone and all together. */
export interface Stressed {
  schema: string;
  scenario: Record<string, unknown>;
  manifest: Record<string, unknown>;
  status_counts: Record<string, number>;
  books: Record<string, unknown>;
  shocks: Hit[];
}

/** A word of the field. */
export interface Term {
  term: string;
  meaning: string;
}

/** The ten strongest levers of an output. */
export interface TornadoAnswer {
  output: string;
  label: string;
  unit: string;
  when: string;
  rows: TornadoRow[];
  median: number;
  paths: number;
  failed: LeverFailed[];
}

/** A scenario and the output to explain: ``fleet_it_gw``, or with a quarter ``fleet_it_gw:2030Q4``. */
export interface TornadoBody {
  client?: string;
  turn?: number;
  preset?: string;
  set?: Record<string, number | string>;
  paths?: number;
  seed?: number;
  outputs?: string[];
  samples?: number;
  whole?: boolean;
  output: string;
}

/** Median paired change with a lever at its 5 and its 95 % point (``ends``). */
export interface TornadoRow {
  parameter: string;
  label: string;
  evidence: Evidence;
  unit: string;
  ends: [number, number];
  low: number;
  high: number;
  share: number;
}

/** A refreshed reading. */
export interface Vintage {
  entity: string;
  period: string;
  value: Num;
  unit: string;
  published: string;
  fetched: string;
  generation: number;
  status: string;
  reason: string;
  source_title: string;
}

/** Every refreshed reading of a series. */
export interface Vintages {
  series: string;
  rows: Vintage[];
}

export interface Got {
  "/api/status": Status;
  "/api/schema": Schema;
  "/api/explain": Explained;
  "/api/claims": Claims;
  "/api/figures": SeriesList;
  "/api/figure": SeriesFound;
  "/api/refreshed": LastRefresh;
  "/api/vintages": Vintages;
  "/api/shocks": Shocks;
  "/api/deals": DealsKnown;
  "/api/templates": DecideKnown;
  "/api/spend": SpendStatus;
}

export interface Posted {
  "/api/claim": ClaimFull;
  "/api/spend/link": SpendStatus;
  "/api/run": Answer;
  "/api/page": PageAnswer;
  "/api/compare": Compared;
  "/api/flows": Flows;
  "/api/sources": Sources;
  "/api/medians": Medians;
  "/api/losses": LossesAnswer;
  "/api/bust": BustAnswer;
  "/api/reproduce": Reproduced;
  "/api/tornado": TornadoAnswer;
  "/api/stress": Stressed;
  "/api/deal": ReportData;
  "/api/deal/fields": DealFields;
  "/api/decide": ReportData;
}

export interface Bodies {
  "/api/claim": ClaimBody;
  "/api/spend/link": LinkBody;
  "/api/run": RunBody;
  "/api/page": PageBody;
  "/api/compare": CompareBody;
  "/api/flows": QuarterBody;
  "/api/sources": OutputsBody;
  "/api/medians": MediansBody;
  "/api/losses": QuarterBody;
  "/api/bust": RunBody;
  "/api/reproduce": ReproduceBody;
  "/api/tornado": TornadoBody;
  "/api/stress": StressBody;
  "/api/deal": DealBody;
  "/api/deal/fields": Named;
  "/api/decide": DecideBody;
}
