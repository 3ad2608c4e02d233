// Any number opened: what it is, its equation, what it reads and who reads it, where it comes from.
import { useEffect, useRef, useState } from "preact/hooks";
import { get, post } from "../api/client";
import type { Explained } from "../api/types";
import { asked } from "../app/model";
import { plain, show } from "../state/format";
import type { Scenario } from "../state/scenario";
import { unitAfter } from "../state/units";
import { Badge } from "./badge";
import { ChartSources } from "./chart_tools";
import { Linked } from "./linked";

const GIVEN = new Set(["parameter", "constant", "draw", "time"]);
const SPREAD: Record<string, string> = { judgement: "judged inputs", unexplained: "shocks and interactions", measured: "measured inputs", published: "published inputs" };
const WHEN = "2030Q4"; // the quarter whose medians are shown

interface DrawerProps {
  name: string;
  scenario: Scenario;
  onName: (name: string) => void;
  onClose: () => void;
}

export function Drawer({ name, scenario, onName, onClose }: DrawerProps) {
  const [values, setValues] = useState<Record<string, number | null>>({});
  const [spread, setSpread] = useState<Record<string, number> | null>(null);
  const [found, setFound] = useState<Explained | null>(null);
  const [problem, setProblem] = useState("");
  const close = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    setProblem("");
    let stale = false;
    get("/api/explain", { name }).then(
      (answer) => !stale && setFound(answer),
      (error: Error) => !stale && setProblem(error.message),
    );
    return () => {
      stale = true;
    };
  }, [name]);
  useEffect(() => close.current?.focus(), []);
  useEffect(() => {
    if (!found) return;
    const names = [found, ...(found.inputs ?? [])].filter((one) => !GIVEN.has(one.kind ?? "")).map((one) => one.name);
    let stale = false;
    setSpread(null);
    post("/api/medians", { ...asked(scenario), quarter: WHEN, names: names.slice(0, 60) }).then(
      (answer) => {
        if (stale) return;
        setValues(answer.values);
        if (names[0] === found.name) setSpread(answer.evidence);
      },
      () => !stale && setValues({}), // the explanation stands without
    );
    return () => {
      stale = true;
    };
  }, [found, scenario]);
  /** One number, or one a member. */
  const valueOf = (one: { name: string; value?: number; default?: number; kind?: string }): string => {
    const given = one.kind === "parameter" ? (scenario.set[one.name] ?? one.value ?? one.default) : (one.value ?? one.default);
    const value = given ?? values[one.name];
    if (typeof value === "number") return plain(value);
    return Object.entries(values)
      .filter(([key, found]) => key.startsWith(`${one.name}:`) && typeof found === "number")
      .map(([key, found]) => `${key.slice(one.name.length + 1)} ${plain(found as number)}`)
      .join(", ");
  };
  const kind = typeof found?.evidence === "string" ? found.evidence : (found?.evidence as { weakest?: string } | undefined)?.weakest;
  const readers = found?.used_by ?? [];
  return (
    <div
      class="drawer" role="dialog" aria-label={`Explanation of ${found?.label ?? name}`}
      onKeyDown={(event) => event.key === "Escape" && onClose()}
    >
      <button type="button" class="close" ref={close} onClick={onClose} aria-label="Close the explanation">×</button>
      {problem && <p class="failed">{problem}</p>}
      {found && (
        <>
          <h2>{found.label || found.meaning || found.name}</h2>
          <p><code>{found.name}</code> <span class="unit">{unitAfter(found.unit ?? "")}</span></p>
          {found.meaning && <p>{found.meaning}</p>}
          {/* Above what the model still has to answer, so that it does not move from under the hand. */}
          {(found.equation || found.kind === "parameter") && <div class="tools"><ChartSources key={found.name} title={found.label || found.name} outputs={[found.name]} /></div>}
          {found.kind !== "parameter" && valueOf(found) && <p>Median in {WHEN}: <b>{valueOf(found)}</b> {unitAfter(found.unit ?? "")}</p>}
          {found.kind === "parameter" && found.name in scenario.set && <p>Here: <b>{valueOf(found)}</b> {unitAfter(found.unit ?? "")}</p>}
          {kind && (kind === "measured" || kind === "published" || kind === "judgement") && (
            <p>Rests at its weakest on <Badge evidence={kind} /></p>
          )}
          {spread && (
            <p>
              Its spread in {WHEN} comes from {Object.entries(spread).filter(([, share]) => share >= 0.005)
                .map(([name, share]) => `${SPREAD[name] ?? name} ${show(share, "percent", "share")}`).join(", ")}.
            </p>
          )}
          {found.low !== undefined && found.high !== undefined && (
            <p>Range {plain(found.low)} to {plain(found.high)}, default {plain(found.default ?? 0)} ({found.distribution}).</p>
          )}
          {found.source && <p><span class="source-word">Source:</span> <Linked text={found.source} /></p>}
          {found.reason && <p><Linked text={found.reason} /></p>}
          {found.equation && <pre tabIndex={0}><code>{found.equation}</code></pre>}
          {found.inputs && found.inputs.length > 0 && (
            <>
              <h3>Reads (medians in {WHEN})</h3>
              <ul class="reads">
                {found.inputs.map((input) => (
                  <li key={input.name}>
                    <button type="button" onClick={() => onName(input.name)}>{input.name}</button>{" "}
                    {input.label ?? input.meaning ?? ""}{" "}
                    <b>{valueOf(input)}</b>{" "}
                    <span class="unit">{unitAfter(input.unit ?? "")}</span>
                  </li>
                ))}
              </ul>
            </>
          )}
          {readers.length > 0 && (
            <>
              <h3>Read by</h3>
              <ul class="reads">
                {readers.map((reader) => <li key={reader}><button type="button" onClick={() => onName(reader)}>{reader}</button></li>)}
              </ul>
            </>
          )}
        </>
      )}
    </div>
  );
}
