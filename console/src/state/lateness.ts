/** Expected late calls as panels and the map read them. Pure. */
import type { CoverLate, KindCoverLate, LateChange } from '../api/types';

/** The kind to show: the one chosen where it has figures, else the first that has. */
export function lateKind(cover: CoverLate | null, chosen: string | null): KindCoverLate | null {
  const known = (cover?.kinds ?? []).filter((one) => one.late !== null);
  return known.find((one) => one.kind === chosen) ?? known[0] ?? null;
}

/** Late calls by area, of one kind; null where nothing can be said. */
export function lateByArea(kind: KindCoverLate | null): Map<string, number> | null {
  return kind === null ? null : new Map(kind.areas.map((one) => [one.area, one.late]));
}

/** Smaller differences of late calls an hour are not worth a line. */
export const LEAST_LATE = 0.005;

/** Changes worth saying, the largest loss first. */
export function worthSaying(changes: readonly LateChange[]): LateChange[] {
  return changes.filter((one) => Math.abs(one.change) >= LEAST_LATE).sort((a, b) => b.change - a.change);
}

/** Areas that change by so much that it can be read, at most `most`, the largest first. */
export function areasThatChange(change: LateChange, most: number): { area: string; by: number; before: number; after: number }[] {
  return change.areas
    .map((one) => ({ ...one, by: one.after - one.before }))
    .filter((one) => Math.abs(one.by) >= LEAST_LATE)
    .sort((a, b) => Math.abs(b.by) - Math.abs(a.by))
    .slice(0, most);
}

/** `+0.12`, `−0.30`: a difference with its sign. */
export function signed(n: number, digits: number, shown: (n: number, digits: number) => string): string {
  const text = shown(Math.abs(n), digits);
  return n > 0 ? `+${text}` : n < 0 ? `−${text}` : text;
}
