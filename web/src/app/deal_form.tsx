// A form beside the text of a deal: the fields its schema knows, with units. The text stays the truth; a field that is
// changed replaces its own letters in it, and a text that is changed gives its fields anew.
import { useEffect, useState } from "preact/hooks";
import { latest } from "../api/client";
import type { DealField, DealFields } from "../api/types";

const fieldsOf = latest("/api/deal/fields");
const WAIT_MS = 250; // after a letter typed in the text

const last = (path: string): string => (path.split(".").at(-1) ?? path).replaceAll("_", " ");

/** A text value that would read as something else gets quotes. */
const spelt = (field: DealField, value: string): string =>
  field.kind === "text" && !/^[\w][\w ().,/+-]*$/.test(value) ? JSON.stringify(value) : value;

function One({ field, busy, onValue }: { field: DealField; busy: boolean; onValue: (value: string) => void }) {
  const id = `deal-${field.path.replaceAll(/[^a-z0-9]+/gi, "-")}`;
  if (field.begin < 0)
    return <p class="deal-field apart"><span>{last(field.path)}</span> <span class="aside">by date: line {field.line} of the text</span></p>;
  return (
    <p class="deal-field">
      <label for={id}>{last(field.path)} <span class="aside">{field.label}</span></label>
      {field.choices.length > 0 || field.kind === "flag" ? (
        <select id={id} value={field.value} disabled={busy} onChange={(event) => onValue(event.currentTarget.value)}>
          {(field.kind === "flag" ? ["true", "false"] : field.choices).map((one) => <option key={one}>{one}</option>)}
        </select>
      ) : (
        <input
          id={id} type="text" value={field.value} readOnly={busy}
          onChange={(event) => event.currentTarget.value.trim() && onValue(event.currentTarget.value.trim())}
        />
      )}
      {field.unit && <span class="unit">{field.unit}</span>}
    </p>
  );
}

export function DealForm({ text, name, onText }: { text: string; name: string; onText: (text: string) => void }) {
  const [found, setFound] = useState<{ fields: DealFields; of: string } | null>(null);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    if (!text) return;
    const later = setTimeout(() => {
      fieldsOf({ text, name }).then(
        (fields) => {
          if (!fields) return;
          setFound({ fields, of: text });
          setProblem("");
        },
        (error: Error) => setProblem(error.message),
      );
    }, found ? WAIT_MS : 0);
    return () => clearTimeout(later);
  }, [text, name]);
  if (problem) return <p class="failed" role="alert">The form waits until the text can be read: {problem}</p>;
  if (!found) return null;
  const put = (field: DealField, value: string) => {
    if (found.of !== text || text.slice(field.begin, field.end) !== field.written) return; // never into another place
    onText(text.slice(0, field.begin) + spelt(field, value) + text.slice(field.end));
  };
  const busy = found.of !== text; // places of another text may not be written to
  return (
    <div class="deal-form" role="group" aria-label="Fields of the deal" aria-busy={busy}>
      {found.fields.groups.map((group, index) => (
        <details key={group.title} open={index === 0 || /^facilities/.test(group.title)}>
          <summary>{group.title} <span class="count">{group.fields.length}</span></summary>
          {group.fields.map((field) => (
            <One key={field.path} field={field} busy={busy} onValue={(value) => put(field, value)} />
          ))}
        </details>
      ))}
    </div>
  );
}
