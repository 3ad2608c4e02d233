// Saving a chart: numbers as CSV, the picture as a stand-alone SVG.
import type { Chart } from "../state/data";
import { isShare } from "../state/format";
import { axisWords } from "../state/units";
import { FONT, wrap } from "./measure";
import type { Table } from "./table";

export function csvOf(table: Table): string {
  const quote = (value: unknown): string => {
    const text = value === null || value === undefined ? "" : String(value);
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [table.columns, ...table.rows].map((row) => row.map(quote).join(",")).join("\r\n") + "\r\n";
}

const COPIED = [
  "fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "stroke-linejoin",
  "stroke-linecap", "opacity", "font-size", "font-weight", "paint-order", "font-variant-numeric",
];

function copyLook(from: Element, to: Element): void {
  const look = getComputedStyle(from);
  for (const name of COPIED) {
    const value = look.getPropertyValue(name);
    if (value && value !== "none" && value !== "normal") to.setAttribute(name, value);
    else if (name === "fill" || name === "stroke") to.setAttribute(name, "none");
  }
  to.removeAttribute("class");
  [...from.children].forEach((child, index) => {
    const twin = to.children[index];
    if (twin) copyLook(child, twin);
  });
}

/** All pictures of a figure under its title, with the source below, in the colours now on screen. */
export function svgOf(figure: Element, chart: Chart): string {
  const pictures = [...figure.querySelectorAll("svg")];
  const page = getComputedStyle(figure);
  const pad = 20;
  const gap = 24;
  const columns = pictures.length > 1 ? 2 : 1;
  const cell = Math.max(...pictures.map((svg) => svg.viewBox.baseVal.width));
  const names = [...figure.querySelectorAll(".panel h3")].map((node) => node.firstChild?.textContent ?? "");
  const header = names.length ? 68 : 44;
  let y = header;
  const parts: string[] = [];
  for (let i = 0; i < pictures.length; i += columns) {
    const row = pictures.slice(i, i + columns);
    const named = names.length ? 18 : 0;
    row.forEach((svg, column) => {
      const twin = svg.cloneNode(true) as SVGSVGElement;
      copyLook(svg, twin);
      twin.setAttribute("x", String(pad + column * (cell + gap)));
      twin.setAttribute("y", String(y + named));
      twin.setAttribute("overflow", "visible");
      const name = names[i + column];
      if (name) parts.push(text(pad + column * (cell + gap), y + 10, 12, 600, page.color, name));
      parts.push(new XMLSerializer().serializeToString(twin));
    });
    y += named + Math.max(...row.map((svg) => svg.viewBox.baseVal.height)) + gap / 2;
  }
  const width = pad * 2 + columns * cell + (columns - 1) * gap;
  const source = chart.source ? wrap(`Source: ${chart.source}`, width - 2 * pad, 11, 6) : [];
  const soft = getComputedStyle(figure.querySelector(".under") ?? figure).color;
  const height = y + 14 + source.length * 15 + 8;
  const unit = axisWords(chart.unit, isShare(chart.format, chart.unit) ? "percent" : chart.format);
  const paper = getComputedStyle(document.body).backgroundColor;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" `,
    `font-family="${FONT.replaceAll('"', "&apos;")}">`,
    `<title>${escape(chart.title)}</title><rect width="100%" height="100%" fill="${paper}"/>`,
    ...wrap(chart.title, width - 2 * pad, 16, 1, 600).map((row) => text(pad, 28, 16, 600, page.color, row)),
    unit && names.length > 0 ? text(pad, 49, 12, 400, soft, unit) : "",
    ...parts,
    ...source.map((row, index) => text(pad, y + 20 + index * 15, 11, 400, soft, row)),
    "</svg>",
  ].join("");
}

const escape = (value: string): string =>
  value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

function text(x: number, y: number, size: number, weight: number, fill: string, value: string): string {
  return `<text x="${x}" y="${y}" font-size="${size}" font-weight="${weight}" fill="${fill}">${escape(value)}</text>`;
}

export function save(name: string, type: string, content: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
