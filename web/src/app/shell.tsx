// The app: a scenario under the hand at the left, what follows from it at the right.
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { get, latest, watchServer } from "../api/client";
import { TornadoBars } from "../charts/tornado";
import { Assumptions } from "../parts/assumptions";
import { Drawer } from "../parts/drawer";
import { Levers } from "../parts/levers";
import { Words } from "../parts/terms";
import { copy, writeAddress } from "../state/browser";
import { FactsOf, NOTHING_KNOWN, scenarioWords } from "../state/facts";
import { SourcesOf } from "../state/sources";
import { readTray, type Named } from "../state/tray";
import { BASE, readAddress, same, written, type Lever, type Scenario } from "../state/scenario";
import { findSources } from "../api/sources";
import { AnswerHead } from "./answer_head";
import { ComparePage } from "./compare";
import { Dialogs } from "./dialogs";
import { BustPanel, GridToToken, LossWaterfall } from "./flows";
import { FiguresPage } from "./figures";
import { AboutPage, ClaimsPage, GlossaryPage } from "./knowledge";
import { asked, keyOf, PAGES, REPORT, RUN_PAGES, type Answer, type First, type Schema, type Tornado } from "./model";
import { DealsPage, DecidePage } from "./reports";
import { RunPage } from "./run_page";
import { SpendPage } from "./spend";
import { StressPanel } from "./stress";
import { Tray } from "./tray";
import { useUndo } from "./undo";
import { TOUR } from "./tour";

// Whose strongest levers a page shows first; "Levers" under a fan chart shows another's.
const IN_VIEW: Record<string, string> = {
  overview: "fleet_it_gw", build: "fleet_it_gw", financing: "maturing_usd_bn", labs: "utilisation", pays: "ai_revenue_run_rate", stress: "credit_loss_usd_bn",
  bust: "credit_loss_usd_bn", // most paths have no bust: the median of wealth lost is zero whatever a lever does
};
const IN_REACH = 10; // levers that stand open at the left: the strongest of what is in view
const REST_MS = 350;
const ADDRESS_MS = 120; // while a lever moves: browsers refuse hundreds of addresses a second
const REST_PATHS = { whole: 10000, small: 4000 }; // at rest; small where a page computes with one or two processors
const ALONE = "chart/"; // before a chart's id, in an address
const EDGE = 60; // pixels of the navigation before the page one is on
const NARROW = 820; // below it the levers stand above the page, folded (app.css)
const strongest = latest("/api/tornado");

