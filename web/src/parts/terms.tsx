// Words of the field in running text become links to the glossary; each once a text.
import { createContext, Fragment } from "preact";
import { useContext, useMemo } from "preact/hooks";

export interface Vocabulary {
  terms: { term: string; meaning: string }[];
  open: (term: string) => void;
}

export const Words = createContext<Vocabulary>({ terms: [], open: () => undefined });

const escape = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

export function Terms({ text }: { text: string }) {
  const { terms, open } = useContext(Words);
  const pattern = useMemo(() => {
    const names = terms.map(({ term }) => escape(term)).sort((a, b) => b.length - a.length);
    return names.length ? new RegExp(`\\b(${names.join("|")})(s?)\\b`, "gi") : null;
  }, [terms]);
  if (!pattern) return <>{text}</>;
  const seen = new Set<string>();
  const parts: (string | { term: string; shown: string })[] = [];
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    const known = terms.find(({ term }) => term.toLowerCase() === (match[1] ?? "").toLowerCase());
    if (!known || seen.has(known.term)) continue;
    seen.add(known.term);
    parts.push(text.slice(at, match.index), { term: known.term, shown: match[0] });
    at = match.index + match[0].length;
  }
  parts.push(text.slice(at));
  return (
    <>
      {parts.map((part, index) =>
        typeof part === "string" ? (
          <Fragment key={index}>{part}</Fragment>
        ) : (
          <button
            key={index} type="button" class="term" onClick={() => open(part.term)}
            title={terms.find(({ term }) => term === part.term)?.meaning}
          >
            {part.shown}
          </button>
        ),
      )}
    </>
  );
}
