// The sections of the page in one line, the one in view marked.
import { useEffect, useState } from "preact/hooks";

export interface Entry {
  id: string;
  title: string;
}

/** Goes to a part of this page and leaves the address alone: in the model's file the address names a page. */
export function goTo(id: string): void {
  const part = document.getElementById(id);
  part?.scrollIntoView();
  part?.focus({ preventScroll: true });
}

export function Contents({ entries, inside = false }: { entries: Entry[]; inside?: boolean }) {
  const [current, setCurrent] = useState("");
  useEffect(() => {
    const observer = new IntersectionObserver(
      (seen) => {
        const found = seen.filter((entry) => entry.isIntersecting).at(-1);
        if (found) setCurrent(found.target.id);
      },
      { rootMargin: "-20% 0px -70% 0px" },
    );
    for (const { id } of entries) {
      const element = document.getElementById(id);
      if (element) observer.observe(element);
    }
    return () => observer.disconnect();
  }, [entries]);
  return (
    <nav class="contents" aria-label="Sections">
      <ul>
        {entries.map(({ id, title }) => (
          <li key={id}>
            <a
              href={`#${id}`} aria-current={current === id ? "true" : undefined}
              onClick={(event) => {
                if (!inside) return;
                event.preventDefault();
                goTo(id);
              }}
            >
              {title}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
