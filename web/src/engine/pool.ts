// Workers that share the paths of a run. Their code is text of this very page: no file is fetched, no memory is shared.
// A worker is given one task at a time, so that what a moving lever asks for never stands behind longer work.
import code from "worker:./worker.ts";
import type { EngineFacts } from "./facts";
import type { Done, Task } from "./worker";

const MOST = 8;
const FEW = 2; // processors with which the page's own work and a worker's take turns

/** Nobody waits for this any more: a newer question has come. */
export class Superseded extends Error {}

/** Who asks: whether anybody still waits for the answer, and whether a hand is on a lever. */
export interface Asker {
  still: () => boolean;
  urgent: boolean;
}

export const ANYBODY: Asker = { still: () => true, urgent: false };

interface Waiting {
  task: Task;
  asker: Asker;
  done: (answer: unknown) => void;
  failed: (problem: Error) => void;
}

interface Hand {
  worker: Worker;
  doing: Waiting | null;
}

export class Pool {
  private readonly hands: Hand[] = [];
  private readonly urgent: Waiting[] = [];
  private readonly usual: Waiting[] = [];
  private broken: Error | null = null;
  private count = 0;

  private constructor() {}

  /** Workers with the model opened in each; as many as processors, one left to the page where there are more than two. */
  static async of(facts: EngineFacts, module: ArrayBuffer, size = sizeFor(navigator.hardwareConcurrency || FEW)): Promise<Pool> {
    const pool = new Pool();
    const address = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
    for (let i = 0; i < size; i++) {
      const hand: Hand = { worker: new Worker(address), doing: null };
      hand.worker.onmessage = ({ data }: MessageEvent<Done>) => pool.heard(hand, data);
      hand.worker.onerror = (event) => pool.lost(hand, event.message || "a worker of this page did not start");
      pool.hands.push(hand);
    }
    await Promise.all(pool.hands.map((hand) => new Promise((done, failed) => pool.give(hand, { task: { kind: "open", facts, module }, asker: ANYBODY, done, failed }))));
    URL.revokeObjectURL(address);
    return pool;
  }

  get size(): number {
    return this.hands.length;
  }

  /** The answer to a task, when a worker is free; what nobody waits for by then is not begun. */
  ask<T>(task: Task, asker: Asker = ANYBODY): Promise<T> {
    return new Promise<T>((done, failed) => {
      (asker.urgent ? this.urgent : this.usual).push({ task, asker, done: done as (answer: unknown) => void, failed });
      this.deal();
    });
  }

  close(): void {
    for (const { worker } of this.hands) worker.terminate();
  }

  private deal(): void {
    for (const hand of this.hands) {
      while (!hand.doing) {
        const next = this.urgent.shift() ?? this.usual.shift();
        if (!next) return;
        if (this.broken) next.failed(this.broken);
        else if (!next.asker.still()) next.failed(new Superseded());
        else this.give(hand, next);
      }
    }
  }

  private give(hand: Hand, next: Waiting): void {
    hand.doing = next;
    hand.worker.postMessage({ id: ++this.count, task: next.task });
  }

  private heard(hand: Hand, { answer, failed }: Done): void {
    const asked = hand.doing;
    hand.doing = null;
    this.deal(); // the worker goes on while the page reads
    if (!asked) return;
    if (failed !== undefined) asked.failed(new Error(failed));
    else asked.done(answer);
  }

  /** A worker that ended takes the pool with it: half the paths of a run would be no run. */
  private lost(hand: Hand, problem: string): void {
    this.broken = new Error(problem);
    for (const one of this.hands) {
      one.doing?.failed(this.broken);
      one.doing = null;
    }
    hand.worker.terminate();
    this.deal();
  }
}

/** Two workers on two processors: the page itself rests while they compute. */
export const sizeFor = (processors: number): number => Math.max(1, Math.min(MOST, processors <= FEW ? processors : processors - 1));
