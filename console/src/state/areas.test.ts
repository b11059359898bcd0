import { describe, expect, it } from 'vitest';
import type { Forecast, KindNext } from '../api/types';
import { factorBar, splitKinds, usualOf } from './areas';

const kind = (name: string, mean: number): KindNext => ({
  kind: name,
  mean,
  b80: { low: 0, high: 2 },
  cells: 0,
  held: null,
  promised: null,
});

describe('kinds of call', () => {
  it('are listed while they round to something, the others counted and summed', () => {
    const split = splitKinds([kind('medical', 17.2), kind('alarm', 0.05), kind('gas', 0.04), kind('water', 0.01)]);
    expect(split.shown.map((one) => one.kind)).toEqual(['medical', 'alarm']);
    expect(split.rest).toBe(2);
    expect(split.restMean).toBeCloseTo(0.05);
  });
});

describe('factors', () => {
  const factors = [
    { code: 'usual', text: '', value: 4, unit: 'calls_per_h' },
    { code: 'recent', text: '', value: 1.5, unit: 'times' },
  ] as Forecast['factors'];

  it('say what is usual, where the forecast knows', () => {
    expect(usualOf({ factors } as Forecast)).toBe(4);
    expect(usualOf({ factors: factors.slice(1) } as Forecast)).toBeNull();
  });

  it('have bars within their track', () => {
    for (const factor of factors) {
      expect(factorBar(factor, factors)).toBeGreaterThan(0);
      expect(factorBar(factor, factors)).toBeLessThanOrEqual(100);
    }
  });
});
