/** Which warnings stand, in which order, and what may be done with one. Pure. */
import type { Warning, WarningOrder } from '../api/types';

export type Order = WarningOrder['order'];

/** Proposed or issued: someone may still decide. */
export function stands(warning: Warning): boolean {
  return warning.state === 'proposed' || warning.state === 'issued';
}

/** Those that stand: the undecided first, then the likeliest, then the oldest. */
export function standing(warnings: readonly Warning[]): Warning[] {
  return warnings.filter(stands).sort(byNeed);
}

/** Those that are over, the newest first. */
export function over(warnings: readonly Warning[]): Warning[] {
  return warnings.filter((w) => !stands(w)).sort((a, b) => (a.proposed < b.proposed ? 1 : -1));
}

function byNeed(a: Warning, b: Warning): number {
  if (a.state !== b.state) return a.state === 'proposed' ? -1 : 1;
  if (a.chance !== b.chance) return b.chance - a.chance;
  return a.proposed < b.proposed ? -1 : 1;
}

/** A role as people say it: a protocol may write `duty_officer`. */
export function roleName(role: string | null): string {
  return (role ?? '').replaceAll('_', ' ').trim();
}

/** A chance in 100, never 0 or 100: nothing here is certain. */
export function inHundred(chance: number): number {
  return Math.min(99, Math.max(1, Math.round(100 * chance)));
}
