// What a running gateway has spent, live: its own numbers as it sends them, nothing added up here.
import { useEffect, useState } from "preact/hooks";
import { get, post } from "../api/client";
import type { SpendStatus } from "../api/types";
import { Figure } from "../charts/figure";
import type { Chart } from "../state/data";

interface Money {
  usd: string;
  requests: number;
  tokens: number;
}
interface Ranked {
  name: string;
  label?: string;
  usd: string;
  requests: number;
  tokens: number;
}
interface Budget {
  label: string;
  period: string;
  limit_usd: string;
  spent_usd: string;
  reserved_usd: string;
  spent_share: number;
}
interface Ledger {
  now_us: number;
  today: Money;
  month: Money;
  forecast: { usd: string | null; basis: string };
  saved: { usd: string };
  in_flight: { attempts: number; reserved_usd: string };
  series: { steps_us: number[]; models: Record<string, string[]> };
  models: Ranked[];
  keys: Ranked[];
  budgets: Budget[];
}

const SHOWN = 8; // models of the chart; the table has them all
const count = (value: number) => value.toLocaleString("en-GB");
const dollars = (usd: string) => `$${usd}`;
const hour = (us: number) => new Date(us / 1000).toISOString().slice(5, 16).replace("T", " ");

function Rows({ title, rows }: { title: string; rows: Ranked[] }) {
  return (
    <section>
      <h2>{title}</h2>
      <table class="data">
        <thead>
          <tr><th scope="col">Name</th><th scope="col" class="number">USD</th><th scope="col" class="number">Requests</th><th scope="col" class="number">Tokens</th></tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.name}>
              <th scope="row">{row.label ?? row.name}</th><td class="number">{row.usd}</td><td class="number">{count(row.requests)}</td><td class="number">{count(row.tokens)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Budgets({ rows }: { rows: Budget[] }) {
  return (
    <section>
      <h2>Budgets</h2>
      {rows.length === 0 && <p class="under">None is set: supercycle gateway budgets --help</p>}
      <ul class="budgets" aria-label="Budgets">
        {rows.map((row) => (
          <li key={row.label + row.period}>
            <span>{row.label}, {row.period}</span>
            <meter min={0} max={1} high={0.9} value={Math.min(1, row.spent_share)} aria-label={`${row.label} spent`} />
            <span>{dollars(row.spent_usd)} of {dollars(row.limit_usd)}, {dollars(row.reserved_usd)} reserved</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function chartOf(ledger: Ledger): Chart | null {
  const x = ledger.series.steps_us.map(hour);
  const names = ledger.models.map(({ name }) => name).filter((name) => name in ledger.series.models).slice(0, SHOWN);
  if (x.length < 2 || names.length === 0) return null;
  return {
    id: "spend-by-model", title: "Spending by model, last day", kind: "stack", unit: "USD/h", x,
    series: names.map((name) => ({ label: name, values: (ledger.series.models[name] ?? []).map(Number) })),
    source: "the gateway's ledger, hours in UTC",
  };
}

export function SpendPage() {
  const [status, setStatus] = useState<SpendStatus | null>(null);
  const [ledger, setLedger] = useState<Ledger | null>(null);
  const [problem, setProblem] = useState("");
  const [live, setLive] = useState(false);
  useEffect(() => {
    get("/api/spend").then(setStatus, (error: Error) => setProblem(error.message));
  }, []);
  useEffect(() => {
    if (!status?.named) return;
    const events = new EventSource("/api/spend/events");
    events.addEventListener("overview", (event) => {
      setLedger(JSON.parse(event.data) as Ledger);
      setLive(true);
      setProblem("");
    });
    events.addEventListener("away", (event) => {
      setLive(false);
      setProblem((JSON.parse(event.data) as { error: string }).error);
    });
    events.onerror = () => setLive(false); // the browser asks again by itself
    return () => events.close();
  }, [status]);
  const connect = (event: Event) => {
    event.preventDefault();
    const field = (event.currentTarget as HTMLFormElement).elements.namedItem("link") as HTMLInputElement;
    post("/api/spend/link", { link: field.value }).then(
      (answer) => {
        field.value = ""; // the link holds a token
        setProblem("");
        setStatus(answer);
      },
      (error: Error) => setProblem(error.message),
    );
  };
  const chart = ledger && chartOf(ledger);
  return (
    <>
      <h1>Spend</h1>
      <p class="section-lead">What a running gateway has spent, live from its ledger. Money is exact: every cent is a posting.</p>
      {status && !status.named && (
        <form class="editor-head" onSubmit={connect}>
          <label for="gateway-link">No gateway is connected. Its link, as <code>supercycle gateway start</code> prints it:</label>
          <input id="gateway-link" name="link" type="text" size={44} autocomplete="off" placeholder="http://127.0.0.1:4001/login?token=..." />
          <button type="submit" class="primary">Connect</button>
        </form>
      )}
      {problem && <p class="failed" role="alert">{problem}{status?.named ? "; trying again" : ""}.</p>}
      {status?.named && (
        <p class="under" role="status">{live ? "live" : "waiting"}, <a href={status.address ?? "#"} target="_blank" rel="noopener noreferrer">{status.address}</a></p>
      )}
      {ledger && (
        <>
          <dl class="numbers-row spend">
            <div><dt>Today</dt><dd><b>{dollars(ledger.today.usd)}</b> <span class="unit">{count(ledger.today.requests)} requests, {count(ledger.today.tokens)} tokens</span></dd></div>
            <div><dt>This month</dt><dd><b>{dollars(ledger.month.usd)}</b> <span class="unit">{count(ledger.month.requests)} requests</span></dd></div>
            <div><dt>Month's end</dt><dd><b>{ledger.forecast.usd === null ? "–" : dollars(ledger.forecast.usd)}</b> <span class="unit">{ledger.forecast.basis}</span></dd></div>
            <div><dt>Saved this month</dt><dd><b>{dollars(ledger.saved.usd)}</b> <span class="unit">by caches and routing</span></dd></div>
            <div><dt>In flight</dt><dd><b>{count(ledger.in_flight.attempts)}</b> <span class="unit">{dollars(ledger.in_flight.reserved_usd)} reserved</span></dd></div>
          </dl>
          {chart && <Figure chart={chart} outputs={{}} />}
          <div class="spend-tables">
            <Rows title="By model" rows={ledger.models} />
            <Rows title="By key" rows={ledger.keys} />
            <Budgets rows={ledger.budgets} />
          </div>
        </>
      )}
    </>
  );
}
