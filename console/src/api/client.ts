/** The API, one function a route. */
import type {
  AlarmAction,
  AreaDetail,
  CallDetail,
  City,
  Clock,
  ClockAction,
  Forecast,
  Problem,
  Warning,
  WarningOrder,
  WholeRecord,
} from './types';

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

const READ_TIMEOUT_MS = 15_000;
/** A jump answers when it has begun; a busy desk may take its time. */
const WRITE_TIMEOUT_MS = 60_000;

async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, { signal: AbortSignal.timeout(READ_TIMEOUT_MS), ...init });
  } catch (error) {
    throw new Failed(error instanceof Error ? error.message : String(error), null, true);
  }
  if (response.ok) return (await response.json()) as T;
  const problem = await problemOf(response);
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
function post<T>(path: string, body: unknown): Promise<T> {
  return ask<T>(path, {
    method: 'POST',
    signal: AbortSignal.timeout(WRITE_TIMEOUT_MS),
    headers: { 'Content-Type': 'application/json', 'X-Tocsin': '1' },
    body: JSON.stringify(body),
  });
}

const id = encodeURIComponent;

export const getCity = (): Promise<City> => ask('/api/city');
export const getCall = (call: string): Promise<CallDetail> => ask(`/api/calls/${id(call)}`);
export const getArea = (area: string): Promise<AreaDetail> => ask(`/api/areas/${id(area)}`);
export const setClock = (action: ClockAction): Promise<Clock> => post('/api/clock', action);
export const actOnAlarm = (alarm: string, action: AlarmAction): Promise<unknown> =>
  post(`/api/alarms/${id(alarm)}`, action);
/** The whole city's forecast, or an area's. */
export const getForecast = (area: string | null): Promise<Forecast> =>
  ask(area === null ? '/api/forecast' : `/api/forecast/${id(area)}`);
export const orderWarning = (warning: string, order: WarningOrder): Promise<Warning> =>
  post(`/api/warnings/${id(warning)}`, order);
export const getRecord = (): Promise<WholeRecord> => ask('/api/record');
export const STREAM = '/api/stream';
