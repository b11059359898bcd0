import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as api from './client';

const asked: { path: string; method: string }[] = [];

beforeEach(() => {
  asked.length = 0;
  vi.stubGlobal('fetch', (path: string, init: RequestInit = {}) => {
    asked.push({ path, method: init.method ?? 'GET' });
    return Promise.resolve(new Response('{}', { headers: { 'content-type': 'application/json' } }));
  });
});

afterEach(() => {
  api.talkTo(null);
  vi.unstubAllGlobals();
});

/** Every function of the client, called with names; those that are no requests give no promise. */
async function callAll(): Promise<void> {
  const beside = new Set(['talkTo', 'Failed']);
  for (const [name, call] of Object.entries(api)) {
    if (beside.has(name) || typeof call !== 'function') continue;
    await (call as (...given: string[]) => unknown)('a', 'b', 'c');
  }
}

describe('the client', () => {
  it('writes nothing to the real desk while an exercise is open', async () => {
    api.talkTo('X 7');
    await callAll();
    const written = asked.filter((one) => one.method !== 'GET').map((one) => one.path);
    expect(written.length).toBeGreaterThanOrEqual(9);
    expect(written.filter((path) => !path.startsWith('/api/exercises'))).toEqual([]);
  });

  it('reads of the real city only its alarms, its clock and what an exercise can be made of', async () => {
    api.talkTo('X7');
    await callAll();
    const real = asked.map((one) => one.path).filter((path) => !path.startsWith('/api/exercises'));
    expect([...new Set(real)].sort()).toEqual(['/api/alarms', '/api/clock', '/api/exercise-options']);
  });

  it('talks to the city otherwise, and escapes names', async () => {
    await api.getCall('a/b');
    api.talkTo('X/7');
    await api.getCall('a/b');
    expect(asked.map((one) => one.path)).toEqual(['/api/calls/a%2Fb', '/api/exercises/X%2F7/calls/a%2Fb']);
    expect([api.streamUrl(), api.atDesk('/basemap/areas')]).toEqual(['/api/exercises/X%2F7/stream', '/api/exercises/X%2F7/basemap/areas']);
  });
});
