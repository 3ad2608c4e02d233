// Talking to the app's server: one question in flight, the newest answer wins, a lost server is noticed and found again.

import type { Bodies, Got, Posted } from "./types";

export class ServerError extends Error {}

const tab = Math.random().toString(36).slice(2);
let turns = 0;
let lines = 0;

type Listener = (lost: boolean) => void;
let onLost: Listener = () => undefined;
let lost = false;

export function watchServer(listener: Listener): void {
  onLost = listener;
}

function noteLost(now: boolean): void {
  if (now === lost) return;
  lost = now;
  onLost(now);
  if (now) found = findAgain();
}

let found: Promise<void> = Promise.resolve();

/** Looks for the server every second until it answers. */
async function findAgain(): Promise<void> {
  while (lost) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    try {
      if ((await fetch("/api/status")).ok) noteLost(false);
    } catch {
      // still away
    }
  }
}

/** Sends a question; while the server is away it waits, and is sent again when it is back. */
async function send<T>(path: string, init?: RequestInit): Promise<T> {
  for (;;) {
    let answer: Response;
    try {
      answer = await fetch(path, init);
    } catch {
      noteLost(true);
      await found;
      continue;
    }
    noteLost(false);
    const body = (await answer.json().catch(() => ({}))) as { error?: string };
    if (!answer.ok) throw new ServerError(body.error ?? `the server said ${answer.status}`);
    return body as T;
  }
}

export type Body = Record<string, unknown>;
type Own = (path: string, body: Body) => Promise<unknown>;
let own: Own | null = null; // what answers in place of a server

/** Let the page itself answer every question: a file with the model in it has no server. */
export function answeredBy(answers: Own): void {
  own = answers;
}

/** An address' own answer; what is asked for stands in the address. */
export const get = <P extends keyof Got>(path: P, asked: Record<string, string> = {}): Promise<Got[P]> => {
  if (own) return own(path, asked) as Promise<Got[P]>;
  const query = new URLSearchParams(asked).toString();
  return send<Got[P]>(query ? `${path}?${query}` : path);
};

export const post = <P extends keyof Posted>(path: P, body: Bodies[P]): Promise<Posted[P]> =>
  own ? (own(path, body as Body) as Promise<Posted[P]>) : send<Posted[P]>(path, { method: "POST", body: JSON.stringify(body) });

/**
 * A line of questions of one kind: while one is out, only the newest waits. The server stops working on what a newer
 * question of the line replaces, and on everything of this tab when a lever moves (line "live"); null says so.
 */
export function latest<P extends keyof Posted>(path: P, name = String(++lines)) {
  type T = Posted[P];
  type Ask = Bodies[P];
  const line = `${tab}/${name}`;
  let busy = false;
  let waiting: { body: Ask; done: (answer: T | null) => void; failed: (problem: unknown) => void } | null = null;
  const next = async (body: Ask): Promise<T | null> => {
    const answer: T & { superseded?: boolean } = await post(path, { ...body, client: line, turn: ++turns });
    return answer.superseded ? null : answer;
  };
  async function pump(): Promise<void> {
    if (busy || !waiting) return;
    const { body, done, failed } = waiting;
    waiting = null;
    busy = true;
    try {
      done(await next(body));
    } catch (problem) {
      failed(problem);
    } finally {
      busy = false;
      void pump();
    }
  }
  return (body: Ask): Promise<T | null> =>
    new Promise((done, failed) => {
      waiting?.done(null); // a newer question has come
      waiting = { body, done, failed };
      void pump();
    });
}
