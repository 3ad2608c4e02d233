// Small multiples: one fan a panel, one cursor for all.
import { useState } from "preact/hooks";
import type { Chart } from "../state/data";
import { isShare, show } from "../state/format";
import { spoken } from "../state/quarters";
import { panelSummary } from "../state/summary";
import { axisWords } from "../state/units";
import { known, lastKnown, type Line, type Resolved } from "../state/resolve";
import { FanMarks, fanMarks, fanRows } from "./fan";
import { Plot } from "./plot";
import { ReferenceBands, ReferenceLines, referenceValues } from "./reference";
import { domainOf } from "./scale";

const range = (line: Line) => known(line.q05, line.q25, line.q50, line.q75, line.q95);
const size = (line: Line) => Math.max(0, ...range(line).map(Math.abs));

// Beyond this the smallest panel would be a flat line, and a shared axis compares nothing.
const WIDEST_RATIO = 8;

/** Whether the panels may share one axis. */
export function sharesAxis(lines: Line[]): boolean {
  const sizes = lines.map(size).filter((value) => value > 0);
  return sizes.length === 0 || Math.max(...sizes) / Math.min(...sizes) <= WIDEST_RATIO;
}

export function FansChart({ chart, resolved }: { chart: Chart; resolved: Resolved }) {
  const [cursor, setCursor] = useState<number | null>(null);
  const log = chart.scale === "log";
  const shared = sharesAxis(resolved.lines);
  const references = referenceValues(chart);
  const all = domainOf([...resolved.lines.flatMap(range), ...references], { log });
  const unit = axisWords(chart.unit, isShare(chart.format, chart.unit) ? "percent" : chart.format);
  return (
    <div class="multiples">
      {unit && <p class="unit-line">{unit}</p>}
      <div class="panels">
      {resolved.lines.map((line) => (
        <div class="panel" key={line.label}>
          <h3>
            {line.label} <span class="aside">{valueNote(line, chart, resolved, cursor)}</span>
          </h3>
          <Plot
            name={panelSummary(line, resolved, chart)}
            quiet
            labels={resolved.labels}
            domain={shared ? all : domainOf([...range(line), ...references], { log })}
            log={log}
            format={chart.format}
            unit={chart.unit}
            rows={fanRows(line, chart)}
            start={lastKnown(resolved.lines, resolved.labels.length)}
            height={180}
            axisTitle=""
            margin={14}
            cursor={cursor}
            onCursor={setCursor}
          >
            {(geometry) => (
              <>
                <ReferenceBands bands={chart.bands ?? []} geometry={geometry} />
                <FanMarks line={line} geometry={geometry} />
                <ReferenceLines
                  bands={chart.bands ?? []} lines={chart.lines ?? []} geometry={geometry} marks={fanMarks(line)}
                />
              </>
            )}
          </Plot>
        </div>
      ))}
      </div>
    </div>
  );
}

/** The median where the cursor is, and nine in ten paths; without a cursor, what the panel ends at. */
function valueNote(line: Line, chart: Chart, resolved: Resolved, cursor: number | null): string {
  const write = (value: number | null | undefined) => show(value, chart.format, chart.unit);
  const at = cursor ?? lastKnown([line], resolved.labels.length);
  const when = spoken(resolved.labels[at] ?? "");
  if (cursor === null || !line.spread) return `${write(line.q50[at])} in ${when}`;
  return `${write(line.q50[at])} (${write(line.q05[at])} to ${write(line.q95[at])}) in ${when}`;
}
