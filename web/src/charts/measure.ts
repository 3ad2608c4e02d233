// How wide text will be, before it is drawn: labels that do not collide need to know.

export const FONT =
  '-apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", Arial, system-ui, sans-serif';

const widths = new Map<string, number>();
let context: CanvasRenderingContext2D | null | undefined;

export function textWidth(text: string, size = 12, weight = 400): number {
  if (context === undefined) context = document.createElement("canvas").getContext("2d");
  if (!context) return text.length * size * 0.56;
  const key = `${weight} ${size} ${text}`;
  const known = widths.get(key);
  if (known !== undefined) return known;
  context.font = `${weight} ${size}px ${FONT}`;
  const width = context.measureText(text).width;
  widths.set(key, width);
  return width;
}

/** Breaks text into at most `rows` lines no wider than `room`; what does not fit ends in an ellipsis. */
export function wrap(text: string, room: number, size = 12, rows = 2, weight = 400): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    const longer = line ? `${line} ${word}` : word;
    if (!line || textWidth(longer, size, weight) <= room) line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  lines.push(line);
  if (lines.length > rows) lines.splice(rows - 1, lines.length, lines.slice(rows - 1).join(" "));
  return lines.map((part) => shorten(part, room, size, weight));
}

export function shorten(text: string, room: number, size = 12, weight = 400): string {
  if (textWidth(text, size, weight) <= room) return text;
  let end = text.length - 1;
  while (end > 1 && textWidth(`${text.slice(0, end)}…`, size, weight) > room) end--;
  return `${text.slice(0, end).trimEnd()}…`;
}
