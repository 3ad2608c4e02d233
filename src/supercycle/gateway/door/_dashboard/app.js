// The numbers come whole from the server after every settlement and replace what is shown; nothing is added up here.

import { draw } from "./chart.js";
import { dollars, el, percent, plural, short, table, time } from "./format.js";
import { follow, names } from "./requests.js";

const $ = (id) => document.getElementById(id);
let span = "day";
let latest = null;
let source = null;

const set = (id, text, title) => {
  const node = $(id);
  node.textContent = text;
  if (title !== undefined) node.title = title;
};

const times = (ratio) => (ratio === null ? "no traffic" : `${ratio.toFixed(ratio < 1.1 ? 3 : 2)} x`);

// What was paid over the cheapest target that was good enough, and why it was more.
const market = (data) => {
  set("market-ratio", times(data.ratio), `${data.paid_usd} over ${data.cheapest_usd} USD`);
  const first = data.reasons.length ? `; most: ${data.reasons[0].reason}` : "";
  set("market-more", `${dollars(data.excess_usd)} above the cheapest in 24 hours${first}`);
  const reasons = data.reasons.map((row) => [row.reason, short(row.calls), dollars(row.usd)]);
  const rows = (list, name) => list.map((row) => [name(row), times(row.ratio), dollars(row.paid_usd), dollars(row.excess_usd)]);
  const heads = (word) => [[word], ["Ratio", "n"], ["Paid", "n"], ["Above the cheapest", "n"]];
  $("market-table").replaceChildren(
    reasons.length
      ? table("Above the cheapest, by reason", [["Reason"], ["Calls", "n"], ["Above the cheapest", "n"]], reasons)
      : el("p", { className: "small" }, "Every call went to the cheapest target that was good enough."),
    table("Paid over cheapest, by key", heads("Key"), rows(data.keys, (row) => row.label)),
    table("Paid over cheapest, by hour", heads("Hour, UTC"), rows(data.hours, (row) => time(row.hour_us).slice(0, 16))),
  );
};

const cards = (data) => {
  set("today-usd", dollars(data.today.usd), `${data.today.usd} USD`);
  set("today-more", `${plural(data.today.requests, "request")}, ${short(data.today.tokens)} tokens`);
  set("month-usd", dollars(data.month.usd), `${data.month.usd} USD`);
  set("month-more", `${plural(data.month.requests, "request")} since ${time(data.month.since_us).slice(0, 10)}`);
  const early = data.forecast.usd === null;
  set("forecast-usd", early ? "not yet" : dollars(data.forecast.usd), early ? "" : `${data.forecast.usd} USD`);
  set("forecast-more", data.forecast.basis);
  market(data.market);
  set("saved-usd", dollars(data.saved.usd), `${data.saved.usd} USD`);
  const answers = data.saved.cached_answers ? `, ${plural(data.saved.cached_answers, "repeated answer")} besides` : "";
  set("saved-more", `prompt caches ${dollars(data.saved.cache_usd)}, routing ${dollars(data.saved.routing_usd)}${answers}; estimate`);
  set("flight-n", plural(data.in_flight.attempts, "call"));
  set("flight-more", `${dollars(data.in_flight.reserved_usd)} reserved`);
  const { estimated, orphaned, unpriced } = data.attention;
  const parts = [
    estimated && `${plural(estimated, "call")} estimated`,
    orphaned && `${plural(orphaned, "call")} cut off by a crash and charged at an estimate`,
    unpriced && `${plural(unpriced, "call")} without a price`,
  ].filter(Boolean);
  set("attention", parts.length ? `This month: ${parts.join("; ")}. An invoice can replace them: supercycle gateway reconcile.` : "");
  $("trouble").hidden = !data.trouble;
  set("trouble", data.trouble ? `New calls are refused: ${data.trouble}` : "");
};

const lists = (data) => {
  const heads = [["Key"], ["Requests", "n"], ["Tokens", "n"], ["Cached", "n"], ["Spent", "n"]];
  const keys = data.keys.map((row) => [row.label, short(row.requests), short(row.tokens), percent(row.cached_share), dollars(row.usd)]);
  $("keys").replaceChildren(keys.length ? table("Spending by key", heads, keys) : el("p", { className: "small" }, "None used in this period."));
  const tags = data.tags.map((row) => [row.name, short(row.requests), dollars(row.usd)]);
  $("tags").replaceChildren(
    tags.length
      ? table("Spending by tag", [["Tag"], ["Requests", "n"], ["Spent", "n"]], tags)
      : el("p", { className: "small" }, "No call carried one."),
  );
  $("budgets").replaceChildren(
    ...(data.budgets.length
      ? data.budgets.map((row) => {
          const used = row.spent_share + row.reserved_share;
          const bar = el("progress", { max: 1, value: Math.min(used, 1) });
          bar.setAttribute("aria-label", `${row.label}, ${row.period}: ${percent(used)} used`);
          const text = `${dollars(row.spent_usd)} of ${dollars(row.limit_usd)} a ${row.period === "total" ? "lifetime" : row.period}`;
          const held = Number(row.reserved_usd) ? `, ${dollars(row.reserved_usd)} reserved${Number(row.held_usd) ? ` (${dollars(row.held_usd)} held until an invoice)` : ""}` : "";
          const closed = row.closed ? el("span", { className: "small" }, ` Closed: ${row.closed}. Set it again to open it.`) : null;
          return el("div", { className: `budget ${row.closed || used >= 1 ? "over" : used >= 0.8 ? "near" : ""}` }, el("strong", {}, row.label), bar, text, held, closed);
        })
      : [el("p", { className: "small" }, "None set: supercycle gateway budgets set.")]),
  );
};

const show = (data) => {
  latest = data;
  cards(data);
  draw(data);
  lists(data);
  names(data.models, data.keys);
  follow();
};

const live = (text, kind) => {
  const node = $("live");
  if (node.textContent !== text) node.textContent = text;
  node.className = `live ${kind}`;
};

const listen = () => {
  source?.close();
  source = new EventSource(`/api/dashboard/events?span=${span}`);
  source.addEventListener("overview", (event) => {
    live("live", "on");
    show(JSON.parse(event.data));
  });
  source.addEventListener("error", () =>
    source.readyState === EventSource.CLOSED ? live("not connected: reload the page", "off") : live("reconnecting", ""),
  );
};

for (const button of document.querySelectorAll("[data-span]"))
  button.addEventListener("click", () => {
    span = button.dataset.span;
    for (const other of document.querySelectorAll("[data-span]")) other.setAttribute("aria-pressed", String(other === button));
    listen();
  });

// The answer is an attachment: the page stays, the file is saved.
$("use-traffic").addEventListener("click", () => {
  location.assign("/api/dashboard/profile.json");
  set("decide-next", "Saved as a demand profile. Next: supercycle decide run --usage, and the name of the file.");
});

let waiting = 0;
addEventListener("resize", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => latest && draw(latest), 100);
});

listen();
