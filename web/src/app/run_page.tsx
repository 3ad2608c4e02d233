// A page of the model: its charts, redrawn while a lever moves, whole again at rest.
import { Component, type ComponentChild } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { latest, post } from "../api/client";
import { Figure } from "../charts/figure";
import { arrange } from "../parts/arrange";
import { ChartSources, ChartTools } from "../parts/chart_tools";
import { outputsOf } from "../state/resolve";
import { PageSection } from "../parts/section";
import { Terms } from "../parts/terms";
import type { Chart, Ghost, Output } from "../state/data";
import { FactsOf, useFacts } from "../state/facts";
import { BASE, type Scenario } from "../state/scenario";
import { asked, keyOf, wordsOf, type Answer, type Compared, type LiveOutput } from "./model";

const DRAG_PATHS = 256; // while a lever moves
const FIRST_PATHS = 1000;
const REST_AFTER_MS = 400;
const PAUSE_MS = 70; // a hand that holds still so long, with a lever in it, gets more paths
const SAMPLES = 20;
const LESS = " less "; // between the two scenarios of a difference

const live = latest("/api/run", "live");
const paused = latest("/api/run", "pause"); // a line of its own: the next move does not wait for it
const whole = latest("/api/page");
const paired = latest("/api/compare");
const baselines = new Map<string, Promise<Answer>>();

/** Drawn again only when something it is drawn from has changed: most charts stand still while a lever moves. */
class Still extends Component<{ from: unknown[]; draw: () => ComponentChild }> {
  override shouldComponentUpdate(next: { from: unknown[] }) {
    const { from } = this.props;
    return from.length !== next.from.length || from.some((one, index) => one !== next.from[index]);
  }
  override render() {
    return this.props.draw();
  }
}

const datedOutputs = new WeakMap<LiveOutput, Output>();

/** An output with its quarters; the same one each time it is asked for. */
function dated(output: LiveOutput, quarters: string[]): Output {
  let found = datedOutputs.get(output);
  if (!found) datedOutputs.set(output, (found = { ...output, quarters }));
  return found;
}

/** The base case of a page on so many paths, asked for once: what stands side by side is of the same paths. */
function baseline(page: string, paths: number): Promise<Answer> {
  const name = `${page}:${paths}`;
  let found = baselines.get(name);
  if (!found) {
    found = post("/api/page", { page, preset: "base", set: {}, paths });
    found.catch(() => baselines.delete(name));
    baselines.set(name, found);
  }
  return found;
}

/** One series opens at once; of several, the reader picks. */
function Explained({ chart, onExplain }: { chart: Chart; onExplain: (name: string) => void }) {
  const keyed = (chart.series ?? []).filter((series) => series.key);
  const open = (key: string | null | undefined) => key && onExplain(key);
  if (keyed.length === 0) return null;
  if (keyed.length === 1)
    return <button type="button" onClick={() => open(keyed[0]?.key)} aria-label={`Explain ${chart.title}`}>Explain</button>;
  return (
    <details class="explains">
      <summary>Explain<span class="hidden"> a series of {chart.title}</span></summary>
      <ul>
        {keyed.map((series) => (
          <li key={series.key}><button type="button" onClick={() => open(series.key)} aria-label={`Explain ${series.label}`}>{series.label}</button></li>
        ))}
      </ul>
    </details>
  );
}

export interface RunPageProps {
  page: string;
  scenario: Scenario;
  kept: Scenario | null;
  view: string;
  resting: boolean;
  samples: boolean;
  only?: string; // one chart alone
  published: boolean; // the page is a file that may be framed
  addressOf: (chart: string) => string; // the same function at every drawing
  restPaths: number; // once nothing moves
  onAnswer: (answer: Answer) => void;
  onProblem: (problem: string) => void;
  onWatch: (output: string) => void;
  onExplain: (name: string) => void;
}

