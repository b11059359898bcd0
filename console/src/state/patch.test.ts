import { describe, expect, it } from 'vitest';
import type { Delta, Picture } from '../api/types';
import { Gap, patch } from './patch';

const call = (id: string, extra: object = {}) => ({ call: id, phase: 'waiting', ...extra });

const picture = {
  seq: 10,
  rev: 4,
  clock: { now: 'a' },
  calls: [call('1'), call('2'), call('3')],
  units: [{ unit: 'A' }],
  areas: [{ area: 'x', observed: 1 }],
  numbers: [1],
  alarms: [],
  changes: [{ seq: 9 }],
  corrections: 2,
} as unknown as Picture;

const delta = (extra: object): Delta =>
  ({
    seq: 11,
    rev: 5,
    clock: { now: 'b' },
    calls_set: [],
    calls_gone: [],
    units_set: [],
    units_gone: [],
    areas_set: [],
    changes: [],
    ...extra,
  }) as unknown as Delta;

describe('patch', () => {
  it('replaces, adds and removes by id, and keeps the order', () => {
    const next = patch(picture, delta({ calls_set: [call('4'), call('2', { phase: 'cleared' })], calls_gone: ['1'] }));
    expect(next.calls.map((c) => `${c.call} ${c.phase}`)).toEqual(['2 cleared', '3 waiting', '4 waiting']);
    expect(next.clock.now).toBe('b');
    expect(next.rev).toBe(5);
  });

  it('leaves the old picture as it was, and shares what did not change', () => {
    const before = structuredClone(picture);
    const next = patch(picture, delta({ areas_set: [{ area: 'x', observed: 3 }] }));
    expect(picture).toEqual(before);
    expect(next.calls).toBe(picture.calls);
    expect(next.areas).toEqual([{ area: 'x', observed: 3 }]);
  });

  it('takes a section whole where it is there, also an empty one', () => {
    const next = patch(picture, delta({ numbers: [], corrections: 0, alarms: null }));
    expect(next.numbers).toEqual([]);
    expect(next.corrections).toBe(0);
    expect(next.alarms).toBe(picture.alarms);
  });

  it('puts new changes first and keeps a hundred', () => {
    const many = Array.from({ length: 120 }, (_, i) => ({ seq: 200 - i }));
    expect(patch(picture, delta({ changes: [{ seq: 11 }] })).changes.map((c) => c.seq)).toEqual([11, 9]);
    expect(patch(picture, delta({ changes: many })).changes).toHaveLength(100);
  });

  it('passes over a delta that it has, and refuses one that does not follow', () => {
    expect(patch(picture, delta({ rev: 4 }))).toBe(picture);
    expect(() => patch(picture, delta({ rev: 6 }))).toThrow(Gap);
  });
});
