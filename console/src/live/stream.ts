/**
 * The live stream. A short drop is left to EventSource, which resumes by itself; after five silent seconds the
 * connection counts as lost, and from then on tries are counted down so that a person can see and hasten them.
 */
import type { Delta, Picture } from '../api/types';

export type Connection =
  | { state: 'connecting' }
  | { state: 'live' }
  | { state: 'lost'; sinceMs: number; nextTryMs: number | null };

export interface StreamEvents {
  picture(picture: Picture): void;
  /** Throws when the delta does not follow; then the stream starts again. */
  delta(delta: Delta): void;
  connection(connection: Connection): void;
}

/** What the stream needs of the world; tests bring their own. */
export interface World {
  open(url: string): EventSource;
  /** Resolves when the desk answers at all. */
  ping(): Promise<void>;
  nowMs(): number;
  every(ms: number, run: () => void): () => void;
}

export const LOST_AFTER_MS = 5_000;
const PING_AFTER_MS = 2_500;
const RETRY_MS = [2_000, 4_000, 8_000];

export class LiveStream {
  readonly #url: string;
  readonly #on: StreamEvents;
  readonly #world: World;
  #source: EventSource | null = null;
  #heardMs: number;
  #tries = 0;
  #nextTryMs: number | null = null;
  #connection: Connection = { state: 'connecting' };
  #pinging = false;
  #hangingSinceMs: number | null = null;
  #stopClock: () => void;

  constructor(url: string, on: StreamEvents, world: World) {
    this.#url = url;
    this.#on = on;
    this.#world = world;
    this.#heardMs = world.nowMs();
    this.#stopClock = world.every(500, () => this.#watch());
    this.#open();
  }

  /** Try now instead of waiting for the countdown. */
  retry(): void {
    if (this.#connection.state !== 'lost') return;
    this.#tries = 0;
    this.#open();
    this.#lost();
  }

  /** Something says that the line is down, such as the browser going offline: ask at once. */
  suspect(): void {
    void this.#ping();
  }

  close(): void {
    this.#stopClock();
    this.#source?.close();
    this.#source = null;
  }

  #open(): void {
    this.#source?.close();
    this.#hangingSinceMs = null;
    const source = this.#world.open(this.#url);
    this.#source = source;
    this.#nextTryMs = null;
    const hear = (name: string, take: (text: string) => void): void => {
      source.addEventListener(name, (event) => {
        if (source === this.#source) this.#take(() => take((event as MessageEvent<string>).data));
      });
    };
    hear('picture', (text) => this.#on.picture(JSON.parse(text) as Picture));
    hear('delta', (text) => this.#on.delta(JSON.parse(text) as Delta));
    hear('heartbeat', () => undefined);
    source.addEventListener('error', () => {
      if (source === this.#source) this.#failed(source);
    });
  }

  #take(run: () => void): void {
    try {
      run();
    } catch {
      // A delta that does not follow, or bytes that are no picture: a whole picture puts it right.
      this.#open();
      return;
    }
    this.#heard();
  }

  #heard(): void {
    this.#heardMs = this.#world.nowMs();
    this.#tries = 0;
    if (this.#connection.state !== 'live') this.#set({ state: 'live' });
  }

  #failed(source: EventSource): void {
    void this.#ping();
    if (this.#connection.state === 'lost' || source.readyState === source.CLOSED) this.#schedule();
  }

  #schedule(): void {
    this.#source?.close();
    this.#source = null;
    const wait = RETRY_MS[Math.min(this.#tries, RETRY_MS.length - 1)] ?? 8_000;
    this.#tries += 1;
    this.#nextTryMs = this.#world.nowMs() + wait;
    if (this.#connection.state === 'lost') this.#lost();
  }

  #watch(): void {
    const now = this.#world.nowMs();
    const silent = now - this.#heardMs;
    if (this.#nextTryMs !== null && now >= this.#nextTryMs) {
      this.#open();
      if (this.#connection.state === 'lost') this.#lost();
    }
    if (this.#connection.state === 'lost') {
      this.#hangs(now);
      return;
    }
    if (silent >= LOST_AFTER_MS) this.#lost();
    else if (silent >= PING_AFTER_MS) void this.#ping();
  }

  /** An opened try that says nothing for five seconds is closed and tried again. */
  #hangs(now: number): void {
    if (this.#source === null) return;
    this.#hangingSinceMs ??= now;
    if (now - this.#hangingSinceMs < LOST_AFTER_MS) return;
    this.#hangingSinceMs = null;
    this.#schedule();
  }

  /** A paused desk says nothing new: ask whether it is there. */
  async #ping(): Promise<void> {
    if (this.#pinging || this.#connection.state === 'lost') return;
    this.#pinging = true;
    try {
      await this.#world.ping();
      // The desk answers; what counts is the stream, so only an open one is believed.
      if (this.#source?.readyState === 1 && this.#connection.state === 'live') this.#heardMs = this.#world.nowMs();
    } catch {
      // The watch decides, after the full five seconds.
    } finally {
      this.#pinging = false;
    }
  }

  #lost(): void {
    const before = this.#connection;
    const sinceMs = before.state === 'lost' ? before.sinceMs : this.#heardMs;
    this.#set({ state: 'lost', sinceMs, nextTryMs: this.#nextTryMs });
    // What is silent is closed: half a connection that speaks again later would make the screen flap.
    if (before.state !== 'lost') this.#schedule();
  }

  #set(connection: Connection): void {
    this.#connection = connection;
    this.#on.connection(connection);
  }
}

/** The real world: EventSource, fetch and the wall clock. */
export function browserWorld(ping: () => Promise<unknown>): World {
  return {
    open: (url) => new EventSource(url),
    ping: async () => {
      await ping();
    },
    nowMs: () => performance.now(),
    every: (ms, run) => {
      const id = setInterval(run, ms);
      return () => clearInterval(id);
    },
  };
}
