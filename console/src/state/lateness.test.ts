import { describe, expect, it } from 'vitest';
import type { CoverLate, LateChange } from '../api/types';
import { areasThatChange, lateByArea, lateKind, signed, worthSaying } from './lateness';

const cover = {
  kinds: [
    { kind: 'engine', late: null, areas: [] },
    { kind: 'medic', late: 2, areas: [{ area: 'west', late: 0.4 }] },
    { kind: 'truck', late: 1, areas: [] },
  ],
} as unknown as CoverLate;

const change = (by: number, areas: [string, number, number][] = []): LateChange =>
  ({ kind: 'engine', before: 1, after: 1 + by, change: by, low: null, high: null, areas: areas.map(([area, before, after]) => ({ area, before, after })) });

describe('expected late calls', () => {
  it('shows the chosen kind, and never one without figures', () => {
    expect(lateKind(cover, 'truck')?.kind).toBe('truck');
    expect(lateKind(cover, 'engine')?.kind).toBe('medic');
    expect(lateKind(null, null)).toBeNull();
    expect(lateByArea(lateKind(cover, null))?.get('west')).toBe(0.4);
    expect(lateByArea(null)).toBeNull();
  });

  it('keeps quiet about nothing', () => {
    expect(worthSaying([change(0.001), change(-0.2), change(0.3)]).map((one) => one.change)).toEqual([0.3, -0.2]);
  });

  it('lists the areas that change most, gains and losses', () => {
    const found = areasThatChange(change(0.1, [['a', 0.1, 0.101], ['b', 0.1, 0.2], ['c', 0.5, 0.2]]), 2);
    expect(found.map((one) => one.area)).toEqual(['c', 'b']);
  });

  it('writes the sign as a word would stand: in front, with a true minus', () => {
    const shown = (n: number, digits: number): string => n.toFixed(digits);
    expect([0.12, -0.3, 0].map((n) => signed(n, 2, shown))).toEqual(['+0.12', '−0.30', '0.00']);
  });
});
