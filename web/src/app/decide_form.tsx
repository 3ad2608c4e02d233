// A decision said as a sentence whose words are fields: each edits its line of the file, which stays the whole truth.
import type { ComponentChildren } from "preact";
import type { DecideKnown } from "../api/types";
import { fieldOf, withField } from "../state/yaml_fields";

interface SentenceProps {
  choices: DecideKnown;
  text: string;
  load: number;
  onText: (text: string) => void;
  onLoad: (load: number) => void;
}

const LOAD = ["provider", "model", "users", "requests_per_user_day", "input_tokens", "output_tokens", "cached_share", "shape"];


/** Whether the file states a load of its own; what is commented out states nothing. */
const states = (text: string): boolean => /^load:/m.test(text);

/** The file with the load of the template's comments stated, ready to be changed. */
function stated(text: string): string {
  return LOAD.reduce((found, name) => {
    const value = fieldOf(found, `load.${name}`);
    return value ? withField(found, `load.${name}`, value) : found;
  }, text);
}


export function DecideSentence({ choices, text, load, onText, onLoad }: SentenceProps) {
  const of = (path: string) => fieldOf(text, path);
  const edit = (path: string) => (event: { currentTarget: { value: string } }) => onText(withField(text, path, event.currentTarget.value));
  const field = (label: string, more: ComponentChildren) => <label class="in-line"><span class="hidden">{label}</span>{more}</label>;
  const number = (path: string, label: string, more: { min: number; max?: number; step: number | string }) =>
    field(label, <input type="number" value={of(path)} onInput={edit(path)} {...more} />);
  const words = (path: string, label: string, size: number) => field(label, <input type="text" size={size} value={of(path)} onChange={edit(path)} />);
  const choice = (path: string, label: string, values: string[]) => {
    const now = of(path); // what the file says is shown, also where the list does not know it
    return field(label, <select value={now} onChange={edit(path)}>{[...(values.includes(now) ? [] : [now]), ...values].map((one) => <option key={one}>{one}</option>)}</select>);
  };
  const power = "site.electricity_usd_per_kwh";
  const region = choices.regions.find((one) => one.usd_per_kwh === Number(of(power)));
  const users = /^\d/.test(of("load.users"));
  return (
    <div class="decide-sentence" role="group" aria-label="The decision as a sentence">
      {states(text) ? (
        users ? (
          <p>
            {number("load.users", "Users", { min: 1, step: 1 })} users, each {number("load.requests_per_user_day", "Requests a user and working day", { min: 0, step: "any" })} requests a
            working day of {number("load.input_tokens", "Input tokens of a request", { min: 0, step: 1 })} tokens in and {number("load.output_tokens", "Output tokens of a request", { min: 1, step: 1 })} out,
            {" "}{number("load.cached_share", "Cached share of the input", { min: 0, max: 0.99, step: "any" })} of the input cached, during {words("load.shape", "Hours", 34)}, on{" "}
            {words("load.provider", "Provider in use", 10)} {words("load.model", "Model in use", 14)} today.
          </p>
        ) : (
          <p>The file states its load in another way than by users: it is in the text below.</p>
        )
      ) : (
        <p class="banner">
          The load is the synthetic example: nobody’s traffic. <button type="button" onClick={() => onText(stated(text))}>State my own load</button>
        </p>
      )}
      <p>
        Take {field("Times the load", <input type="number" min={0.01} max={100} step="any" value={load} onInput={(event) => onLoad(Number(event.currentTarget.value))} />)} times that load over{" "}
        {number("horizon_months", "Horizon in months", { min: 12, max: 120, step: 12 })} months. Each user gets at least{" "}
        {number("sla.tokens_per_s_user", "Output tokens a second for each user", { min: 1, step: "any" })} tokens a second and waits at most{" "}
        {number("sla.ttft_p95_s", "Seconds to the first token, 95th percentile", { min: 0.05, step: "any" })} s for the first (95th percentile).
      </p>
      <p>
        Instead of the API: {choice("model.open_weights", "Open-weights model", choices.models)} on {choice("hardware.gpu", "GPU", choices.gpus)}, if it loses at most{" "}
        {number("model.accepted_quality_gap", "Accepted quality gap in Arena points", { min: 0, step: "any" })} Arena points; power at the price of{" "}
        {field("Region (power price)", (
          <select value={region?.name ?? ""} onChange={(event) => {
            const chosen = choices.regions.find(({ name }) => name === event.currentTarget.value);
            if (chosen) onText(withField(text, power, String(chosen.usd_per_kwh)));
          }}>
            {!region && <option value="">{of(power)} USD/kWh</option>}
            {choices.regions.map((one) => <option key={one.name} value={one.name}>{one.name}, {one.usd_per_kwh} USD/kWh</option>)}
          </select>
        ))}.
      </p>
    </div>
  );
}
