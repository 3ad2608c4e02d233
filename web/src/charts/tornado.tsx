// The strongest levers of an output: how far its median moves when each goes to the ends of its range.
import type { Tornado, TornadoRow } from "../app/model";
import { Badge } from "../parts/badge";
import { isShare, plain, show } from "../state/format";
import { unitAfter } from "../state/units";

interface TornadoProps {
  found: Tornado;
  onPick: (parameter: string) => void;
  onExplain: (name: string) => void;
}

const written = (value: number, unit: string) => (isShare(undefined, unit) ? show(value, "percent", unit) : plain(value));

/** The two ends as their bars lie: the one that lowers the output at the left, whichever end of the lever that is. */
function sides(row: TornadoRow): [string, number, number][] {
  const both: [string, number, number][] = [["low", row.ends[0], row.low], ["high", row.ends[1], row.high]];
  return row.low <= row.high ? both : both.reverse();
}

export function TornadoBars({ found, onPick, onExplain }: TornadoProps) {
  const most = Math.max(1e-12, ...found.rows.flatMap((row) => [Math.abs(row.low), Math.abs(row.high)]));
  const still = found.rows.every((row) => row.low === 0 && row.high === 0);
  const place = (value: number) => ({ left: `${50 + (Math.min(0, value) / most) * 50}%`, width: `${(Math.abs(value) / most) * 50}%` });
  const end = (row: TornadoRow, at: number) => `${written(at, row.unit)} ${isShare(undefined, row.unit) ? "" : unitAfter(row.unit)}`.trim();
  const size = written(most, found.unit);
  return (
    <figure class="tornado" aria-labelledby="tornado-title">
      <figcaption id="tornado-title">
        <button type="button" class="opens" onClick={() => onExplain(found.output)}>{found.label}</button>, {found.when}: change of the median of {written(found.median, found.unit)} {unitAfter(found.unit)}
      </figcaption>
      {(found.failed ?? []).map(({ label, why }) => <p key={label} class="note">Left out: {label}, as one of its ends cannot be computed ({why}).</p>)}
      {still && <p class="note">No lever alone moves this median, so none is the strongest.</p>}
      <ol hidden={still} aria-label={`Strongest levers of ${found.label}`}>
        {found.rows.map((row) => (
          <li key={row.parameter}>
            <span class="who">
              <button type="button" class="opens" onClick={() => onPick(row.parameter)} title="Bring this lever to the hand">{row.label}</button>
              <Badge evidence={row.evidence} />
              <button type="button" class="info" aria-label={`Explain ${row.label}`} onClick={() => onExplain(row.parameter)}>?</button>
            </span>
            <div
              class="tornado-bar" role="img"
              aria-label={`at ${end(row, row.ends[0])} ${written(row.low, found.unit)}, at ${end(row, row.ends[1])} ${written(row.high, found.unit)}`}
            >
              <i class="low" style={place(row.low)} />
              <i class="high" style={place(row.high)} />
            </div>
            <span class="ends">
              {sides(row).map(([which, at, change]) => (
                <span key={which}><i class={`key ${which}`} /> at {end(row, at)}: {written(change, found.unit)}</span>
              ))}
            </span>
          </li>
        ))}
      </ol>
      {!still && <p class="tornado-axis" aria-hidden="true"><span>−{size}</span><span>0</span><span>+{size} {unitAfter(found.unit)}</span></p>}
      <p class="under"><span class="source-word">Source:</span> supercycle; each lever alone at the 5 % and the 95 % point of its range, {found.paths} paths paired.</p>
    </figure>
  );
}
