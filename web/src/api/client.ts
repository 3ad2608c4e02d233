// Talking to the app's server: one question in flight, the newest answer wins, a lost server is noticed and found again.

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

export const get = <T>(path: string): Promise<T> => (own ? (own(path, {}) as Promise<T>) : send<T>(path));

export const post = <T>(path: string, body: object): Promise<T> =>
  own ? (own(path, body as Body) as Promise<T>) : send<T>(path, { method: "POST", body: JSON.stringify(body) });

/**
 * A line of questions of one kind: while one is out, only the newest waits. The server stops working on what a newer
 * question of the line replaces, and on everything of this tab when a lever moves (line "live"); null says so.
 */
export function latest<T>(path: string, name = String(++lines)) {
  const line = `${tab}/${name}`;
  let busy = false;
  let waiting: { body: object; done: (answer: T | null) => void; failed: (problem: unknown) => void } | null = null;
  const next = async (body: object): Promise<T | null> => {
    const answer = await post<T & { superseded?: boolean }>(path, { ...body, client: line, turn: ++turns });
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
  return (body: object): Promise<T | null> =>
    new Promise((done, failed) => {
      waiting?.done(null); // a newer question has come
      waiting = { body, done, failed };
      void pump();
    });
}
