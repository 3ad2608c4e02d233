// Workers that share the paths of a run. Their code is text of this very page: no file is fetched, no memory is shared.
import code from "worker:./worker.ts";
import type { EngineFacts } from "./facts";
import type { Done, Task } from "./worker";

const MOST = 8;

interface Hand {
  worker: Worker;
  load: number; // tasks it has not finished
}

export class Pool {
  private readonly hands: Hand[] = [];
  private readonly waiting = new Map<number, { done: (answer: unknown) => void; failed: (problem: Error) => void; hand: Hand }>();
  private count = 0;

  private constructor() {}

  /** Workers with the model opened in each; as many as processors, one left to the page. */
  static async of(facts: EngineFacts, module: ArrayBuffer, size = Math.max(1, Math.min(MOST, (navigator.hardwareConcurrency || 2) - 1))): Promise<Pool> {
    const pool = new Pool();
    const address = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
    for (let i = 0; i < size; i++) {
      const hand: Hand = { worker: new Worker(address), load: 0 };
      hand.worker.onmessage = ({ data }: MessageEvent<Done>) => pool.heard(data);
      hand.worker.onerror = (event) => pool.lost(hand, event.message || "a worker of this page did not start");
      pool.hands.push(hand);
    }
    await Promise.all(pool.hands.map((hand) => pool.ask<boolean>({ kind: "open", facts, module }, [], hand)));
    URL.revokeObjectURL(address);
    return pool;
  }

  get size(): number {
    return this.hands.length;
  }

  /** Give a task to the worker that has least to do. */
  ask<T>(task: Task, transfer: Transferable[] = [], to?: Hand): Promise<T> {
    const hand = to ?? this.hands.reduce((least, one) => (one.load < least.load ? one : least));
    const id = ++this.count;
    hand.load++;
    return new Promise<T>((done, failed) => {
      this.waiting.set(id, { done: done as (answer: unknown) => void, failed, hand });
      hand.worker.postMessage({ id, task }, transfer);
    });
  }

  close(): void {
    for (const { worker } of this.hands) worker.terminate();
  }

  private heard({ id, answer, failed }: Done): void {
    const asked = this.waiting.get(id);
    if (!asked) return;
    this.waiting.delete(id);
    asked.hand.load--;
    if (failed !== undefined) asked.failed(new Error(failed));
    else asked.done(answer);
  }

  private lost(hand: Hand, problem: string): void {
    for (const [id, asked] of this.waiting)
      if (asked.hand === hand) {
        this.waiting.delete(id);
        asked.failed(new Error(problem));
      }
  }
}
