// A worker: one copy of the compiled model, one task at a time. It owns no state between tasks besides the module.
import type { EngineFacts, Ruled } from "./facts";
import { Model, type Paths } from "./module";
import { summed, type Summary } from "./quantiles";

export type Task =
  | { kind: "open"; facts: EngineFacts; module: ArrayBuffer }
  | { kind: "settle"; scenario: Ruled; seed: number; first: number; count: number }
  | { kind: "run"; scenario: Ruled; seed: number; first: number; refused: Int32Array; outputs: string[]; quarters: number }
  | { kind: "params"; scenario: Ruled; seed: number; first: number; refused: Int32Array; ids: string[] }
  | { kind: "sum"; values: Float64Array; quarters: number; ok: Uint8Array | null };

export interface Done {
  id: number;
  answer?: unknown;
  failed?: string;
}

const scope = self as unknown as { onmessage: unknown; postMessage: (message: Done, transfer: Transferable[]) => void };
let model: Model | null = null;

function opened(): Model {
  if (!model) throw new Error("the model was not opened");
  return model;
}

async function answered(task: Task): Promise<[unknown, Transferable[]]> {
  switch (task.kind) {
    case "open":
      model = await Model.of(task.facts, task.module);
      return [true, []];
    case "settle": {
      const refused = opened().settle(task.scenario, task.seed, task.first, task.count);
      return [refused, [refused.buffer]];
    }
    case "run": {
      const paths: Paths = opened().run(task.scenario, task.seed, task.first, task.refused, task.outputs, task.quarters);
      return [paths, [...paths.values.map((one) => one.buffer), paths.residual.buffer]];
    }
    case "params":
      return [opened().params(task.scenario, task.seed, task.first, task.refused, task.ids), []];
    case "sum": {
      const summary: Summary = summed(task.values, task.quarters, task.ok);
      return [summary, []];
    }
  }
}

scope.onmessage = async ({ data }: MessageEvent<{ id: number; task: Task }>) => {
  try {
    const [answer, transfer] = await answered(data.task);
    scope.postMessage({ id: data.id, answer }, transfer);
  } catch (problem) {
    scope.postMessage({ id: data.id, failed: problem instanceof Error ? problem.message : String(problem) }, []);
  }
};
