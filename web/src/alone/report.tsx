// The report on a run as the first page of the file that also carries the model of the run.
import type { First } from "../app/model";
import { ReportPage } from "../pages/report";
import type { ReportData } from "../state/data";
import { written, type Scenario } from "../state/scenario";

export function reportPage(data: ReportData): First {
  const { live } = data.report;
  const scenario: Scenario = { preset: live?.preset ?? "base", set: live?.set ?? {} };
  const { paths, seed } = data.manifest;
  const draw = (
    <p class="live-line">
      <a href={written({ page: "overview", scenario, kept: null, view: "levels" })}>Move the levers of this run</a>{" "}
      The numbers on this page are the run’s: {paths?.toLocaleString("en-GB")} paths, seed {seed}. The other pages compute in this file, on seed 1{live?.said ?? ""}.
    </p>
  );
  return { scenario, view: <ReportPage data={data} inside live={draw} /> };
}
