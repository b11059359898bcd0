/** How the page talks to the API: problems as errors, the console's mark on writes, and what a lost session does. */
import type { Problem } from './types';

/** What the API answers when it can't: RFC 9457. `network` is true when nothing answered. */
export class Failed extends Error {
  readonly problem: Problem | null;
  readonly network: boolean;

  constructor(message: string, problem: Problem | null, network: boolean) {
    super(message);
    this.name = 'Failed';
    this.problem = problem;
    this.network = network;
  }
}

/** Its own 401s are answers: a wrong password, nobody signed in. */
const SESSION = '/api/session';
const READ_TIMEOUT_MS = 15_000;
/** A jump answers when it has begun; a busy desk may take its time. */
const WRITE_TIMEOUT_MS = 60_000;

let signedOut = (): void => undefined;

/** What to do when the desk says that nobody is signed in (any more). */
export function whenSignedOut(act: () => void): void {
  signedOut = act;
}

export async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, { signal: AbortSignal.timeout(READ_TIMEOUT_MS), ...init });
  } catch (error) {
    throw new Failed(error instanceof Error ? error.message : String(error), null, true);
  }
  if (response.ok) return (response.status === 204 ? undefined : await response.json()) as T;
  const problem = await problemOf(response);
  if (response.status === 401 && !path.startsWith(SESSION)) signedOut();
  throw new Failed(problem?.detail ?? `${response.status} ${response.statusText}`, problem, false);
}

async function problemOf(response: Response): Promise<Problem | null> {
  if (!(response.headers.get('content-type') ?? '').includes('json')) return null;
  try {
    return (await response.json()) as Problem;
  } catch {
    return null;
  }
}

/** Writes carry the console's mark; the session cookie goes with them since the origin is the same. */
export function post<T>(path: string, body: unknown): Promise<T> {
  return ask<T>(path, {
    method: 'POST',
    signal: AbortSignal.timeout(WRITE_TIMEOUT_MS),
    headers: { 'Content-Type': 'application/json', 'X-Tocsin': '1' },
    body: JSON.stringify(body),
  });
}

export function remove<T>(path: string): Promise<T> {
  return ask<T>(path, { method: 'DELETE', signal: AbortSignal.timeout(WRITE_TIMEOUT_MS), headers: { 'X-Tocsin': '1' } });
}
