// Undo and redo over scenarios at rest: a drag is one step.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { same, type Scenario } from "../state/scenario";

const MOST = 100;

export interface Undo {
  canUndo: boolean;
  canRedo: boolean;
  step: (by: -1 | 1) => void;
}

export function useUndo(scenario: Scenario, resting: boolean, put: (scenario: Scenario) => void): Undo {
  const [{ past, at }, setSteps] = useState({ past: [scenario], at: 0 });
  const now = useRef({ past, at });
  now.current = { past, at };
  useEffect(() => {
    if (!resting) return;
    const { past, at } = now.current;
    if (same(past[at] as Scenario, scenario)) return;
    const next = [...past.slice(0, at + 1), scenario].slice(-MOST);
    setSteps({ past: next, at: next.length - 1 });
  }, [scenario, resting]);
  const step = useCallback((by: -1 | 1) => {
    const { past, at } = now.current;
    const found = past[at + by];
    if (!found) return;
    setSteps({ past, at: at + by });
    put(found);
  }, []);
  return { canUndo: at > 0, canRedo: at < past.length - 1, step };
}
