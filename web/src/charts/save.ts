// Saving a chart: numbers as CSV, the picture as a stand-alone SVG or as a PNG of twice its size.
import { FONT, wrap } from "./measure";
import type { Table } from "./table";

/** The table; above it a line a fact, each begun with "#", which readers of CSV skip (`comment="#"`). */
export function csvOf(table: Pick<Table, "columns" | "rows">, facts: [string, string][] = []): string {
  const quote = (value: unknown): string => {
    const text = value === null || value === undefined ? "" : String(value);
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const told = facts.map(([key, value]) => `# ${key}: ${value.replaceAll(/[\r\n]+/g, " ")}\r\n`).join("");
  return told + [table.columns, ...table.rows].map((row) => row.map(quote).join(",")).join("\r\n") + "\r\n";
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

export interface About {
  title: string;
  unit: string; // "" when the picture says it itself
  source: string;
  more?: string; // the same and the sources, for the file's own description
  facts: string; // what the picture is of: outputs, scenario, paths, seed, model
}

/** All pictures of a figure under its title, with the source below, in the colours now on screen. */
export function svgOf(figure: Element, about: About): string {
  const pictures = [...figure.querySelectorAll("svg")];
  const page = getComputedStyle(figure);
  const pad = 20;
  const gap = 24;
  const columns = pictures.length > 1 ? 2 : 1;
  const cell = Math.max(...pictures.map((svg) => svg.viewBox.baseVal.width));
  const names = [...figure.querySelectorAll(".panel h3")].map((node) => node.firstChild?.textContent ?? "");
  const header = about.unit ? 68 : 44;
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
  const source = about.source ? wrap(`Source: ${about.source}`, width - 2 * pad, 11, 6) : [];
  if (about.facts) source.push(...wrap(about.facts, width - 2 * pad, 11, 6));
  const soft = getComputedStyle(figure.querySelector(".under") ?? figure).color;
  const height = y + 14 + source.length * 15 + 8;
  const paper = getComputedStyle(document.body).backgroundColor;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" `,
    `font-family="${FONT.replaceAll('"', "&apos;")}">`,
    `<title>${escape(about.title)}</title><desc>${escape(about.more || about.facts)}</desc><rect width="100%" height="100%" fill="${paper}"/>`,
    ...wrap(about.title, width - 2 * pad, 16, 1, 600).map((row) => text(pad, 28, 16, 600, page.color, row)),
    about.unit ? text(pad, 49, 12, 400, soft, about.unit) : "",
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
  saveBlob(name, new Blob([content], { type }));
}

const SHARP = 2; // pixels of the PNG to one of the screen

export function savePng(name: string, svg: string): void {
  const image = new Image();
  image.onload = () => {
    const canvas = document.createElement("canvas");
    canvas.width = image.width * SHARP;
    canvas.height = image.height * SHARP;
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((blob) => blob && saveBlob(name, blob), "image/png");
  };
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
}

function saveBlob(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
