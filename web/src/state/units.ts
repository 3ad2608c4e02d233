// Units as a reader says them: "USD_bn/q" is "USD bn per quarter".

const SYMBOL: Record<string, string> = {
  USD: "USD", USD_k: "USD k", USD_m: "USD m", USD_bn: "USD bn", USD_tn: "USD tn",
  kW_it: "kW IT", MW_it: "MW IT", GW_it: "GW IT",
  kW_facility: "kW facility", MW_facility: "MW facility", GW_facility: "GW facility",
  kW_tdp: "kW TDP", MW_tdp: "MW TDP", GW_tdp: "GW TDP",
  kW_gen: "kW generation", MW_gen: "MW generation", GW_gen: "GW generation",
  MH100e: "m H100e", tok: "tokens", Mtok: "m tokens", Btok: "bn tokens", Ttok: "tn tokens",
  user_m: "m users", user_bn: "bn users", user: "users", GPU_m: "m GPUs", GPU: "GPUs",
  q: "quarter", h: "hour", percent: "%",
};

const word = (symbol: string): string => SYMBOL[symbol] ?? symbol.replaceAll("_", " ");

// Below a bar the singular reads better: "USD per m tokens" stays, "per hour" is already singular.
function power(factor: string): string {
  const [base = "", exponent] = factor.split("^");
  if (!exponent) return word(base);
  return word(base) + ({ "2": "²", "3": "³" }[exponent] ?? `^${exponent}`);
}

/** A unit in words; "" for a pure number, whose meaning the title carries. */
export function unitWords(unit: string | undefined): string {
  if (!unit || unit === "1" || unit === "share" || unit === "ratio") return "";
  if (unit === "x") return "multiple";
  if (unit === "pp") return "percentage points";
  if (unit === "bp") return "basis points";
  const [top = "", ...under] = unit.split("/");
  const head = top.split("*").map(power).join(" ");
  const tail = under.map((part) => `per ${part.split("*").map(power).join(" ").replace(/^(token|user|GPU)s$/, "$1")}`);
  return [head === "1" ? "" : head, ...tail].filter(Boolean).join(" ");
}

const PLURAL = new Set(["q", "h", "year", "month"]);

/** The unit after a number: "5 quarters". */
export function unitAfter(unit: string): string {
  return PLURAL.has(unit) ? `${word(unit)}s` : unitWords(unit.replace(/^share(?=\/)/, "1"));
}

/** The title of a value axis: the unit, and "%" for shares. */
export function axisWords(unit: string, format: string | undefined): string {
  if (format === "percent" && (unit === "share" || unit === "1" || unit === "")) return "%";
  if (format === "percent" && unit.startsWith("share/")) return unitWords(unit.replace("share", "percent"));
  if (unit === "1" || unit === "ratio") return "ratio";
  return unitWords(unit);
}
