// The request ledger: newest first, each row with the arithmetic of its price; older pages on demand.

import { dollars, el, table, time, whole } from "./format.js";

const body = document.querySelector("#ledger tbody");
const older = document.getElementById("older");
const note = document.getElementById("older-more");
const filters = ["model", "key", "state"].map((name) => document.getElementById(`filter-${name}`));

let before = null;
let paged = false;
let open = new Set();
let known = new Set();
let asked = 0;

const query = (more) => {
  const said = new URLSearchParams({ limit: "50" });
  for (const field of filters) if (field.value) said.set(field.id.slice("filter-".length), field.value);
  if (more && before) said.set("before", before);
  return `/api/dashboard/requests?${said}`;
};

const served = (request) => request.attempts.map((a) => (a.model ? `${a.provider}/${a.model}` : a.provider)).join(", then ");

const state = (request) => {
  const last = request.attempts[request.attempts.length - 1];
  return last.state === "settled" && request.usd === null ? "unpriced" : last.state;
};

const lines = (attempt) =>
  table(
    `What attempt ${attempt.n} used`,
    [["Kind"], ["Units", "n"], ["USD each", "n"], ["USD", "n"], ["Price"]],
    attempt.lines.filter((line) => line.kind !== "request" || line.usd).map((line) => [
      line.kind, whole(line.units), line.rate_usd ?? "", line.usd ?? (line.kind === "reasoning" ? "in output" : "not charged"), [line.price_id, line.price].filter(Boolean).join("; "),
    ]),
  );

const attempts = (request) =>
  request.attempts.map((attempt) => {
    const facts = [
      attempt.http_status && `HTTP ${attempt.http_status}`,
      attempt.tier && attempt.tier !== "standard" && `tier ${attempt.tier}`,
      attempt.ttft_ms !== null && `first token ${Math.round(attempt.ttft_ms)} ms`,
      attempt.duration_ms !== null && `${Math.round(attempt.duration_ms)} ms in all`,
      attempt.reserve_usd && `reserved ${attempt.reserve_usd} USD`,
      attempt.note,
    ].filter(Boolean);
    return el(
      "div", {},
      el("strong", {}, attempt.n ? `Attempt ${attempt.n}: ${attempt.provider}/${attempt.model}, ${attempt.state}` : "Answered from the exact cache"),
      el("p", { className: "small" }, facts.join(", ")),
      attempt.lines.length ? lines(attempt) : null,
      el("p", { className: "small" }, attempt.formula),
    );
  });

const decision = (request) =>
  request.candidates.length
    ? table(
        "How the route was chosen",
        [["Target"], ["Expected USD", "n"], ["Left out because"]],
        request.candidates.map((c) => [c.target, c.cost_usd === null ? "" : dollars(String(c.cost_usd)), c.out ?? ""]),
      )
    : null;

const rows = (request, fresh) => {
  const id = request.request_id;
  const is = state(request);
  const more = el("tr", { className: "more", id: `more-${id}`, hidden: !open.has(id) });
  const fill = () => {
    const tags = Object.entries(request.tags).map(([k, v]) => `${k}=${v}`).join(", ");
    more.replaceChildren(
      el("td", { colSpan: 7 }, el("div", { className: "detail" },
        el("p", { className: "small" }, el("code", {}, id), ` ${request.route}${tags ? `, tags ${tags}` : ""}`),
        ...attempts(request), decision(request))),
    );
  };
  const button = el("button", { type: "button", className: "open", ariaExpanded: String(open.has(id)) }, time(request.received_us));
  button.setAttribute("aria-controls", more.id);
  button.addEventListener("click", () => {
    const shown = more.hidden;
    shown ? open.add(id) : open.delete(id);
    more.hidden = !shown;
    button.setAttribute("aria-expanded", String(shown));
    if (shown) fill();
  });
  if (!more.hidden) fill();
  const formula = request.attempts.map((a) => a.formula).join("; then ");
  const row = el(
    "tr", { className: fresh ? "fresh" : "" },
    el("td", {}, button), el("td", {}, request.model), el("td", {}, served(request)), el("td", {}, request.key),
    el("td", { className: `state-${is}` }, is), el("td", { className: "n", title: request.usd ?? "" }, request.usd ?? "no price"),
    el("td", {}, formula),
  );
  row.dataset.request = id;
  return [row, more];
};

const load = async (more) => {
  const turn = ++asked;
  const answer = await fetch(query(more));
  const found = await answer.json();
  if (turn !== asked) return;
  if (!answer.ok) {
    note.textContent = found.error;
    return;
  }
  const focused = body.contains(document.activeElement) ? document.activeElement.getAttribute("aria-controls") : null;
  const first = known.size === 0;
  const made = found.requests.flatMap((request) => rows(request, !more && !first && !known.has(request.request_id)));
  if (more) body.append(...made);
  else body.replaceChildren(...made);
  for (const request of found.requests) known.add(request.request_id);
  if (focused) body.querySelector(`[aria-controls="${focused}"]`)?.focus();
  before = found.before;
  older.disabled = before === null;
  if (!body.children.length) body.append(el("tr", {}, el("td", { colSpan: 7, className: "empty" }, "No requests yet.")));
  note.textContent = before === null && body.children.length > 1 ? "That is all of them." : "";
};

// While older pages are shown the table stays as it is; otherwise it follows the ledger.
export const follow = () => (paged ? undefined : load(false));

export const names = (models, keys) => {
  const fill = (select, options) => {
    const chosen = select.value;
    const wanted = [["", "all"], ...options];
    if (select.options.length === wanted.length) return;
    select.replaceChildren(...wanted.map(([value, text]) => el("option", { value }, text)));
    select.value = wanted.some(([value]) => value === chosen) ? chosen : "";
  };
  fill(filters[0], models.map((row) => [row.name, row.name]));
  fill(filters[1], keys.map((row) => [row.name, row.label]));
};

older.addEventListener("click", () => {
  paged = true;
  load(true);
});
document.getElementById("filters").addEventListener("submit", (event) => event.preventDefault());
for (const field of filters)
  field.addEventListener("change", () => {
    paged = false;
    known = new Set();
    load(false);
  });
