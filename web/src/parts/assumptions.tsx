// Every number the model was given: searchable, sortable, each with where it comes from.
import { useEffect, useMemo, useState } from "preact/hooks";
import type { Assumption, Evidence } from "../state/data";
import { isShare, plain, show } from "../state/format";
import { unitAfter } from "../state/units";
import { Badge } from "./badge";
import { Linked } from "./linked";

const FIRST = 24; // rows before "show all": the page stays readable, the numbers stay one step away

type Order = "label" | "block" | "evidence";
const RANK: Record<Evidence, number> = { measured: 0, published: 1, judgement: 2 };
const KINDS: Evidence[] = ["measured", "published", "judgement"];

const valueOf = (item: Assumption) => item.value ?? item.default;
const changed = (item: Assumption) => valueOf(item) !== item.default;

export function matches(item: Assumption, words: string): boolean {
  const text = [item.id, item.label, item.block, item.unit, item.source, item.reason].join(" ").toLowerCase();
  return words.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

export function ordered(items: Assumption[], order: Order, down: boolean): Assumption[] {
  const sign = down ? -1 : 1;
  return [...items].sort((a, b) => {
    const first = order === "evidence" ? RANK[a.evidence] - RANK[b.evidence] : a[order].localeCompare(b[order]);
    return sign * first || a.label.localeCompare(b.label);
  });
}

/** Where the value lies between its low and its high end. */
function RangePlot({ item }: { item: Assumption }) {
  const width = item.high - item.low;
  const at = (value: number) => (width > 0 ? Math.max(0, Math.min(1, (value - item.low) / width)) * 88 + 6 : 50);
  return (
    <svg class="range-plot" viewBox="0 0 100 12" width="100" height="12" aria-hidden="true">
      <line x1="6" x2="94" y1="6" y2="6" />
      {changed(item) && <circle class="default" cx={at(item.default)} cy="6" r="3" />}
      <circle cx={at(valueOf(item))} cy="6" r="3.6" />
    </svg>
  );
}

function Row({ item, onExplain, onSet }: { item: Assumption } & Pick<AssumptionsProps, "onExplain" | "onSet">) {
  const write = (value: number) => (isShare(undefined, item.unit) ? show(value, "percent", item.unit) : plain(value));
  const unit = unitAfter(item.unit);
  return (
    <tr>
      <th scope="row">
        {onExplain ? <button type="button" class="term" onClick={() => onExplain(item.id)}>{item.label}</button> : item.label}
        <code>{item.id}</code>
      </th>
      <td class="block" data-name="Block">{item.block}</td>
      <td class="number" data-name="Value">
        {onSet && item.high > item.low ? (
          <input
            type="number" step="any" min={item.low} max={item.high} value={valueOf(item)} aria-label={`Value of ${item.label}`}
            onChange={(event) => {
              const value = Number(event.currentTarget.value);
              if (event.currentTarget.validity.valid && Number.isFinite(value)) onSet(item.id, value);
              else event.currentTarget.reportValidity();
            }}
          />
        ) : (
          <b>{write(valueOf(item))}</b>
        )}{" "}
        {unit && <span class="unit">{unit}</span>}
        {changed(item) && <span class="was">default {write(item.default)}</span>}
      </td>
      <td class="range" data-name="Range">
        <RangePlot item={item} />
        <span>
          {write(item.low)} to {write(item.high)}
        </span>
      </td>
      <td data-name="Evidence">
        <Badge evidence={item.evidence} />
      </td>
      <td class="basis" data-name="Basis">
        {item.source && <Linked text={item.source} />}
        {item.source && item.reason && <br />}
        {item.reason && <Linked text={item.reason} />}
      </td>
    </tr>
  );
}

interface AssumptionsProps {
  items: Assumption[];
  wanted?: string; // a parameter another part of the page points at
  onExplain?: (id: string) => void; // the app's rows open and can be edited; the report's cannot
  onSet?: (id: string, value: number) => void;
}

export function Assumptions({ items, wanted = "", onExplain, onSet }: AssumptionsProps) {
  const [words, setWords] = useState("");
  const [kinds, setKinds] = useState<Evidence[]>(KINDS);
  const [onlyChanged, setOnlyChanged] = useState(false);
  const [order, setOrder] = useState<Order>("block");
  const [down, setDown] = useState(false);
  const [all, setAll] = useState(items.length <= FIRST * 1.5);
  useEffect(() => {
    const open = () => setAll(true);
    addEventListener("beforeprint", open);
    return () => removeEventListener("beforeprint", open);
  }, []);
  useEffect(() => {
    if (!wanted) return;
    setWords(wanted);
    setKinds(KINDS);
    setOnlyChanged(false);
  }, [wanted]);
  const anyChanged = items.some(changed);
  const shown = useMemo(
    () =>
      ordered(
        items.filter((item) => kinds.includes(item.evidence) && (!onlyChanged || changed(item)) && matches(item, words)),
        order,
        down,
      ),
    [items, words, kinds, onlyChanged, order, down],
  );
  const visible = all ? shown : shown.slice(0, FIRST);
  const head = (name: Order, text: string) => (
    <th scope="col" aria-sort={order === name ? (down ? "descending" : "ascending") : "none"}>
      <button
        type="button"
        onClick={() => {
          setDown(order === name ? !down : false);
          setOrder(name);
        }}
      >
        {text}
        <span class="arrow" aria-hidden="true">{order === name ? (down ? "↓" : "↑") : ""}</span>
      </button>
    </th>
  );
  return (
    <div class="assumptions">
      <div class="filters">
        <label for="assumption-search">Search assumptions</label>
        <input
          id="assumption-search" type="search" value={words} autocomplete="off" spellcheck={false}
          placeholder="Name, block or source"
          onInput={(event) => setWords(event.currentTarget.value)}
        />
        <span role="group" aria-label="Evidence" class="chips">
          {KINDS.map((kind) => (
            <button
              key={kind} type="button" class="chip" aria-pressed={kinds.includes(kind)}
              onClick={() => setKinds(kinds.includes(kind) ? kinds.filter((other) => other !== kind) : [...kinds, kind])}
            >
              <Badge evidence={kind} />
            </button>
          ))}
          {anyChanged && (
            <button type="button" class="chip" aria-pressed={onlyChanged} onClick={() => setOnlyChanged(!onlyChanged)}>
              changed only
            </button>
          )}
        </span>
        <span class="count" role="status">
          {shown.length === items.length ? `${items.length} assumptions` : `${shown.length} of ${items.length}`}
        </span>
      </div>
      <table class="data wide">
        <thead>
          <tr>
            {head("label", "Assumption")}
            {head("block", "Block")}
            <th scope="col" class="number">Value</th>
            <th scope="col">Range</th>
            {head("evidence", "Evidence")}
            <th scope="col">Source or reason</th>
          </tr>
        </thead>
        <tbody>
          {visible.map((item) => (
            <Row key={item.id} item={item} {...(onExplain ? { onExplain } : {})} {...(onSet ? { onSet } : {})} />
          ))}
        </tbody>
      </table>
      {visible.length < shown.length && (
        <button type="button" class="more" onClick={() => setAll(true)}>
          Show all {shown.length} assumptions
        </button>
      )}
      {shown.length === 0 && <p class="failed">No assumption matches.</p>}
    </div>
  );
}
