import { describe, expect, it } from 'vitest';
import { LiveStream, LOST_AFTER_MS, type Connection, type World } from './stream';

class FakeSource {
  readonly CLOSED = 2;
  readyState = 1;
  closed = false;
  #listeners = new Map<string, ((event: { data: string }) => void)[]>();

  addEventListener(name: string, run: (event: { data: string }) => void): void {
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), run]);
  }

  emit(name: string, data: unknown = null): void {
    for (const run of this.#listeners.get(name) ?? []) run({ data: JSON.stringify(data) });
  }

  close(): void {
    this.closed = true;
    this.readyState = 2;
  }
}

function setUp(deskAnswers = true) {
  const sources: FakeSource[] = [];
  const seen: Connection[] = [];
  let now = 0;
  let tick = (): void => undefined;
  const state = { deskAnswers, pings: 0, fail: false };
  const world: World = {
    open: () => {
      const source = new FakeSource();
      sources.push(source);
      return source as unknown as EventSource;
    },
    ping: () => {
      state.pings += 1;
      return state.deskAnswers ? Promise.resolve() : Promise.reject(new Error('gone'));
    },
    nowMs: () => now,
    every: (_, run) => {
      tick = run;
      return () => undefined;
    },
  };
  const pictures: unknown[] = [];
  const stream = new LiveStream(
    '/api/stream',
    {
      picture: (p) => void pictures.push(p),
      delta: () => {
        if (state.fail) throw new Error('gap');
      },
      connection: (c) => void seen.push(c),
    },
    world,
  );
  const pass = async (ms: number): Promise<void> => {
    for (let t = 0; t < ms; t += 500) {
      now += 500;
      tick();
      await Promise.resolve();
      await Promise.resolve();
      await Promise.resolve();
    }
  };
  return { sources, seen, state, stream, pass, pictures };
}

describe('LiveStream', () => {
  it('is live from the first picture', () => {
    const { sources, seen, pictures } = setUp();
    sources[0]?.emit('picture', { rev: 1 });
    expect(pictures).toEqual([{ rev: 1 }]);
    expect(seen.at(-1)).toEqual({ state: 'live' });
  });

  it('stays live while a paused desk answers', async () => {
    const { sources, seen, pass, state } = setUp();
    sources[0]?.emit('picture', { rev: 1 });
    await pass(30_000);
    expect(seen.at(-1)).toEqual({ state: 'live' });
    expect(state.pings).toBeGreaterThan(3);
  });

  it('is lost after five silent seconds, counts down, and comes back', async () => {
    const { sources, seen, pass, state } = setUp();
    sources[0]?.emit('picture', { rev: 1 });
    state.deskAnswers = false;
    await pass(LOST_AFTER_MS - 500);
    expect(seen.at(-1)).toEqual({ state: 'live' });
    await pass(500);
    expect(seen.at(-1)).toMatchObject({ state: 'lost', sinceMs: 0 });
    expect(sources[0]?.closed).toBe(true);
    expect(seen.at(-1)).toMatchObject({ state: 'lost', nextTryMs: LOST_AFTER_MS + 2000 });
    await pass(2000);
    expect(sources).toHaveLength(2);
    sources[1]?.emit('picture', { rev: 9 });
    expect(seen.at(-1)).toEqual({ state: 'live' });
  });

  it('tries now when asked', async () => {
    const { sources, seen, pass, state, stream } = setUp();
    sources[0]?.emit('picture', { rev: 1 });
    state.deskAnswers = false;
    await pass(LOST_AFTER_MS);
    stream.retry();
    expect(sources).toHaveLength(2);
    expect(seen.at(-1)).toMatchObject({ state: 'lost', nextTryMs: null });
  });

  it('starts again on a delta that does not follow', () => {
    const { sources, state } = setUp();
    sources[0]?.emit('picture', { rev: 1 });
    state.fail = true;
    sources[0]?.emit('delta', { rev: 7 });
    expect(sources).toHaveLength(2);
    expect(sources[0]?.closed).toBe(true);
  });

  it('gives up a try that says nothing', async () => {
    const { sources, pass, state } = setUp();
    sources[0]?.emit('picture', { rev: 1 });
    state.deskAnswers = false;
    await pass(LOST_AFTER_MS);
    await pass(2000 + LOST_AFTER_MS + 5000);
    expect(sources.length).toBeGreaterThanOrEqual(3);
  });
});
