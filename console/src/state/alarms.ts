/** Which alarms stand in the list, in which order, and what is folded into one line. Pure. */
import type { Alarm } from '../api/types';

/** From so many of one cause, one line stands for all. */
const SAME_CAUSE = 4;
/** ISA-18.2: over ten in ten minutes is a flood; then level 3 folds into a count. */
const FLOOD = 10;
const FLOOD_WINDOW_MS = 600_000;

export interface AlarmLine {
  /** The alarm shown; of a fold, the one that needs most. */
  alarm: Alarm;
  /** All that the line stands for, `alarm` first. */
  all: Alarm[];
}

export interface NeedsYou {
  lines: AlarmLine[];
  /** Level 3 while there is a flood. */
  folded: Alarm[];
  shelved: Alarm[];
  count: number;
}

function standing(alarm: Alarm): boolean {
  return alarm.state === 'raised' || alarm.state === 'acknowledged';
}

/** The most urgent first: level, unacknowledged, then the oldest. */
export function byNeed(a: Alarm, b: Alarm): number {
  if (a.level !== b.level) return a.level - b.level;
  if (a.state !== b.state) return a.state === 'raised' ? -1 : 1;
  const [x, y] = [a.since ?? a.raised, b.since ?? b.raised];
  return x < y ? -1 : x > y ? 1 : a.alarm < b.alarm ? -1 : 1;
}

export function needsYou(alarms: readonly Alarm[], nowMs: number): NeedsYou {
  const all = alarms.filter(standing).sort(byNeed);
  const recent = all.filter((a) => nowMs - Date.parse(a.raised) <= FLOOD_WINDOW_MS).length;
  const folded = recent >= FLOOD ? all.filter((a) => a.level === 3) : [];
  const rest = all.filter((a) => !folded.includes(a));
  const lines: AlarmLine[] = [];
  for (const alarm of rest) {
    const same = rest.filter((a) => a.kind === alarm.kind && a.level === alarm.level);
    // Level 1 is never folded.
    if (alarm.level === 1 || same.length < SAME_CAUSE) lines.push({ alarm, all: [alarm] });
    else if (same[0] === alarm) lines.push({ alarm, all: same });
  }
  return { lines, folded, shelved: alarms.filter((a) => a.state === 'shelved'), count: all.length };
}
