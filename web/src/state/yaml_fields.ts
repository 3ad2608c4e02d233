// One value of a two-level YAML text, read and written in place: comments and everything else stay as they are.

/** Lines of a section: from its head to the next line that begins at the margin; the whole file for a top field. */
function range(lines: string[], section: string): [number, number] {
  if (!section) return [0, lines.length];
  const head = lines.findIndex((line) => new RegExp(`^#?\\s?${section}:`).test(line));
  if (head < 0) return [-1, -1];
  const next = lines.findIndex((line, index) => index > head && /^#?\s?[a-z_]+:/.test(line));
  return [head + 1, next < 0 ? lines.length : next];
}

function place(lines: string[], path: string): { at: number; section: string; name: string } {
  const [name = "", section = ""] = path.split(".").reverse();
  const [from, until] = range(lines, section);
  const pattern = section ? new RegExp(`^\\s*#?\\s+${name}:`) : new RegExp(`^#?\\s?${name}:`);
  const at = from < 0 ? -1 : lines.findIndex((line, index) => index >= from && index < until && pattern.test(line));
  return { at, section, name };
}

/** The value written at a path such as "sla.ttft_p95_s", also of a line that is commented out; "" when there is none. */
export function fieldOf(text: string, path: string): string {
  const lines = text.split("\n");
  const { at } = place(lines, path);
  return /:\s*([^#]*)/.exec(lines[at] ?? "")?.[1]?.trim() ?? "";
}

/** The text with a value at a path; a line that was commented out becomes a setting, a missing one is added. */
export function withField(text: string, path: string, value: string): string {
  const lines = text.split("\n");
  const { at, section, name } = place(lines, path);
  const indent = section ? "  " : "";
  if (at >= 0) {
    const comment = /\s+#.*$/.exec((lines[at] as string).replace(/^#/, ""))?.[0] ?? "";
    lines[at] = `${indent}${name}: ${value}${lines[at]?.trimStart().startsWith("#") ? "" : comment}`;
  }
  const head = section ? lines.findIndex((line) => new RegExp(`^#?\\s?${section}:`).test(line)) : -1;
  if (head >= 0) lines[head] = (lines[head] as string).replace(/^#\s?/, "");
  if (at < 0) {
    if (section && head < 0) lines.push(`${section}:`, `${indent}${name}: ${value}`);
    else lines.splice(head + 1, 0, `${indent}${name}: ${value}`);
  }
  return lines.join("\n");
}
