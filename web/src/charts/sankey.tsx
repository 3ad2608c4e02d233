// Flows between nodes, widths in proportion: power from the grid to its use, money from payer to payee.
import { sankey, sankeyLinkHorizontal, type SankeyLink, type SankeyNode } from "d3-sankey";
import { useRef } from "preact/hooks";
import { plain } from "../state/format";
import { unitAfter } from "../state/units";
import { textWidth } from "./measure";
import { svgOf } from "./save";
import { hue } from "./theme";
import { ChartSources } from "../parts/chart_tools";
import { Downloads } from "./downloads";
import { useWidth } from "./width";

interface Link {
  source: string;
  target: string;
  value: number;
}
type Node = { id: string };
type Placed = SankeyNode<Node, object>;

const LEAST = 840; // below this width labels would lie on each other: the picture scrolls instead
const label = (id: string) => id.replace(/^to /, ""); // a payee may be a payer too: its node at the right has a name of its own

interface SankeyProps {
  id: string;
  title: string;
  flow: { unit: string; links: Link[]; outputs: string[] };
  source: string;
  height?: number;
}

export function Sankey({ id, title, flow, source, height = 400 }: SankeyProps) {
  const { links, unit } = flow;
  const figure = useRef<HTMLElement>(null);
  const [box, room] = useWidth<HTMLDivElement>(720);
  const width = Math.max(room, LEAST);
  const ids = [...new Set(links.flatMap((link) => [link.source, link.target]))];
  const words = unitAfter(unit);
  const named = (ends: string[]) => Math.max(40, ...ends.map((end) => textWidth(`${label(end)} 8,888`, 12))) + 14;
  const left = named(links.map((link) => link.source).filter((one) => !links.some((link) => link.target === one)));
  const right = named(links.map((link) => link.target).filter((one) => !links.some((link) => link.source === one)));
  const layout = sankey<Node, object>()
    .nodeId((node) => node.id)
    .nodeWidth(12)
    .nodePadding(14)
    .extent([[Math.min(left, width / 3), 8], [width - Math.min(right, width / 3), height - 8]]);
  const graph = layout({ nodes: ids.map((one) => ({ id: one })), links: links.map((link) => ({ ...link })) });
  const first = Math.min(...graph.nodes.map((node) => node.x0 ?? 0));
  const path = sankeyLinkHorizontal<Node, object>();
  const end = (link: SankeyLink<Node, object>, which: "source" | "target") => label((link[which] as Placed).id);
  const told = links.map((link) => `${label(link.source)} to ${label(link.target)} ${plain(link.value)} ${words}`).join("; ");
  return (
    <figure id={id} class="figure wide" aria-labelledby={`${id}-title`} ref={figure}>
      <figcaption id={`${id}-title`}>{title}</figcaption>
      <div class="picture">
      <p class="unit-line">{words}</p>
      <div class="plot sankey-box" ref={box} tabIndex={0} role="region" aria-label={`${title}, picture`}>
        <div role="img" aria-label={told}>
          <svg viewBox={`0 0 ${width} ${height}`} width={width} height={height} aria-hidden="true" class="sankey">
            {graph.links.map((link, index) => (
              <path key={index} class="flow" d={path(link) ?? ""} stroke={hue(ids.indexOf((link.source as Placed).id))} stroke-width={Math.max(1, link.width ?? 1)}>
                <title>{`${end(link, "source")} to ${end(link, "target")}: ${plain(link.value)} ${words}`}</title>
              </path>
            ))}
            {graph.nodes.map((node) => {
              const x0 = node.x0 ?? 0, x1 = node.x1 ?? 0, y0 = node.y0 ?? 0, y1 = node.y1 ?? 0;
              const before = x0 <= first + 1;
              return (
                <g key={node.id}>
                  <rect x={x0} y={y0} width={x1 - x0} height={Math.max(1, y1 - y0)} fill={hue(ids.indexOf(node.id))} />
                  <text x={before ? x0 - 6 : x1 + 6} y={(y0 + y1) / 2} dy="0.34em" text-anchor={before ? "end" : "start"}>
                    {label(node.id)} <tspan class="aside">{plain(node.value ?? 0)}</tspan>
                  </text>
                </g>
              );
            })}
          </svg>
        </div>
      </div>
      </div>
      <div class="under"><p><span class="source-word">Source:</span> {source}</p></div>
      <div class="tools">
        <ChartSources title={title} outputs={flow.outputs} />
        <Downloads
          id={id} outputs={flow.outputs} title={title} unit={unit} drawn={(facts) => figure.current && svgOf(figure.current, { title, unit: words, source, facts })}
          table={{ columns: ["from", "to", words], rows: links.map((link) => [label(link.source), label(link.target), link.value]) }}
        />
      </div>
    </figure>
  );
}
