/** What stands beside a number of expected calls: how often its band held, and what it had promised. Pure. */
import type { TrackRecord } from '../api/types';
import type { Key, Values } from '../texts';

export function heldLine(record: TrackRecord): [Key, Values] {
  if (!record.enough) return ['city.record.none', { of: record.of }];
  const { held, of } = record;
  const values = { held, of, share: Math.round((100 * held) / Math.max(1, of)) };
  if (record.promised === null) return ['city.record', values];
  return ['city.record.promised', { ...values, promised: Math.round(100 * record.promised) }];
}
