// The answer at the top of a page: a sentence, its numbers, the lights; each opens into where it comes from.
import { show } from "../state/format";
import { unitAfter } from "../state/units";
import type { Answer, Light, Part } from "./model";

function LightRow({ lights, onExplain }: { lights: Light[]; onExplain: (name: string) => void }) {
  return (
    <ul class="lights" aria-label="Lights">
      {lights.map((light) => (
        <li key={light.id} class={`light ${light.state}`}>
          <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
            <circle cx="8" cy="8" r="7.25" />
            {light.state === "good" && <path d="M4.8 8.3l2.2 2.2 4.2-4.7" />}
            {light.state === "note" && <path d="M4.8 8h6.4" />}
            {light.state === "warn" && <path d="M8 4.4v4.4M8 11.2v.3" />}
            {light.state === "bad" && <path d="M5.4 5.4l5.2 5.2M10.6 5.4l-5.2 5.2" />}
          </svg>
          <span>
            {light.explain ? (
              <button type="button" class="opens" aria-label={`Explain ${light.title}`} onClick={() => onExplain(light.explain as string)}>
                <b>{light.title}</b>
              </button>
            ) : (
              <b>{light.title}</b>
            )}
            : {light.detail}
          </span>
        </li>
      ))}
    </ul>
  );
}

const number = (value: number, unit: string) => show(value, undefined, unit);

export const signed = (value: number, unit: string) =>
  (value > 0 ? "+" : value < 0 ? "−" : "±") + (unit === "share" ? `${(100 * Math.abs(value)).toFixed(1)} points` : number(Math.abs(value), unit));

/** What moved, in print: on the same paths, so that it is no noise of the draw. */
function Change({ part }: { part: Part }) {
  if (!part.change) return null;
  const { value, ends } = part.change;
  const still = value === 0 && (!ends || (ends[0] === 0 && ends[1] === 0));
  return (
    <dd class="change">
      {still ? "no change from the base case" : `${signed(value, part.unit)} from the base case`}
      {!still && ends && <span class="range"> ({signed(ends[0], part.unit)} to {signed(ends[1], part.unit)})</span>}
    </dd>
  );
}

function Numbers({ parts, onExplain }: { parts: Part[]; onExplain: (name: string) => void }) {
  return (
    <dl class="numbers-row">
      {parts.map((part) => (
        <div key={part.key}>
          <dt>{part.label}</dt>
          <dd>
            <button type="button" class="opens" aria-label={`Explain ${part.label}: ${number(part.value, part.unit)}`} onClick={() => onExplain(part.key)}>
              {number(part.value, part.unit)}
            </button>{" "}
            <span class="unit">{unitAfter(part.unit)}</span>
            {part.ends && <span class="range"> ({number(part.ends[0], part.unit)} to {number(part.ends[1], part.unit)})</span>}
          </dd>
          <Change part={part} />
        </div>
      ))}
    </dl>
  );
}

interface AnswerHeadProps {
  title: string;
  answer: Answer | null;
  stale: boolean; // it answers another scenario than the one at the left
  moving: boolean;
  onExplain: (name: string) => void;
}

export function AnswerHead({ title, answer, stale, moving, onExplain }: AnswerHeadProps) {
  return (
    <>
      <h1 class="page-title">{title}</h1>
      <p class="hidden" role="status">{stale ? "Computing for the new scenario." : ""}</p>
      <div class={stale ? "answer stale" : "answer"} aria-busy={stale} data-scenario={answer?.of ?? ""} data-paths={answer?.paths ?? 0}>
      <p class="sentence" aria-live="polite">{answer?.headline ?? ""}</p>
      {answer && <Numbers parts={answer.parts} onExplain={onExplain} />}
      {answer && <LightRow lights={answer.lights} onExplain={onExplain} />}
      {answer && (
        <p class="run-line">
          {answer.paths.toLocaleString("en-GB")} paths, seed {answer.seed}, {answer.kernel} kernel{answer.provisional ? ", provisional" : ""}
          <span class="seconds">, {Math.round(answer.seconds * 1000)} ms</span>
          {moving && ", while the lever moves"}
        </p>
      )}
      </div>
    </>
  );
}
