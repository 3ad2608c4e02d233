// The sections of the page in one line, the one in view marked.
import { useEffect, useState } from "preact/hooks";

export interface Entry {
  id: string;
  title: string;
}

export function Contents({ entries }: { entries: Entry[] }) {
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
            <a href={`#${id}`} aria-current={current === id ? "true" : undefined}>
              {title}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
