// What opens over the page: how to get these numbers again, the address to send, the keys.
import { useEffect, useRef, useState } from "preact/hooks";
import { post } from "../api/client";
import { copy } from "../state/browser";
import type { Scenario } from "../state/scenario";
import { asked } from "./model";

function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: preact.ComponentChildren }) {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => box.current?.showModal(), []);
  return (
    <dialog ref={box} aria-label={title} onClose={onClose}>
      <div class="dialog-head">
        <h2>{title}</h2>
        <button type="button" class="close" onClick={() => box.current?.close()} aria-label={`Close ${title}`}>×</button>
      </div>
      {children}
    </dialog>
  );
}

function Snippet({ name, text }: { name: string; text: string }) {
  const [copied, setCopied] = useState(false);
  return (
    <section>
      <div class="snippet-head">
        <h3>{name}</h3>
        <button
          type="button" aria-label={`Copy ${name}`}
          onClick={() => void copy(text).then(setCopied)}
        >
          {copied ? "copied" : "copy"}
        </button>
      </div>
      <pre tabIndex={0} role="region" aria-label={name}><code>{text}</code></pre>
    </section>
  );
}

const KEYS: [string, string][] = [
  ["?", "this help"], ["/", "search the levers"], ["n / p", "next and previous page"], ["k", "keep this scenario as A"],
  ["x", "swap A and B"], ["d", "levels or difference"], ["s", "twenty sample paths"], ["z / Z", "undo and redo"], ["r", "back to the preset"],
  ["t", "light, dark, as the system"], ["Esc", "close what is open"],
];

interface DialogsProps {
  open: string;
  scenario: Scenario;
  against: Scenario | null; // A, when the difference is on screen
  alone: boolean; // the page is a file of its own
  onClose: () => void;
}

export function Dialogs({ open, scenario, against, alone, onClose }: DialogsProps) {
  const [found, setFound] = useState<{ cli: string; python: string } | null>(null);
  useEffect(() => {
    if (open !== "reproduce") return;
    post("/api/reproduce", { ...asked(scenario), paths: against ? 1000 : 10000, ...(against ? { against: asked(against) } : {}) }).then(setFound, () => undefined);
  }, [open]);
  if (open === "reproduce")
    return (
      <Dialog title="Reproduce" onClose={onClose}>
        <p>The same seed and model give the same numbers, to the last digit.</p>
        <Snippet name="Command line" text={found?.cli ?? ""} />
        <Snippet name="Python" text={found?.python ?? ""} />
        <Snippet name="Address" text={location.href} />
      </Dialog>
    );
  if (open === "share")
    return (
      <Dialog title="Share" onClose={onClose}>
        <p>The address holds only what differs from a preset. {alone ? "Opened with this file" : "Opened by someone who runs the app"}, it restores page, scenario, A and view.</p>
        <Snippet name="Address" text={location.href} />
      </Dialog>
    );
  if (open === "keys")
    return (
      <Dialog title="Keyboard" onClose={onClose}>
        <dl class="keys">{KEYS.map(([key, what]) => <div key={key}><dt><kbd>{key}</kbd></dt><dd>{what}</dd></div>)}</dl>
        <p>Levers: arrow keys, Page Up and Page Down, Home and End; double-click brings one back. Charts: Tab to one, then the arrow keys.</p>
      </Dialog>
    );
  return null;
}