export function RunPage(props: RunPageProps) {
  const { page, scenario, kept, view, resting, samples } = props;
  const [shown, setShown] = useState<Answer | null>(null);
  const [base, setBase] = useState<Answer | null>(null);
  const [compared, setCompared] = useState<Compared | null>(null);
  const [fresh, setFresh] = useState<Set<string> | null>(null); // outputs of the newest answer; null is all of them
  const [busy, setBusy] = useState(true);
  const rested = useRef({ of: "", by: new Map<number, Record<string, LiveOutput>>() }); // the last scenario at rest, by paths
  const visible = useRef(new Set<string>());
  const box = useRef<HTMLDivElement>(null);
  const sections = (shown?.sections ?? []).flatMap((section) => {
    const charts = props.only ? section.charts.filter((chart) => chart.id === props.only) : section.charts;
    return charts.length ? [{ ...section, charts }] : [];
  });
  const failed = (problem: unknown) => {
    setBusy(false);
    if (problem instanceof Error) props.onProblem(problem.message);
  };

  const moved = scenario.preset !== "base" || Object.keys(scenario.set).length > 0;
  useEffect(() => {
    if (!moved || !shown) return; // the base case is the first answer, or is needed only once something moves
    let stale = false;
    baseline(page, shown.paths).then((answer) => !stale && setBase(answer), () => undefined);
    return () => {
      stale = true;
    };
  }, [page, moved, shown?.paths]);

  // While a lever moves: only the outputs of charts on screen, on fewer paths, asked before the next frame.
  useLayoutEffect(() => {
    if (resting || !shown?.sections) return;
    const keys = new Set<string>();
    for (const section of shown.sections)
      for (const chart of section.charts)
        if (visible.current.has(chart.id)) for (const one of chart.series ?? []) if (one.key) keys.add(one.key);
    if (keys.size === 0) return;
    let over = false;
    let pause: ReturnType<typeof setTimeout> | undefined;
    const paint = (answer: Awaited<ReturnType<typeof live>>) => {
      if (!answer) return;
      setFresh(new Set(Object.keys(answer.outputs)));
      setShown((was) => was && { ...was, ...answer, of: keyOf(scenario), outputs: { ...was.outputs, ...answer.outputs }, sections: was.sections ?? [] });
      props.onAnswer({ ...answer, of: keyOf(scenario) });
    };
    const question = (paths: number) => ({ ...asked(scenario), outputs: [...keys], paths, samples: samples ? SAMPLES : 0 });
    live(question(DRAG_PATHS)).then((answer) => {
      paint(answer);
      if (answer && !over) pause = setTimeout(() => void paused(question(FIRST_PATHS)).then((more) => !over && paint(more), failed), PAUSE_MS);
    }, failed);
    return () => {
      over = true;
      clearTimeout(pause);
    };
  }, [scenario, resting, samples]);

  // At rest: the whole page, at once on a thousand paths, then on ten thousand.
  useEffect(() => {
    if (!resting) return;
    let over = false;
    const ask = async (paths: number) => {
      const found = await whole({ page, ...asked(scenario), ...(props.only && props.published ? { only: props.only } : {}), paths, samples: samples ? SAMPLES : 0, whole: true });
      if (over || !found) return;
      const answer = { ...found, of: keyOf(scenario) };
      setFresh(null);
      setShown(answer);
      setBusy(false);
      if (rested.current.of !== answer.of) rested.current = { of: answer.of, by: new Map() };
      rested.current.by.set(answer.paths, answer.outputs);
      props.onAnswer(answer);
    };
    // What stays behind a moving lever is of as many paths as the lines that move: it is made before a hand comes.
    const ready = async () => {
      const before = await whole({ page, ...asked(scenario), paths: DRAG_PATHS });
      if (over || !before) return;
      rested.current.by.set(before.paths, before.outputs);
      await baseline(page, DRAG_PATHS);
    };
    setBusy(true);
    const both = async () => {
      await ask(FIRST_PATHS);
      await new Promise((resolve) => setTimeout(resolve, REST_AFTER_MS));
      if (!over) await ask(props.restPaths);
      if (!over && !props.only) await ready();
    };
    both().catch((problem: unknown) => !over && failed(problem));
    return () => {
      over = true;
    };
  }, [page, scenario, resting, samples]);

  // The paired difference: of what is on screen while a lever moves, of the whole page on as many paths as it has at rest.
  const pairOf = keyOf(scenario) + LESS + keyOf(kept ?? BASE);
  useEffect(() => {
    if (view !== "difference") return setCompared(null);
    if (!shown?.sections) return;
    const charts = shown.sections.flatMap((section) => section.charts).filter(({ id }) => resting || visible.current.has(id));
    const keys = [...new Set(charts.flatMap((chart) => (chart.series ?? []).flatMap((one) => (one.key ? [one.key] : []))))];
    const paths = resting ? shown.paths : DRAG_PATHS;
    paired({ a: asked(kept ?? BASE), b: asked(scenario), outputs: keys.filter((key) => shown.outputs[key]), paths }).then(
      (answer) => answer && setCompared({ ...answer, of: pairOf }),
      failed,
    );
  }, [view, pairOf, resting, page, shown?.sections?.length, resting ? shown?.paths : 0]);

  useEffect(() => {
    const observer = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        if (entry.isIntersecting) visible.current.add(entry.target.id);
        else visible.current.delete(entry.target.id);
      }
    });
    visible.current = new Set();
    box.current?.querySelectorAll("figure[id]").forEach((figure) => observer.observe(figure));
    return () => observer.disconnect();
  }, [page, shown?.sections?.length]);

  // Lines that stand behind are of the same draws as those in front, or are not there.
  const besides = moved && base?.paths === shown?.paths ? base : null;
  const before = resting ? undefined : rested.current.by.get(shown?.paths ?? 0);
  const ghosts = (chart: Chart): Ghost[] =>
    (chart.series ?? []).flatMap((series) => {
      if (!series.key || view === "difference") return [];
      const from = besides?.outputs[series.key];
      const last = before?.[series.key];
      return [
        ...(from ? [{ label: "base", key: series.key, q50: from.q50 }] : []),
        ...(last ? [{ label: "before", key: series.key, q50: last.q50 }] : []),
      ];
    });
  const quarters = shown?.quarters ?? [];
  const outputs = useMemo(() => {
    const from = view === "difference" ? (compared?.difference ?? {}) : (shown?.outputs ?? {}); // never levels under the name of a change
    return Object.fromEntries(Object.entries(from).map(([key, one]) => [key, dated(one, quarters)]));
  }, [shown, compared, view]);
  const drawnFrom = (chart: Chart): unknown[] => [
    chart, view, compared, moved, ...(chart.series ?? []).flatMap(({ key }) =>
      key ? [outputs[key], besides?.outputs[key], before?.[key]] : [],
    ),
  ];
  const drawn = (chart: Chart): Chart => {
    if (view !== "difference") return { ...chart, ghosts: ghosts(chart) };
    const { bands: _bands, lines: _lines, past: _past, dots: _dots, ...rest } = chart; // levels beside no change
    return { ...rest, title: `${chart.title}: change`, kind: chart.kind === "stack" ? "lines" : chart.kind };
  };
  const now = keyOf(scenario);
  /** A chart of another scenario than the one at the left; while a lever moves, those off screen wait for rest. */
  const isStale = (chart: Chart) => view === "difference" ? compared?.of !== pairOf || (chart.series ?? []).some(({ key }) => key && !compared.difference[key]) :
    shown?.of !== now || (fresh !== null && (chart.series ?? []).some(({ key }) => key && !fresh.has(key))) || (fresh !== null && !(chart.series ?? []).length);
  const keyed = (chart: Chart) => (chart.series ?? []).length > 0 && (chart.series ?? []).every((series) => series.key);

  const { model } = useFacts();
  const facts = useMemo(() => {
    const here = wordsOf(shown?.of ?? "");
    if (view === "difference" && compared)
      return { model, scenario: (compared.of ?? "").split(LESS).map(wordsOf).join(" minus "), paths: compared.pairs, seed: shown?.seed ?? null };
    return { model, scenario: here, paths: shown?.paths ?? null, seed: shown?.seed ?? null };
  }, [shown, compared, view, model]);

  if (!shown) return <p class="starting" role="status">{busy ? "Running the model." : "No answer yet."}</p>;
  return (
    <FactsOf.Provider value={facts}>
    <div ref={box} aria-busy={busy}>
      {view === "difference" && (
        <p class="difference-note" role="status">
          {compared?.of === pairOf
            ? `Change from ${kept ? "A" : "the base case"} to here, path by path, in the charts below: ${compared.pairs.toLocaleString("en-GB")} pairs${compared.redrawn ? `, ${compared.redrawn} with another draw` : ""}.`
            : "Pairing the paths."}
        </p>
      )}
      {sections.map((section) => {
        const charts = view === "difference" ? section.charts.filter(keyed) : section.charts;
        if (charts.length === 0) return null;
        return (
          <PageSection key={section.id} id={section.id} title={section.title} stacked>
            {section.lead && !props.only && <p class="section-lead"><Terms text={section.lead} /></p>}
            <div class="charts">
              {charts.map((chart, index) => {
                const full = arrange(charts)[index] ?? true;
                return (
                  <div
                    key={chart.id} class={`chart-box${full ? " wide" : ""}${isStale(chart) ? " stale" : ""}`} aria-busy={isStale(chart)}
                    data-scenario={isStale(chart) ? "" : now} data-paths={view === "difference" ? compared?.paths : shown.paths}
                    data-against={view === "difference" ? keyOf(kept ?? BASE) : undefined}
                  >
                    <Still from={[...drawnFrom(chart), full]} draw={() => (
                      <Figure chart={drawn(chart)} outputs={outputs} full={full}>
                        {chart.kind === "fan" && chart.series?.[0]?.key && (
                          <button type="button" onClick={() => props.onWatch(chart.series?.[0]?.key as string)} aria-label={`Strongest levers of ${chart.title}`}>
                            Levers
                          </button>
                        )}
                        {!props.only && <Explained chart={chart} onExplain={props.onExplain} />}
                        <ChartSources title={chart.title} outputs={outputsOf(chart)} />
                        {!props.only && <ChartTools chart={chart} addressOf={props.addressOf} published={props.published} />}
                      </Figure>
                    )} />
                  </div>
                );
              })}
            </div>
          </PageSection>
        );
      })}
    </div>
    </FactsOf.Provider>
  );
}
