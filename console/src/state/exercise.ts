/** What the screen works out of an exercise. Pure. */
import type { Alarm, ExerciseOptions, Inject } from '../api/types';

/** Before every id and time of an exercise: nobody may take it for a real one, not even when it is read out. */
export const MARK = 'X';

export function marked(exercise: boolean, text: string): string {
  if (!exercise || text === '' || text.startsWith(`${MARK}-`)) return text;
  return `${MARK} ${text}`;
}

/** What came, and the one that comes next: players do not see further. */
export function scriptShown(injects: readonly Inject[]): { played: Inject[]; next: Inject | null; later: number } {
  const coming = injects.filter((one) => one.state === 'coming').sort((a, b) => (a.at < b.at ? -1 : 1));
  return {
    played: injects.filter((one) => one.state === 'played'),
    next: coming[0] ?? null,
    later: Math.max(0, coming.length - 1),
  };
}

/** Of the real city's alarms the one that breaks into an exercise: level 1, unanswered, the newest. */
export function breaksIn(alarms: readonly Alarm[]): Alarm | null {
  const urgent = alarms.filter((one) => one.level === 1 && one.state === 'raised');
  return urgent.sort((a, b) => (a.raised < b.raised ? 1 : -1))[0] ?? null;
}

/** How many of the real city's alarms wait for somebody. */
export const waitingThere = (alarms: readonly Alarm[]): number => alarms.filter((one) => one.state === 'raised').length;

const HOUR_MS = 3_600_000;

/** A span to begin with: that of the scenario where it was written for one, else `hours` from a time in the record. */
export function firstSpan(options: ExerciseOptions, scenario: string | null, nowMs: number, hours: number): { start: number; until: number } {
  const written = options.scenarios.find((one) => one.scenario === scenario)?.span;
  if (written) return { start: Date.parse(written.start), until: Date.parse(written.until) };
  const from = options.recorded ? Date.parse(options.recorded.start) : nowMs;
  const last = options.recorded ? Date.parse(options.recorded.until) - hours * HOUR_MS : nowMs;
  const start = Math.floor(Math.max(from + HOUR_MS, Math.min(nowMs, last)) / HOUR_MS) * HOUR_MS;
  return { start, until: start + hours * HOUR_MS };
}

/** What is wrong with a span: nothing, it ends before it begins, it is too long, or the record does not have it. */
export function spanFault(options: ExerciseOptions, recorded: boolean, startMs: number, hours: number): 'length' | 'outside' | null {
  if (!(hours > 0) || hours > options.longest_h) return 'length';
  const span = options.recorded;
  if (!recorded || span === null) return null;
  const inside = startMs >= Date.parse(span.start) && startMs + hours * HOUR_MS <= Date.parse(span.until);
  return inside ? null : 'outside';
}
