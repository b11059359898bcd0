/** What an area's panel works out. Pure. */
import type { Forecast } from '../api/types';

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
