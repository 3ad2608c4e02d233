// The levers, grouped as the blocks are: drag, type or use the arrow keys; double-click brings one back.
import { useMemo, useState } from "preact/hooks";
import { isShare, plain, show } from "../state/format";
import type { Lever } from "../state/scenario";
import { unitAfter } from "../state/units";
import { Badge } from "./badge";

const STEPS = 200;

export interface LeversProps {
  levers: Lever[];
  blocks: { name: string; title: string; number: number }[];
  start: Record<string, number>; // what the preset sets
  set: Record<string, number>;
  strongest?: { label: string; ids: string[] } | null; // those that matter most for what is in view
  onMove: (id: string, value: number | null, resting: boolean) => void;
  onExplain: (name: string) => void;
}

const shown = (lever: Lever, value: number): string => {
  if (isShare(undefined, lever.unit)) return show(value, "percent", lever.unit);
  const unit = unitAfter(lever.unit);
  return unit ? `${plain(value)} ${unit}` : plain(value);
};

const bare = (lever: Lever, value: number): string => (isShare(undefined, lever.unit) ? show(value, "percent", lever.unit) : plain(value));

/** What the lever does to its range: it is drawn from it on each path, or fixed at one value on all. */
function range(lever: Lever, value: number, start: number, moved: boolean): string {
  const ends = `${bare(lever, lever.low)} to ${bare(lever, lever.high)}`;
  if (lever.distribution === "switch") return `${ends}, default ${bare(lever, lever.default)}`;
  if (moved) return `fixed at ${bare(lever, value)} on every path; otherwise drawn from ${ends}`;
  if (start !== lever.default) return `fixed at ${bare(lever, start)} by the preset; otherwise drawn from ${ends}`;
  return `drawn from ${ends} on each path, middle ${bare(lever, lever.default)}; moving it fixes it`;
}

export function LeverRow(props: { lever: Lever; value: number; start: number; moved: boolean } & Pick<LeversProps, "onMove" | "onExplain">) {
  const { lever, value, start, moved, onMove, onExplain } = props;
  const id = `lever-${lever.id.replace(/[^a-z0-9_]/gi, "-")}`;
  const step = (lever.high - lever.low) / STEPS || 1;
  const choice = lever.distribution === "switch" && lever.low === 0 && lever.high === 1;
  return (
    <div class={moved ? "lever moved" : "lever"}>
      <div class="lever-head">
        <label for={id}>{lever.label}</label>
        <button type="button" class="info" aria-label={`Explain ${lever.label}`} onClick={() => onExplain(lever.id)}>?</button>
      </div>
      <div class="lever-line">
        <input
          id={id} type="range" min={lever.low} max={lever.high} step={choice ? 1 : step} value={value}
          aria-valuetext={shown(lever, value)}
          onInput={(event) => onMove(lever.id, Number(event.currentTarget.value), false)}
          onChange={(event) => onMove(lever.id, Number(event.currentTarget.value), true)}
          onDblClick={() => onMove(lever.id, null, true)}
        />
        <output for={id}>{shown(lever, value)}</output>
      </div>
      <div class="lever-under">
        <span>{range(lever, value, start, moved)}</span>
        <Badge evidence={lever.evidence} />
        {moved && (
          <button type="button" class="back" aria-label={`Reset ${lever.label}`} onClick={() => onMove(lever.id, null, true)}>reset</button>
        )}
      </div>
      <p class="lever-source" title={lever.source || lever.reason}>{lever.source || lever.reason}</p>
    </div>
  );
}

export function Levers(props: LeversProps) {
  const { levers, blocks, start, set } = props;
  const [words, setWords] = useState("");
  const [open, setOpen] = useState<string[]>([]);
  const wanted = words.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const movable = useMemo(() => levers.filter((lever) => lever.high > lever.low && lever.distribution !== "fixed"), [levers]);
  const found = movable.filter((lever) => {
    const text = `${lever.label} ${lever.id} ${lever.meaning} ${lever.block}`.toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
  const row = (lever: Lever) => {
    const from = start[lever.id] ?? lever.default;
    return (
      <LeverRow
        key={lever.id} lever={lever} value={set[lever.id] ?? from} start={from} moved={lever.id in set}
        onMove={props.onMove} onExplain={props.onExplain}
      />
    );
  };
  const moved = movable.filter((lever) => lever.id in set);
  const byId = new Map(movable.map((lever) => [lever.id, lever]));
  const strong = (props.strongest?.ids ?? []).flatMap((id) => (id in set ? [] : (byId.get(id) ?? [])));
  return (
    <div class="levers">
      <label class="hidden" for="lever-search">Search levers</label>
      <input
        id="lever-search" type="search" placeholder={`Search ${movable.length} levers`} value={words} autocomplete="off"
        onInput={(event) => setWords(event.currentTarget.value)}
      />
      <p class="hidden" role="status">{wanted.length ? `${found.length} levers found` : ""}</p>
      {moved.length > 0 && (
        <section class="lever-group" aria-label="Moved levers">
          <h3>Moved</h3>
          {moved.map(row)}
        </section>
      )}
      {wanted.length === 0 && strong.length > 0 && (
        <section class="lever-group" aria-label="Strongest levers of what is in view">
          <h3>Matter most for: {props.strongest?.label}</h3>
          {strong.map(row)}
        </section>
      )}
      {wanted.length > 0 ? (
        <section class="lever-group" aria-label="Levers found">{found.slice(0, 40).map(row)}</section>
      ) : (
        blocks.map((block) => {
          const inside = movable.filter((lever) => lever.block === block.name && !(lever.id in set) && !strong.includes(lever));
          const isOpen = open.includes(block.name);
          return inside.length === 0 ? null : (
            <details
              key={block.name} class="lever-group" open={isOpen}
              onToggle={(event) => {
                const now = event.currentTarget.open;
                setOpen((was) => (now ? [...new Set([...was, block.name])] : was.filter((name) => name !== block.name)));
              }}
            >
              <summary>{block.title} <span class="count">{inside.length}</span></summary>
              {isOpen && inside.map(row)}
            </details>
          );
        })
      )}
    </div>
  );
}
