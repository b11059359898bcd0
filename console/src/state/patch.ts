/** Patch a picture with a delta. Pure: the old picture stays as it was. */
import type { Delta, Picture } from '../api/types';

const CHANGES_KEPT = 100;

/** The delta does not follow the picture: a whole picture has to be fetched. */
export class Gap extends Error {
  constructor(have: number, got: number) {
    super(`revision ${got} does not follow ${have}`);
    this.name = 'Gap';
  }
}

function merged<T>(
  old: readonly T[],
  id: (item: T) => string,
  set: readonly T[],
  gone: readonly string[] = [],
): T[] {
  if (set.length === 0 && gone.length === 0) return old as T[];
  const fresh = new Map(set.map((item) => [id(item), item]));
  const left = new Set(gone);
  const kept: T[] = [];
  for (const item of old) {
    const key = id(item);
    const next = fresh.get(key);
    if (next !== undefined) {
      kept.push(next);
      fresh.delete(key);
    } else if (!left.has(key)) {
      kept.push(item);
    }
  }
  return [...kept, ...fresh.values()];
}

/**
 * The picture after `delta`. A delta that is older than the picture changes nothing.
 *
 * @throws Gap when a revision is missing between the two.
 */
export function patch(picture: Picture, delta: Delta): Picture {
  if (delta.rev <= picture.rev) return picture;
  if (delta.rev !== picture.rev + 1) throw new Gap(picture.rev, delta.rev);
  return {
    seq: delta.seq,
    rev: delta.rev,
    clock: delta.clock,
    calls: merged(picture.calls, (c) => c.call, delta.calls_set, delta.calls_gone),
    units: merged(picture.units, (u) => u.unit, delta.units_set, delta.units_gone),
    areas: merged(picture.areas, (a) => a.area, delta.areas_set),
    numbers: delta.numbers ?? picture.numbers,
    alarms: delta.alarms ?? picture.alarms,
    warnings: delta.warnings ?? picture.warnings,
    moves: delta.moves ?? picture.moves,
    table: delta.table ?? picture.table,
    hospitals: delta.hospitals ?? picture.hospitals,
    stations: delta.stations ?? picture.stations,
    least_cover: delta.least_cover ?? picture.least_cover,
    cover_why: delta.cover_why ?? picture.cover_why,
    city: delta.city ?? picture.city,
    city_record: delta.city_record ?? picture.city_record,
    ribbon: delta.ribbon ?? picture.ribbon,
    changes: [...delta.changes, ...picture.changes].slice(0, CHANGES_KEPT),
    changes_in_12_min: delta.changes_in_12_min ?? picture.changes_in_12_min,
    corrections: delta.corrections ?? picture.corrections,
    quarantined: delta.quarantined ?? picture.quarantined,
    feeds: delta.feeds ?? picture.feeds,
  };
}
