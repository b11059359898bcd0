import { describe, expect, it } from 'vitest';
import type { Alarm, ExerciseOptions, Inject } from '../api/types';
import { breaksIn, firstSpan, marked, scriptShown, spanFault, waitingThere } from './exercise';

const HOUR = 3_600_000;
const options = {
  recorded: { start: '2017-01-01T00:30:00Z', until: '2017-01-02T00:00:00Z' },
  longest_h: 72,
  scenarios: [
    { scenario: 'storm', span: { start: '2017-01-01T05:00:00Z', until: '2017-01-01T09:00:00Z' } },
    { scenario: 'any', span: null },
  ],
} as unknown as ExerciseOptions;

describe('an exercise', () => {
  it('marks its ids and times, and nothing else', () => {
    expect([marked(true, '02:00'), marked(false, '02:00'), marked(true, '')]).toEqual(['X 02:00', '02:00', '']);
    expect(marked(true, 'X-2017-03')).toBe('X-2017-03');
  });

  it('hides all but the next inject', () => {
    const inject = (id: string, at: string, state: string): Inject => ({ inject: id, at, state }) as unknown as Inject;
    const shown = scriptShown([inject('3', '03', 'coming'), inject('1', '01', 'played'), inject('2', '02', 'coming')]);
    expect([shown.played.map((one) => one.inject), shown.next?.inject, shown.later]).toEqual([['1'], '2', 1]);
    expect(scriptShown([])).toEqual({ played: [], next: null, later: 0 });
  });

  it('lets only an unanswered level 1 of the real city break in', () => {
    const alarm = (level: number, state: string, raised: string): Alarm => ({ level, state, raised }) as unknown as Alarm;
    expect(breaksIn([alarm(2, 'raised', '1'), alarm(1, 'acknowledged', '2')])).toBeNull();
    expect(breaksIn([alarm(1, 'raised', '1'), alarm(1, 'raised', '3'), alarm(1, 'raised', '2')])?.raised).toBe('3');
    expect(waitingThere([alarm(2, 'raised', '1'), alarm(1, 'acknowledged', '2')])).toBe(1);
  });

  it('begins with the span that the scenario was written for, else within the record', () => {
    expect(firstSpan(options, 'storm', 0, 4).until).toBe(Date.parse('2017-01-01T09:00:00Z'));
    expect(firstSpan(options, 'any', Date.parse('2017-01-01T10:20:00Z'), 4)).toEqual({
      start: Date.parse('2017-01-01T10:00:00Z'),
      until: Date.parse('2017-01-01T14:00:00Z'),
    });
    expect(firstSpan(options, null, Date.parse('2020-01-01T00:00:00Z'), 4).start).toBe(Date.parse('2017-01-01T20:00:00Z'));
  });

  it('finds what is wrong with a span', () => {
    const start = Date.parse('2017-01-01T10:00:00Z');
    expect(spanFault(options, true, start, 4)).toBeNull();
    expect(spanFault(options, true, start, 0)).toBe('length');
    expect(spanFault(options, false, start, 73)).toBe('length');
    expect(spanFault(options, true, start - 10 * HOUR, 4)).toBe('outside');
    expect(spanFault(options, false, start - 10 * HOUR, 4)).toBeNull();
  });
});
