// Money comes as exact text; it is shortened here only for the eye, and never added up.

export const dollars = (text) => {
  if (text === null || text === undefined) return "no price";
  const value = Number(text);
  const size = Math.abs(value);
  const digits = size === 0 || size >= 1 ? 2 : size >= 0.01 ? 4 : 6;
  const shown = value.toLocaleString("en", { minimumFractionDigits: digits === 2 ? 2 : 0, maximumFractionDigits: digits });
  if (size > 0 && Number(shown.replaceAll(",", "")) === 0) return `${value < 0 ? "-" : ""}$${size.toExponential(1)}`;
  return shown.startsWith("-") ? `-$${shown.slice(1)}` : `$${shown}`;
};

export const whole = (n) => n.toLocaleString("en");

export const plural = (n, word) => `${whole(n)} ${word}${n === 1 ? "" : "s"}`;

export const short = (n) =>
  n >= 1e9 ? `${(n / 1e9).toFixed(1)}B` : n >= 1e6 ? `${(n / 1e6).toFixed(1)}M` : n >= 1e4 ? `${(n / 1e3).toFixed(0)}k` : whole(n);

export const percent = (share) => (share === null ? "" : `${(100 * share).toFixed(0)} %`);

const pad = (n) => String(n).padStart(2, "0");

export const time = (us) => {
  const t = new Date(us / 1000);
  return `${t.getUTCFullYear()}-${pad(t.getUTCMonth() + 1)}-${pad(t.getUTCDate())} ${pad(t.getUTCHours())}:${pad(t.getUTCMinutes())}:${pad(t.getUTCSeconds())}`;
};

export const tick = (us, step) => {
  const text = time(us);
  return step < 86_400_000_000 ? text.slice(11, 16) : text.slice(5, 10);
};

export const moment = (us, step) => (step < 86_400_000_000 ? `${time(us).slice(0, 16)} UTC` : time(us).slice(0, 10));

// An element with properties and children; text is always text, so nothing a client names can become markup.
export const el = (name, properties = {}, ...children) => {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in node && key !== "list") node[key] = value;
    else node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
};

const SVG = "http://www.w3.org/2000/svg";

export const svg = (name, attributes = {}, ...children) => {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
};

export const table = (label, heads, rows) =>
  el(
    "table",
    { ariaLabel: label },
    el("thead", {}, el("tr", {}, ...heads.map(([text, kind]) => el("th", { scope: "col", className: kind || "" }, text)))),
    el(
      "tbody",
      {},
      ...rows.map((cells) => el("tr", {}, ...cells.map((cell, i) => el("td", { className: heads[i][1] || "" }, cell)))),
    ),
  );
