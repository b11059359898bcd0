import { describe, expect, it } from 'vitest';
import type { PeriodCount, UseCount } from '../api/types';
import { entryOf, oneTable, periodsOf, sums, total } from './account';

const use = (purpose: string, uses: number, kind: UseCount['kind'] = 'use'): UseCount => ({
  kind,
  dataset: 'calls',
  dataset_title: 'Calls',
  fields: ['place'],
  purpose,
  purpose_title: purpose,
  basis: 'eu-gdpr:A6-1-d',
  office: 'Control room',
  role: 'watch_officer',
  role_title: 'Watch officer',
  action: 'consult',
  uses,
  rows: 2 * uses,
  first: '2026-11-21T08:00:00Z',
  last: '2026-11-22T08:00:00Z',
});
const day = (start: string): PeriodCount => ({ start, uses: 1, rows: 1, refusals: 0, break_glass: 0, exports: 0 });

describe('counts', () => {
  it('are put together, the most frequent first, without what was refused', () => {
    const all = [use('a', 2), use('b', 3), use('a', 5, 'break_glass'), use('a', 9, 'refusal')];
    expect(sums(all, (one) => one.purpose).map((s) => [s.key, s.uses, s.rows])).toEqual([
      ['a', 7, 14],
      ['b', 3, 6],
    ]);
    expect(total(all, ['refusal'])).toBe(9);
    expect(total(all, ['use', 'break_glass'])).toBe(10);
  });

  it('go by weeks when there are too many days', () => {
    const many = Array.from({ length: 63 }, (_, i) => day(`d${i}`));
    expect(periodsOf({ days: many, weeks: [day('w')] })).toMatchObject({ weekly: true, periods: [{ start: 'w' }] });
    expect(periodsOf({ days: [day('d')], weeks: [] }).weekly).toBe(false);
  });
});

it('puts the pages of a table file together', () => {
  expect(oneTable(['a,b\r\n1,2\r\n', 'a,b\r\n3,4\r\n'])).toBe('a,b\r\n1,2\r\n3,4\r\n');
});

it('knows its own addresses', () => {
  expect([entryOf('/account'), entryOf('/account/uses/12'), entryOf('/account/uses/x')]).toEqual([null, 12, null]);
});
