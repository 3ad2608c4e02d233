// A part of the page: its claim at the left, its evidence at the right.
import type { ComponentChildren } from "preact";

interface SectionProps {
  id: string;
  title: string;
  lead?: string | undefined;
  children: ComponentChildren;
  stacked?: boolean; // lead above instead of beside, for wide tables
}

export function PageSection({ id, title, lead, children, stacked = false }: SectionProps) {
  return (
    <section id={id} class={stacked ? "section stacked" : "section"} aria-labelledby={`${id}-heading`}>
      <div class="lead">
        <h2 id={`${id}-heading`}>{title}</h2>
        {lead && <p>{lead}</p>}
      </div>
      <div class="body">{children}</div>
    </section>
  );
}
