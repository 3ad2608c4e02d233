// The same result again: the command, the Python, and what identifies the run.
import { useState } from "preact/hooks";
import { copy } from "../state/browser";
import type { Manifest } from "../state/data";
import { plain } from "../state/format";

function Snippet({ name, code }: { name: string; code: string }) {
  const [said, setSaid] = useState("");
  return (
    <div class="snippet">
      <div class="snippet-head">
        <h3>{name}</h3>
        <button
          type="button"
          aria-label={`Copy ${name}`}
          onClick={async () => {
            setSaid((await copy(code)) ? "Copied" : "Select the text to copy it");
            setTimeout(() => setSaid(""), 2000);
          }}
        >
          Copy
        </button>
        <span role="status">{said}</span>
      </div>
      <pre tabIndex={0}>
        <code>{code}</code>
      </pre>
    </div>
  );
}

function facts(manifest: Manifest, seconds: number): [string, string][] {
  const { scenario, versions } = manifest;
  const set = Object.entries(scenario?.set ?? {}).map(([name, value]) => `${name} = ${String(value)}`);
  const all: [string, string | undefined][] = [
    ["Scenario", scenario?.preset],
    ["Changed", set.length ? set.join(", ") : "nothing"],
    ["Seed", manifest.seed?.toString()],
    ["Paths", manifest.paths?.toLocaleString("en-GB")],
    ["From", manifest.start],
    ["Until", manifest.until],
    ["Model", manifest.model_hash],
    ["Kernel", manifest.kernel],
    ["Python", manifest.python],
    ["Versions", versions && Object.entries(versions).map(([name, value]) => `${name} ${value}`).join(", ")],
    ["Processor", manifest.processor],
    ["Computed in", seconds ? `${plain(seconds)} s` : undefined],
  ];
  return all.filter((fact): fact is [string, string] => Boolean(fact[1]));
}

interface ReproduceProps {
  cli?: string | undefined;
  python?: string | undefined;
  manifest: Manifest;
  timings?: Record<string, number> | undefined;
}

export function Reproduce({ cli, python, manifest, timings = {} }: ReproduceProps) {
  const seconds = timings["total"] ?? Object.values(timings).reduce((sum, value) => sum + value, 0);
  // `python` of the manifest is the version in some results and the snippet in others; a snippet spans lines.
  const version = manifest.python && !manifest.python.includes("\n") && manifest.python.length < 20;
  const shown: Manifest = { ...manifest };
  if (!version) delete shown.python;
  return (
    <div class="reproduce">
      {cli && <Snippet name="Command line" code={cli} />}
      {python && <Snippet name="Python" code={python} />}
      <dl class="facts">
        {facts(shown, seconds).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
