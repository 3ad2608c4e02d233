// Numbers for people. Three significant digits carry what a model can claim; the CSV holds the rest.
import type { Format, Num } from "./data";

export const MISSING = "–";
const MINUS = "\u2212";

const cache = new Map<string, Intl.NumberFormat>();
function formatter(digits: number): Intl.NumberFormat {
  const key = String(digits);
  let found = cache.get(key);
  if (!found) {
    found = new Intl.NumberFormat("en-GB", { minimumFractionDigits: digits, maximumFractionDigits: digits });
    cache.set(key, found);
  }
  return found;
}

/** Digits after the point that show three significant ones, never more than six. */
export function digitsFor(magnitude: number): number {
  const size = Math.abs(magnitude);
  if (size === 0 || !Number.isFinite(size)) return 0;
  return Math.max(0, Math.min(6, 2 - Math.floor(Math.log10(size) + 1e-9)));
}

export function plain(value: number, digits = digitsFor(value)): string {
  if (Math.abs(value) >= 1e9) return compact(value);
  if (value !== 0 && Math.abs(value) < 1e-5) return scientific(value);
  const text = formatter(digits).format(Math.abs(value));
  return value < 0 && /[1-9]/.test(text) ? MINUS + text : text;
}

/** A round number with no digit more than it has: the tick of a logarithmic axis. */
export function bare(value: number): string {
  if (Math.abs(value) < 1e-5 || Math.abs(value) >= 1e9) return plain(value);
  return new Intl.NumberFormat("en-GB", { maximumSignificantDigits: 6 }).format(value);
}

/** 3.1e-12 as "3.1 × 10⁻¹²". */
export function scientific(value: number): string {
  const [mantissa = "0", exponent = "0"] = value.toExponential(1).split("e");
  const raised = [...String(Number(exponent))].map((c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(c)])).join("");
  return `${mantissa.replace("-", MINUS)} × 10${raised}`;
}

/** A value in its format: shares become per cent, dollars carry their sign. */
export function show(value: Num | undefined, format: Format | undefined, unit = ""): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return MISSING;
  if (isShare(format, unit)) {
    return `${plain(value * 100, percentDigits(value * 100, unit.includes("/")))}%`;
  }
  if (format === "percent") return `${plain(value)}%`;
  if (format === "usd") return value < 0 ? `${MINUS}$${plain(-value)}` : `$${plain(value)}`;
  return plain(value);
}

/** Rates are read to the basis point, shares to a tenth of a point; what is smaller keeps two digits. */
function percentDigits(percent: number, rate: boolean): number {
  const size = Math.abs(percent);
  if (size === 0 || size >= 99.95) return 0;
  if (size >= 10) return 1;
  if (size >= 1) return rate ? 2 : 1;
  return Math.max(2, digitsFor(size) - 1);
}

/** Whether numbers are held as 0..1 and shown as per cent. */
export function isShare(format: Format | undefined, unit = ""): boolean {
  const head = unit.split("/")[0] ?? "";
  if (format === "percent") return head === "share" || head === "1" || head === "" || head === "ratio";
  return format === undefined && head === "share";
}

/** One way of writing for all ticks of an axis, with just enough digits to tell them apart. */
export function tickFormat(ticks: number[], format: Format | undefined, unit = ""): (value: number) => string {
  const factor = isShare(format, unit) ? 100 : 1;
  const step = ticks.length > 1 ? Math.abs((ticks[1] ?? 0) - (ticks[0] ?? 0)) * factor : 1;
  const digits = step > 0 ? Math.max(0, Math.min(6, -Math.floor(Math.log10(step) + 1e-9))) : 0;
  const largest = Math.max(...ticks.map(Math.abs), 0) * factor;
  return (value) => {
    const scaled = value * factor;
    if (scaled === 0) return "0";
    if (largest >= 1e7) return compact(scaled);
    if (largest < 1e-4) return scientific(scaled);
    return plain(scaled, digits);
  };
}

function compact(value: number): string {
  if (Math.abs(value) >= 1e15) return scientific(value);
  for (const [size, suffix] of [[1e12, "tn"], [1e9, "bn"], [1e6, "m"]] as const) {
    if (Math.abs(value) >= size) return `${plain(value / size, value % size === 0 ? 0 : undefined)} ${suffix}`;
  }
  return plain(value, 0);
}
