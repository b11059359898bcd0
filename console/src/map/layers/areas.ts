/** Areas: their lightness step, whether they are hatched, and their names. */
import type { Area, Plan } from '../../api/types';
import { placeOf } from '../geometry';
import type { AreaLayer, MapInput } from '../types';
import { minutesText, point, sayOn, type PointFeature } from './features';

/** Lower ends of the five steps: calls expected in the next hour. */
export const EXPECTED_STEPS = [0, 0.25, 0.75, 1.5, 3] as const;
/** Lower ends of the five steps: share of street corners in reach. */
export const COVER_STEPS = [0, 0.2, 0.4, 0.6, 0.8] as const;

/** Lower ends of the five steps: late calls expected in the next hour. */
export const LATE_STEPS = [0, 0.05, 0.1, 0.25, 0.5] as const;

export interface AreaState {
  area: string;
  /** 0..4, an index into the palette's tints. */
  step: number;
  hatched: boolean;
}

/** The step that `value` falls in; unknown counts as none. */
export function stepOf(value: number | null | undefined, steps: readonly number[]): number {
  if (value === null || value === undefined || !Number.isFinite(value)) return 0;
  return Math.max(0, steps.filter((low) => value >= low).length - 1);
}

function tintOf(area: Area, layer: AreaLayer, late: MapInput['late']): number {
  if (layer === 'expected') return stepOf(area.expected, EXPECTED_STEPS);
  if (layer === 'late') return stepOf(late?.get(area.area), LATE_STEPS);
  if (layer === 'cover') return stepOf(area.cover[0]?.share, COVER_STEPS);
  return 0;
}

/** The plan of the selected call, where it has come. */
export function planOf(input: Pick<MapInput, 'selection' | 'detail'>): Plan | null {
  const { selection, detail } = input;
  return selection?.type === 'call' && detail?.call.call === selection.id ? detail.plan : null;
}

export function areaStates(input: MapInput): AreaState[] {
  const loses = new Set(planOf(input)?.uncovers.map(({ area }) => area));
  const showsReach = input.layers.uncovered && input.areaLayer !== 'uncovers';
  return input.picture.areas.map((area) => ({
    area: area.area,
    step: input.layers.areas ? tintOf(area, input.areaLayer, input.late) : 0,
    hatched: loses.has(area.area) || (showsReach && area.reachable === false),
  }));
}

/** A name for the map: the first of several that a slash joins, since a map has no room for a list. */
export function shortName(name: string): string {
  return name.split('/')[0]?.trim() || name;
}

export function areaNames(input: MapInput): PointFeature[] {
  return input.city.areas.flatMap((area) => {
    const place = placeOf(area.centre);
    if (place === null) return [];
    const rank = area.population ?? area.km2;
    const kind = input.selection?.type === 'area' && input.selection.id === area.area ? 'name-chosen' : 'name';
    return [point(place, { kind, id: area.area, label: shortName(area.name), rank, o: 1 })];
  });
}

/** So many losses are said on the map, the worst; the panel lists all. */
export const MOST_NOTES = 3;

/** What the selected call's plan leaves uncovered, in words at the areas that lose most. */
export function uncoverNotes(input: MapInput): PointFeature[] {
  const facts = new Map(input.city.areas.map((area) => [area.area, area]));
  const own = input.detail?.call.area;
  const worst = [...(planOf(input)?.uncovers ?? [])].sort(
    (a, b) =>
      Number(b.area === own) - Number(a.area === own) ||
      b.before - b.after - (a.before - a.after) ||
      (b.expected_calls ?? 0) - (a.expected_calls ?? 0),
  );
  return worst.slice(0, MOST_NOTES).flatMap((loss) => {
    const place = placeOf(facts.get(loss.area)?.centre);
    if (place === null) return [];
    const kind = input.city.unit_kinds.find(({ kind: id }) => id === loss.kind)?.name ?? loss.kind;
    const cover = input.picture.areas.find(({ area }) => area === loss.area)?.cover;
    const within = cover?.find(({ kind: id }) => id === loss.kind)?.within_s;
    const share = { kind, before: Math.round(loss.before * 100), after: Math.round(loss.after * 100) };
    const label =
      within === undefined
        ? sayOn(input, 'map.note.plain', share)
        : sayOn(input, 'map.note', { ...share, time: minutesText(within) });
    return [point(place, { kind: 'note', id: loss.area, label, o: 1 })];
  });
}
