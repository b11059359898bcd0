import { describe, expect, it } from 'vitest';
import type { TrackRecord } from '../api/types';
import { heldLine } from './records';

const record = (extra: Partial<TrackRecord>): TrackRecord => ({
  held: 24,
  of: 26,
  promised: 0.918,
  expected_low: 21,
  expected_high: 26,
  enough: true,
  verdict: 'within_chance',
  ...extra,
});

describe('what stands beside a number of expected calls', () => {
  it('is what held and what the band of whole calls had promised', () => {
    expect(heldLine(record({}))).toEqual(['city.record.promised', { held: 24, of: 26, share: 92, promised: 92 }]);
  });

  it('promises nothing where nobody knows', () => {
    expect(heldLine(record({ promised: null }))[0]).toBe('city.record');
  });

  it('is no record before there are enough hours', () => {
    expect(heldLine(record({ enough: false, of: 0, held: 0 }))).toEqual(['city.record.none', { of: 0 }]);
  });
});
