/** What is supposed, and the question that it makes. Pure. */
import type { Plan, WhatIfQuestion } from '../api/types';

export type Supposed =
  | { type: 'taken'; unit: string }
  | { type: 'at'; unit: string; station: string }
  | { type: 'closed'; place: [number, number] };

const same = (a: Supposed, b: Supposed): boolean => JSON.stringify(a) === JSON.stringify(b);

/** With one more; the same is not supposed twice, and a unit stands at one station only. */
export function withSupposed(all: readonly Supposed[], one: Supposed): Supposed[] {
  const kept = all.filter((other) => !same(other, one) && !(one.type !== 'closed' && other.type !== 'closed' && other.unit === one.unit));
  return [...kept, one];
}

export function question(all: readonly Supposed[], call: string | null): WhatIfQuestion {
  return {
    call,
    taken: all.flatMap((one) => (one.type === 'taken' ? [one.unit] : [])),
    at: all.flatMap((one) => (one.type === 'at' ? [{ unit: one.unit, station: one.station }] : [])),
    closed: all.flatMap((one) => (one.type === 'closed' ? [one.place] : [])),
  };
}

/** `37.77490, -122.41940` as people write it, latitude first; null where it is no place. */
export function readPlace(text: string): [number, number] | null {
  const found = /^\s*([-−]?\d+(?:\.\d+)?)\s*[,; ]\s*([-−]?\d+(?:\.\d+)?)\s*$/.exec(text);
  const [lat, lon] = [found?.[1], found?.[2]].map((part) => Number(part?.replace('−', '-') ?? Number.NaN));
  if (lat === undefined || lon === undefined || Number.isNaN(lat) || Number.isNaN(lon)) return null;
  return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? [lon, lat] : null;
}

export const placeText = ([lon, lat]: readonly [number, number]): string => `${lat.toFixed(5)}, ${lon.toFixed(5)}`;

/** Units of a plan and when each would be there, the first first. */
export function planRows(plan: Plan | null): { unit: string; eta_s: number }[] {
  return (plan?.choices ?? []).map(({ unit, eta_s }) => ({ unit, eta_s })).sort((a, b) => a.eta_s - b.eta_s);
}
