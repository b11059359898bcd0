/** What an area's panel works out. Pure. */
import type { Forecast, KindNext } from '../api/types';

type Factor = Forecast['factors'][number];

/** The usual level of this hour, where the forecast says one. */
export function usualOf(forecast: Forecast): number | null {
  return forecast.factors.find((f) => f.code === 'usual')?.value ?? null;
}

/** How long a factor's bar is, in percent: levels beside the highest level, multipliers beside the strongest. */
export function factorBar(factor: Factor, all: readonly Factor[]): number {
  const peers = all.filter((f) => f.unit === factor.unit).map((f) => f.value);
  const most = factor.unit === 'times' ? Math.max(2, ...peers) : Math.max(...peers);
  return most > 0 ? Math.min(100, (100 * factor.value) / most) : 0;
}

/** Calls in an hour. */
const LEAST_KIND = 0.05;

/** Kinds whose expected calls round to something, and what the others come to together. */
export function splitKinds(kinds: readonly KindNext[]): { shown: KindNext[]; rest: number; restMean: number } {
  const shown = kinds.filter((one) => one.mean >= LEAST_KIND);
  const others = kinds.filter((one) => one.mean < LEAST_KIND);
  return { shown, rest: others.length, restMean: others.reduce((sum, one) => sum + one.mean, 0) };
}
