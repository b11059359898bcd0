import { describe, expect, it } from 'vitest';
import type { Alarm } from '../api/types';
import { needsYou } from './alarms';

const NOW = Date.parse('2017-01-01T10:00:00Z');

function alarm(id: string, level: 1 | 2 | 3, extra: Partial<Alarm> = {}): Alarm {
  return {
    alarm: id,
    kind: level === 1 ? 'past_target' : 'no_unit',
    level,
    state: 'raised',
    raised: new Date(NOW - 60_000 - Number(id) * 1000).toISOString(),
    since: null,
    ...extra,
  } as Alarm;
}

describe('needsYou', () => {
  it('puts the most urgent first: level, unanswered, oldest', () => {
    const list = [alarm('1', 2), alarm('2', 1), alarm('3', 2), alarm('4', 2, { state: 'acknowledged', kind: 'surge' })];
    expect(needsYou(list, NOW).lines.map((l) => l.alarm.alarm)).toEqual(['2', '3', '1', '4']);
  });

  it('leaves out what is answered, and names what is shelved', () => {
    const got = needsYou([alarm('1', 2, { state: 'shelved' }), alarm('2', 2, { state: 'cleared' })], NOW);
    expect(got.lines).toEqual([]);
    expect(got.shelved).toHaveLength(1);
  });

  it('makes one line of one cause, but never of level 1', () => {
    const many = Array.from({ length: 6 }, (_, i) => alarm(String(i), 2));
    const top = Array.from({ length: 5 }, (_, i) => alarm(String(10 + i), 1));
    const got = needsYou([...many, ...top], NOW);
    expect(got.lines.map((l) => l.all.length)).toEqual([1, 1, 1, 1, 1, 6]);
    expect(got.count).toBe(11);
  });

  it('folds level 3 in a flood only', () => {
    const third = [alarm('1', 3), alarm('2', 3, { kind: 'surge' })];
    expect(needsYou(third, NOW).folded).toEqual([]);
    const flood = [...third, ...Array.from({ length: 9 }, (_, i) => alarm(String(20 + i), 1))];
    expect(needsYou(flood, NOW).folded).toHaveLength(2);
  });
});
