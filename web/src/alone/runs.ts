// Runs of the page: a scenario's paths are computed once and kept while there is room; what is paired shares its draws.
import type { Body } from "../api/client";
import { begun, Run, Superseded } from "../engine/run";
import type { Asker, Pool } from "../engine/pool";
import type { ModelData } from "./data";

const KEPT_NUMBERS = 40_000_000; // 320 MB: a base case, A, B and their pages; the newest is always kept
const SEED = 1;

export class Runs {
  private readonly kept = new Map<string, Promise<Run>>();
  private readonly newest = new Map<string, number>();

  constructor(private readonly data: ModelData, readonly pool: Pool) {}

  /** Notes that a tab's line has asked its question `turn`, as the server does (app/session.py). */
  asked(body: Body): Asker {
    const line = typeof body["client"] === "string" ? body["client"] : "";
    const turn = typeof body["turn"] === "number" ? body["turn"] : 0;
    if (line && turn > (this.newest.get(line) ?? -1)) this.newest.set(line, turn);
    const live = `${line.split("/")[0]}/live`;
    return { still: () => !line || turn >= Math.max(this.newest.get(line) ?? turn, this.newest.get(live) ?? turn), urgent: line === live };
  }

  /** The run of a scenario with some outputs recorded. */
  async of(body: { preset: string; set: Record<string, number>; paths: number }, outputs: string[], asker: Asker): Promise<Run> {
    const { preset, set, paths } = body;
    const rule = this.data.scenarios[preset];
    if (!rule) throw new Error(`there is no preset "${preset}" in this file`);
    const name = JSON.stringify([preset, Object.entries(set).sort(([a], [b]) => (a < b ? -1 : 1)), paths]);
    const scenario = { set: { ...rule.set, ...set }, laws: rule.laws };
    const run = await this.settled(name, () => begun(this.pool, this.data.engine, { scenario, seed: SEED, paths, quarters: this.data.quarters.length }, asker), asker);
    await run.record(outputs, asker);
    await this.forget(name);
    return run;
  }

  /** The run kept under a name, or a new one; one that its first asker gave up is begun again for the next. */
  private async settled(name: string, begin: () => Promise<Run>, asker: Asker): Promise<Run> {
    for (;;) {
      const found = this.kept.get(name) ?? begin();
      this.kept.delete(name);
      this.kept.set(name, found); // the newest stands last
      try {
        return await found;
      } catch (problem) {
        if (this.kept.get(name) === found) this.kept.delete(name);
        if (!(problem instanceof Superseded && asker.still())) throw problem;
      }
    }
  }

  private async forget(newest: string): Promise<void> {
    let held = 0;
    for (const [name, waiting] of [...this.kept].reverse()) {
      const run = await waiting.catch(() => null);
      held += run ? run.values.size * run.of.paths * run.of.quarters : 0;
      if (held > KEPT_NUMBERS && name !== newest) this.kept.delete(name);
    }
  }
}

export { Superseded };