export function Shell({ schema, first: before }: { schema: Schema; first?: First }) {
  const levers = useMemo(() => new Map<string, Lever>(schema.parameters.map((one) => [one.id, one])), [schema]);
  const pages = useMemo(() => PAGES.filter(([id]) => (id === REPORT ? before !== undefined : !schema.shown || schema.shown.includes(id))), [schema]);
  const pageNames = useMemo(() => pages.map(([id]) => id as string), [pages]);
  const addresses = useMemo(() => [...pageNames, ...Object.keys(schema.charts).map((id) => `${ALONE}${id}`)], [pageNames]);
  const presetNames = useMemo(() => schema.presets.map(({ name }) => name), [schema]);
  const first = useMemo(() => {
    const read = readAddress(location.hash, addresses, presetNames, levers);
    if (!before || location.hash.length > 2) return read;
    return { ...read, address: { ...read.address, page: REPORT, scenario: before.scenario } }; // the report is the file's first page
  }, []);
  const [page, setPage] = useState(first.address.page);
  const [scenario, setScenario] = useState<Scenario>(first.address.scenario);
  const [kept, setKept] = useState<Scenario | null>(first.address.kept);
  const [view, setView] = useState(first.address.view);
  const [item, setItem] = useState(first.address.item ?? "");
  const [resting, setResting] = useState(true);
  const [samples, setSamples] = useState(false);
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [problems, setProblems] = useState<string[]>(first.problems);
  const [lost, setLost] = useState(false);
  const [explained, setExplained] = useState("");
  const [dialog, setDialog] = useState("");
  const [stop, setStop] = useState(-1);
  const [watched, setWatched] = useState(IN_VIEW[page] ?? "fleet_it_gw");
  const [bars, setBars] = useState<Tornado | null>(null);
  const [theme, setTheme] = useState<string>(document.documentElement.dataset["theme"] ?? "");
  const [compiled, setCompiled] = useState(true);
  const [{ kept: stored, lasting }] = useState(readTray);
  const [tray, setTray] = useState<Named[]>(stored);
  const [ticked, setTicked] = useState<string[]>([]);
  const [panel, setPanel] = useState(innerWidth > NARROW);
  const timer = useRef<number | undefined>(undefined);
  const heard = useRef(location.hash); // the address this page has read or written
  const turned = useRef(false); // a page has been opened before
  const mine = useRef<{ page: string; scenario: Scenario } | null>(null); // what the tour gives back

  const preset = schema.presets.find(({ name }) => name === scenario.preset);
  const start = useMemo(
    () => Object.fromEntries((preset?.set ?? []).map((one) => [one.parameter, one.value ?? one.default ?? 0])),
    [preset],
  );
  const only = page.startsWith(ALONE) ? page.slice(ALONE.length) : ""; // a chart at an address of its own
  const under = only ? (schema.charts[only] ?? "overview") : page;
  const isRun = RUN_PAGES.includes(under);
  const put = (next: Scenario) => {
    setScenario(next);
    setResting(true);
  };
  const undo = useUndo(scenario, resting, put);
  const onScreen = useRef({ scenario, kept, view });
  onScreen.current = { scenario, kept, view };
  const addressOf = useCallback((chart: string) => written({ page: `${ALONE}${chart}`, ...onScreen.current }), []);
  const sources = useMemo(() => findSources(), []);

  useEffect(() => watchServer(setLost), []);
  useLayoutEffect(() => {
    const write = () => {
      if (location.hash !== heard.current) return; // a link was followed and its event is on its way
      const address = written({ page, scenario, kept, view, item });
      if (location.hash !== address) writeAddress(address);
      heard.current = location.hash;
    };
    if (resting) return write(); // at rest the address is that of the screen, at once
    const later = setTimeout(write, ADDRESS_MS);
    return () => clearTimeout(later);
  }, [page, scenario, kept, view, item, resting]);
  useEffect(() => {
    setWatched((was) => IN_VIEW[page] ?? was);
    setBars(null); // those of the last page's output
    if (turned.current) scrollTo({ top: 0 }); // a new page opens at its top
    turned.current = true;
    const here = document.querySelector('.app-head a[aria-current="page"]');
    const nav = here?.closest("nav");
    if (here && nav) {
      const [inner, outer] = [here.getBoundingClientRect(), nav.getBoundingClientRect()]; // where one is stays in view
      if (inner.left < outer.left || inner.right > outer.right) nav.scrollLeft += inner.left - outer.left - EDGE;
    }
    document.title = `${PAGES.find(([id]) => id === page)?.[1] ?? "supercycle"} – supercycle`;
  }, [page]);
  useEffect(() => {
    const changed = () => {
      heard.current = location.hash;
      const next = readAddress(location.hash, addresses, presetNames, levers);
      setPage(next.address.page);
      setScenario((was) => (same(was, next.address.scenario) ? was : next.address.scenario));
      setKept(next.address.kept);
      setView(next.address.view);
      setItem(next.address.item ?? "");
      setProblems(next.problems);
    };
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  useEffect(() => {
    if (theme) document.documentElement.dataset["theme"] = theme;
    else delete document.documentElement.dataset["theme"];
  }, [theme]);
  useEffect(() => {
    let stopped = false;
    const look = async () => {
      try {
        const status = await get("/api/status");
        if (stopped) return;
        if (status.failed) setProblems((was) => [...was, `the kernels could not be compiled: ${status.failed}`]);
        if (status.compiled || status.failed) {
          setCompiled((was) => {
            if (!was) setScenario((now) => ({ ...now })); // the provisional answer is replaced
            return true;
          });
          return;
        }
        setCompiled(false);
      } catch {
        // the banner says it
      }
      setTimeout(look, 700);
    };
    void look();
    return () => {
      stopped = true;
    };
  }, []);

  const move = useCallback((id: string, value: number | null, now: boolean) => {
    setScenario((was) => {
      const set = { ...was.set };
      if (value === null) delete set[id];
      else set[id] = Number(value.toPrecision(6));
      return { ...was, set };
    });
    setResting(false);
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => setResting(true), now ? 60 : REST_MS);
  }, []);
  const choose = (name: string) => {
    setScenario({ preset: name, set: {} });
    setResting(true);
  };

  useEffect(() => {
    if (!resting || !isRun || only) return;
    const of = keyOf(scenario);
    strongest({ ...asked(scenario), output: `${watched}:2030Q4` }).then((found) => found && setBars({ ...found, of }), (problem: Error) => {
      setBars(null);
      said(`the strongest levers could not be found: ${problem.message}`);
    });
  }, [scenario, watched, resting, isRun, only, page]); // two pages may watch one output: the bars of the last are gone
  const go = (by: number) => {
    const at = pageNames.indexOf(page);
    setItem("");
    setPage(pageNames[(at + by + pageNames.length) % pageNames.length] ?? "overview");
  };
  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.ctrlKey || event.metaKey || event.altKey || /^(TEXTAREA|SELECT)$/.test(target.tagName)) return;
      if (target.tagName === "INPUT" && (target as HTMLInputElement).type !== "range") return;
      const acts: Record<string, () => void> = {
        "?": () => setDialog("keys"),
        "/": () => search(""),
        n: () => go(1), p: () => go(-1), x: swap, k: () => setKept(scenario), s: () => setSamples((was) => !was),
        d: () => setView((was) => (was === "levels" ? "difference" : "levels")),
        r: () => choose(scenario.preset),
        z: () => undo.step(-1), Z: () => undo.step(1),
        t: () => setTheme((was) => (was === "" ? "dark" : was === "dark" ? "light" : "")),
      };
      const act = acts[event.key];
      if (!act) return;
      event.preventDefault();
      act();
    };
    addEventListener("keydown", key);
    return () => removeEventListener("keydown", key);
  });
  useEffect(() => {
    const here = TOUR[stop];
    if (!here) {
      if (mine.current) {
        setPage(mine.current.page);
        setScenario(mine.current.scenario);
        setResting(true);
        mine.current = null;
      }
      return;
    }
    mine.current ??= { page, scenario };
    setPage(here.page);
    setScenario(here.scenario);
    setResting(true);
  }, [stop]);

  const vocabulary = useMemo(
    () => ({
      terms: schema.glossary,
      open: (word: string) => {
        setItem(word);
        setPage("glossary");
      },
    }),
    [schema],
  );
  const assumptions = useMemo(
    () => schema.parameters.map((one) => ({ ...one, value: scenario.set[one.id] ?? start[one.id] ?? one.default })),
    [schema, scenario, start],
  );
  const said = (problem: string) => setProblems((was) => (was.includes(problem) ? was : [...was, problem]));
  const search = (words: string) => {
    setPanel(true);
    setTimeout(() => {
      const box = document.getElementById("lever-search") as HTMLInputElement | null;
      if (!box) return;
      box.value = words;
      box.dispatchEvent(new Event("input", { bubbles: true }));
      box.focus();
    });
  };
  const swap = () => {
    if (!kept) return;
    setScenario(kept);
    setKept(scenario);
    setResting(true);
  };
  const facts = useMemo(() => ({ ...NOTHING_KNOWN, model: schema.model_hash }), [schema]);
  const changedCount = Object.keys(scenario.set).length;
  const runPage = (
    <RunPage
      key={page} page={under} only={only} scenario={scenario} kept={kept} view={view} resting={resting} samples={samples}
      published={schema.alone !== undefined} addressOf={addressOf}
      restPaths={schema.alone && (navigator.hardwareConcurrency || 2) <= 2 ? REST_PATHS.small : REST_PATHS.whole}
      onAnswer={setAnswer} onProblem={said} onWatch={setWatched} onExplain={setExplained}
    />
  );
  const inView = useMemo(() => (bars?.rows.some((one) => one.low || one.high) ? { label: bars.label, ids: bars.rows.slice(0, IN_REACH).map((one) => one.parameter) } : null), [bars]);

  if (only)
    return (
      <FactsOf.Provider value={facts}>
        <SourcesOf.Provider value={sources}>
          <main id="results" class="chart-alone">
            <h1 class="hidden">{only}</h1>
            {problems.length > 0 && <ul class="banner warn" role="alert">{problems.map((one) => <li key={one}>{one}</li>)}</ul>}
            {runPage}
            <p class="under">
              {scenarioWords(scenario.preset, scenario.set)}; {answer?.of === keyOf(scenario) ? `${answer.paths.toLocaleString("en-GB")} paths` : "computing"}.{" "}
              <a href={written({ page: under, scenario, kept, view })}>Open it in the model</a>
            </p>
          </main>
        </SourcesOf.Provider>
      </FactsOf.Provider>
    );
  return (
    <Words.Provider value={vocabulary}>
      <FactsOf.Provider value={facts}>
      <SourcesOf.Provider value={sources}>
      <a class="skip" href="#results" onClick={(event) => { event.preventDefault(); document.getElementById("results")?.focus(); }}>Skip to the results</a>
      <header class="app-head">
        <span class="wordmark">supercycle</span>
        <nav aria-label="Pages">
          <ul>
            {pages.map(([id, title]) => (
              <li key={id}>
                <a href={written({ page: id, scenario, kept, view })} aria-current={page === id ? "page" : undefined}>{title}</a>
              </li>
            ))}
          </ul>
        </nav>
        <div class="head-tools">
          {!schema.alone && <button type="button" onClick={() => setStop(0)}>Tour</button>}
          <button type="button" onClick={() => setDialog("reproduce")}>Reproduce</button>
          <button type="button" onClick={() => { void copy(location.href); setDialog("share"); }}>Share</button>
          <button type="button" onClick={() => setTheme(theme === "" ? "dark" : theme === "dark" ? "light" : "")} aria-label={`Theme: ${theme || "auto"}`}>{theme || "auto"}</button>
          <button type="button" onClick={() => setDialog("keys")} aria-label="Keyboard help">?</button>
        </div>
      </header>
      {lost && <p class="banner bad" role="alert">The app's server does not answer. Your scenario is kept; trying again every second.</p>}
      {!compiled && <p class="banner" role="status">Compiling the model: answers come from the reference on 200 paths until then and are provisional.</p>}
      {problems.length > 0 && (
        <div class="banner warn" role="alert">
          <ul>{problems.map((one) => <li key={one}>{one}</li>)}</ul>
          <button type="button" onClick={() => setProblems([])} aria-label="Dismiss the messages">×</button>
        </div>
      )}
      {stop >= 0 && TOUR[stop] && (
        <section class="tour" aria-label="Tour" aria-live="polite">
          <p><b>{stop + 1} of {TOUR.length}. {TOUR[stop].title}.</b> {TOUR[stop].text}</p>
          <div>
            <button type="button" disabled={stop === 0} onClick={() => setStop(stop - 1)}>Back</button>
            {stop < TOUR.length - 1 ? <button type="button" class="primary" onClick={() => setStop(stop + 1)}>Next</button> : null}
            <button type="button" onClick={() => setStop(-1)}>End the tour</button>
          </div>
        </section>
      )}
      <div class={isRun && panel ? "app-body with-panel" : "app-body"}>
        {isRun && (
          <aside class="side" aria-label="Scenario">
            <button type="button" class="side-toggle" aria-expanded={panel} onClick={() => setPanel(!panel)}>{panel ? "Hide levers" : "Levers"}</button>
            {panel && (
              <>
                <label for="preset">Preset</label>
                <select id="preset" value={scenario.preset} onChange={(event) => choose(event.currentTarget.value)}>
                  {schema.presets.map((one) => <option key={one.name} value={one.name}>{one.title}</option>)}
                </select>
                {preset && preset.name !== "base" && <p class="story">{preset.story}</p>}
                <div class="ab" role="group" aria-label="Comparison">
                  <button type="button" onClick={() => setKept(scenario)}>Keep as A</button>
                  <button type="button" disabled={!kept} onClick={swap}>Swap A and B</button>
                  <button type="button" aria-pressed={view === "difference"} onClick={() => setView(view === "levels" ? "difference" : "levels")}>Difference</button>
                  <button type="button" aria-pressed={samples} onClick={() => setSamples(!samples)}>20 sample paths</button>
                  <button type="button" disabled={!undo.canUndo} onClick={() => undo.step(-1)}>Undo</button>
                  <button type="button" disabled={!undo.canRedo} onClick={() => undo.step(1)}>Redo</button>
                  <button type="button" disabled={changedCount === 0} onClick={() => choose(scenario.preset)}>Reset {changedCount || ""}</button>
                </div>
                <p class="under">{kept ? `A: ${kept.preset}${Object.keys(kept.set).length ? ` with ${Object.keys(kept.set).length} moved` : ""}` : "Without A, differences are to the base case."}</p>
                <Tray
                  scenario={scenario} kept={tray} lasting={lasting} ticked={ticked} presets={schema.presets} levers={levers} onKept={setTray} onTicked={setTicked}
                  onOpen={put} onCompare={() => setPage("compare")} onProblem={said}
                />
                <Levers
                  levers={schema.parameters} blocks={schema.blocks} start={start} set={scenario.set} strongest={inView} onMove={move}
                  onExplain={setExplained}
                />
              </>
            )}
          </aside>
        )}
        <main id="results" tabIndex={-1}>
          {isRun && (
            <>
              <AnswerHead
                title={PAGES.find(([id]) => id === page)?.[1] ?? ""} answer={answer} stale={answer?.of !== keyOf(scenario)} moving={!resting}
                onExplain={setExplained}
              />
              {page === "bust" && <BustPanel scenario={scenario} resting={resting} />}
              {page === "stress" && <StressPanel scenario={scenario} onProblem={said} onExplain={setExplained} />}
              {runPage}
              {page === "overview" && !schema.alone && <GridToToken scenario={scenario} resting={resting} />}
              {(page === "financing" || page === "bust") && !schema.alone && <LossWaterfall scenario={scenario} resting={resting} />}
              {bars && (
                <section
                  class={bars.of === keyOf(scenario) ? "section stacked" : "section stacked stale"} aria-labelledby="tornado-heading"
                  aria-busy={bars.of !== keyOf(scenario)} data-scenario={bars.of === keyOf(scenario) ? bars.of : ""} data-paths={bars.paths}
                >
                  <div class="lead"><h2 id="tornado-heading">Strongest levers</h2></div>
                  <div class="body">
                    <TornadoBars
                      found={bars} onExplain={setExplained} onPick={(id) => search(levers.get(id)?.label ?? id)}
                    />
                  </div>
                </section>
              )}
            </>
          )}
          {page === REPORT && before?.view}
          {page === "compare" && <ComparePage chosen={tray.filter((one) => ticked.includes(one.name))} scenario={scenario} />}
          {page === "deals" && <DealsPage scenario={scenario} />}
          {page === "decide" && <DecidePage scenario={scenario} />}
          {page === "spend" && <SpendPage />}
          {page === "claims" && <ClaimsPage item={item} onItem={setItem} />}
          {page === "figures" && <FiguresPage item={item} onItem={setItem} />}
          {page === "assumptions" && (
            <>
              <h1>Assumptions</h1>
              <p class="section-lead">Every number the model is given, its range, and where it comes from; moved ones stand beside their defaults.</p>
              <Assumptions items={assumptions} onExplain={setExplained} onSet={(id, value) => move(id, value, true)} />
            </>
          )}
          {page === "glossary" && <GlossaryPage schema={schema} wanted={item} />}
          {page === "about" && <AboutPage schema={schema} />}
        </main>
      </div>
      {explained && <Drawer name={explained} scenario={scenario} onName={setExplained} onClose={() => setExplained("")} />}
      <Dialogs open={dialog} scenario={scenario} against={view === "difference" ? (kept ?? BASE) : null} alone={schema.alone !== undefined} onClose={() => setDialog("")} />
      <footer class="app-foot"><p>Not investment advice. {schema.alone ? "The model runs in this page; it asks nothing of any other." : "Nothing leaves this machine."}</p></footer>
      </SourcesOf.Provider>
      </FactsOf.Provider>
    </Words.Provider>
  );
}

