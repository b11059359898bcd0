import { describe, expect, it } from 'vitest';
import type { Hour, PastHour } from '../api/types';
import { fanData, fanTop, hourTicks } from './fan';

const T = Date.parse('2017-01-01T10:00:00Z') / 1000;
const band = (low: number, high: number) => ({ low, high });

function hour(i: number): Hour {
  return {
    start: new Date((T + i * 3600) * 1000).toISOString(),
    mean: 4,
    median: 4,
    b50: band(3, 5),
    b80: band(2, 7),
    b95: band(1, 9),
    quantiles: [],
  };
}

const past: PastHour[] = [
  { start: new Date((T - 7200) * 1000).toISOString(), observed: 12, mean: 4, b50: null, b80: band(2, 7), b95: null, side: 'above' },
  { start: new Date((T - 3600) * 1000).toISOString(), observed: 3, mean: null, b50: null, b80: null, b95: null, side: null },
];

describe('fanData', () => {
  const fan = fanData([hour(0), hour(1)], past);

  it('steps from hour to hour, and gives the last one its width', () => {
    expect(fan.columns[0]).toEqual([T - 7200, T - 3600, T - 1, T, T + 3600, T + 7200]);
    expect([fan.from, fan.until]).toEqual([T - 7200, T + 7200]);
    for (const column of fan.columns) expect(column).toHaveLength(6);
    expect(fan.dots.map((d) => d.at)).toEqual([T - 5400, T - 1800]);
  });

  it('keeps the past’s band apart from what is ahead', () => {
    expect(fan.columns[8]).toEqual([7, null, null, null, null, null]);
    expect(fan.columns[7].slice(0, 3)).toEqual([null, null, null]);
  });

  it('says what was inside', () => {
    expect(fan.dots.map((d) => d.inside)).toEqual([false, true]);
    expect(fanTop(fan, true)).toBeGreaterThan(12);
  });

  it('has nothing to draw without hours', () => {
    expect(fanData([], []).columns.flat()).toEqual([]);
  });
});

describe('hourTicks', () => {
  it('stands on local hours at steps that divide a day', () => {
    const ticks = hourTicks(T - 26 * 3600, T + 24 * 3600, 'America/Los_Angeles', 9);
    expect(ticks.map((t) => new Date(t * 1000).getUTCHours())).toEqual(
      ticks.map((_, i) => [8, 14, 20, 2][i % 4]),
    );
  });
});
