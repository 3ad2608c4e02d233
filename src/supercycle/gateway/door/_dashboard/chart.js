// A stacked area of spending by model, flat within each step because a step is a sum. Pointer or arrow keys read out one step; the same numbers are in the table.

import { dollars, el, moment, svg, table, tick } from "./format.js";

const SHOWN = 6;
const RIGHT = 8, TOP = 8, BOTTOM = 22, LETTER = 6.3;
const PARTS = [0, 0.25, 0.5, 0.75, 1];

const host = document.getElementById("chart");
const reading = document.getElementById("chart-reading");
const legend = document.getElementById("legend");
const tableHost = document.getElementById("chart-table");

let drawn = null;
let at = null;

// The dearest models have a band of their own, the rest share one.
const bands = (series, ranked) => {
  const names = ranked.map((row) => row.name).filter((name) => name in series.models);
  const own = names.length > SHOWN + 1 ? names.slice(0, SHOWN) : names;
  const out = own.map((name) => ({ name, values: series.models[name].map(Number) }));
  const rest = names.slice(own.length);
  if (rest.length) {
    const values = series.steps_us.map((_, i) => rest.reduce((sum, name) => sum + Number(series.models[name][i]), 0));
    out.push({ name: `${rest.length} others`, values });
  }
  return out;
};

const ceiling = (value) => {
  if (value <= 0) return 1;
  const base = 10 ** Math.floor(Math.log10(value));
  return [1, 1.5, 2, 3, 4, 5, 6, 8, 10].map((m) => m * base).find((m) => m >= value);
};

export const draw = (data) => {
  const { steps_us: steps } = data.series;
  const stack = bands(data.series, data.models);
  const sums = steps.map((_, i) => stack.reduce((sum, band) => sum + band.values[i], 0));
  const top = ceiling(Math.max(...sums, 0));
  const width = Math.max(host.clientWidth, 200), height = host.clientHeight || 240;
  const labels = PARTS.map((part) => dollars(String(Number((top * part).toPrecision(4)))));
  const left = 12 + LETTER * Math.max(...labels.map((label) => label.length));
  const x = (i) => left + (i / steps.length) * (width - left - RIGHT);
  const y = (value) => height - BOTTOM - (Math.max(value, 0) / top) * (height - TOP - BOTTOM);
  drawn = { steps, stack, sums, x, left, width, step: data.step_us };
  const root = svg("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
  PARTS.forEach((part, i) => {
    const line = y(top * part);
    root.append(
      svg("line", { x1: left, x2: width - RIGHT, y1: line, y2: line, class: part ? "grid" : "axis" }),
      svg("text", { x: left - 6, y: line + 4, "text-anchor": "end" }, labels[i]),
    );
  });
  const every = Math.ceil(steps.length / Math.max(2, Math.floor((width - left) / 70)));
  steps.forEach((us, i) => {
    if (i % every === 0) root.append(svg("text", { x: x(i), y: height - 6, "text-anchor": "middle" }, tick(us, data.step_us)));
  });
  let below = steps.map(() => 0);
  stack.forEach((band, place) => {
    const above = below.map((value, i) => value + band.values[i]);
    const edge = (values) => values.flatMap((v, i) => [`${x(i)},${y(v)}`, `${x(i + 1)},${y(v)}`]);
    const points = [...edge(above), ...edge(below).reverse()];
    root.append(svg("polygon", { points: points.join(" "), class: `band s${place}` }));
    below = above;
  });
  const cursor = svg("line", { class: "cursor", y1: TOP, y2: height - BOTTOM, visibility: "hidden" });
  root.append(cursor);
  drawn.cursor = cursor;
  host.replaceChildren(root);
  const total = sums.reduce((a, b) => a + b, 0);
  if (total === 0) host.replaceChildren(el("p", { className: "empty" }, "Nothing was spent in this period."));
  host.setAttribute(
    "aria-label",
    `Spending by model over time, ${stack.length ? stack.map((band) => band.name).join(", ") : "none"}. Arrow keys read it out.`,
  );
  legend.replaceChildren(
    ...stack.map((band, place) => {
      const mark = svg("svg", { viewBox: "0 0 10 10", "aria-hidden": "true", class: "chart" }, svg("rect", { width: 10, height: 10, rx: 2, class: `s${place}` }));
      const row = data.models.find((model) => model.name === band.name);
      return el("li", {}, mark, `${band.name}${row ? ` ${dollars(row.usd)}` : ""}`);
    }),
  );
  const heads = [["From, UTC"], ...stack.map((band) => [band.name, "n"]), ["All", "n"]];
  const rows = steps.map((us, i) => [moment(us, data.step_us), ...stack.map((band) => dollars(String(band.values[i]))), dollars(String(sums[i]))]);
  tableHost.replaceChildren(table("Spending by model", heads, rows.reverse()));
  if (at !== null) read(Math.min(at, steps.length - 1));
};

const read = (i) => {
  if (!drawn || !drawn.steps.length) return;
  at = Math.max(0, Math.min(i, drawn.steps.length - 1));
  const parts = drawn.stack.filter((band) => band.values[at] > 0).map((band) => `${band.name} ${dollars(String(band.values[at]))}`);
  reading.textContent = `${moment(drawn.steps[at], drawn.step)}: ${dollars(String(drawn.sums[at]))}${parts.length ? ` (${parts.join(", ")})` : ""}`;
  drawn.cursor.setAttribute("x1", drawn.x(at + 0.5));
  drawn.cursor.setAttribute("x2", drawn.x(at + 0.5));
  drawn.cursor.setAttribute("visibility", "visible");
};

const leave = () => {
  at = null;
  reading.textContent = "";
  if (drawn) drawn.cursor.setAttribute("visibility", "hidden");
};

host.addEventListener("pointermove", (event) => {
  if (!drawn) return;
  const place = (event.clientX - host.getBoundingClientRect().left - drawn.left) / (drawn.width - drawn.left - RIGHT);
  read(Math.floor(place * drawn.steps.length));
});
host.addEventListener("pointerleave", () => document.activeElement === host || leave());
host.addEventListener("blur", leave);
host.addEventListener("keydown", (event) => {
  if (!drawn) return;
  const last = drawn.steps.length - 1;
  const to = { ArrowLeft: (at ?? last + 1) - 1, ArrowRight: (at ?? last - 1) + 1, Home: 0, End: last }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  read(to);
});
