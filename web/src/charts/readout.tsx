// The card beside the cursor: the values of one quarter.
import { textWidth } from "./measure";
import { tone, type Tone } from "./theme";

export interface Row {
  label: string;
  value: string;
  tone?: Tone;
  strong?: boolean;
}

const GAP = 12; // between the cursor and the card

interface ReadoutProps {
  title: string;
  rows: Row[];
  at: number;
  width: number;
  top: number;
}

export function Readout({ title, rows, at, width, top }: ReadoutProps) {
  const wide = (text: (row: Row) => string, size: number) => Math.max(0, ...rows.map((row) => textWidth(text(row), size, 600)));
  const card = Math.max(132, Math.ceil(wide((row) => row.label, 12) + wide((row) => row.value, 12)) + 58);
  const fits = at + GAP + card <= width ? at + GAP : at - GAP - card >= 0 ? at - GAP - card : Math.max(0, width - card);
  const place = { left: `${fits}px`, top: `${top}px`, width: `${Math.min(card, width)}px` };
  return (
    <div class="readout" style={place} aria-hidden="true">
      <b>{title}</b>
      {rows.map((row) => (
        <div key={row.label} class={row.strong ? "row strong" : "row"}>
          {row.tone !== undefined && <i style={{ background: tone(row.tone) }} />}
          <span>{row.label}</span>
          <span class="value">{row.value}</span>
        </div>
      ))}
    </div>
  );
}
