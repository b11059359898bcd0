/** The ring around what is selected. An area gets an outline instead. */
import type { MapInput, Selection } from '../types';
import { callSymbol } from '../symbols';
import { point, type LineFeature, type PointFeature } from './features';

const BY_STATE: [RegExp, number][] = [
  [/-waiting$/, 52],
  [/-past$/, 60],
  [/-cleared$/, 20],
  [/^unit-posted/, 26],
  [/^unit-returning$/, 26],
];

/** Ring size for a drawn symbol, in CSS pixels: just outside its casing. */
export function ringSize(icon: string): number {
  return BY_STATE.find(([pattern]) => pattern.test(icon))?.[1] ?? 34;
}

/** The ring stands where the selected thing is drawn; what is not drawn has none. */
export function selectionFeatures(
  input: Pick<MapInput, 'selection'>,
  drawn: readonly (PointFeature | LineFeature)[],
): PointFeature[] {
  const target = input.selection === null ? undefined : findDrawn(input.selection, drawn);
  if (target === undefined) return [];
  const { icon = callSymbol('circle', 'under_way') } = target.properties;
  const place = target.geometry.coordinates as [number, number];
  return [point(place, { kind: 'ring', id: target.properties.id, icon: `ring-${ringSize(icon)}`, o: 1 })];
}

const KINDS: Record<Selection['type'], readonly string[]> = {
  call: ['call', 'urgent'],
  unit: ['unit'],
  station: ['station'],
  hospital: ['hospital'],
  area: [],
  // A warning has no mark of its own; its area is what the map is given.
  warning: [],
  // Nor has a move-up: the map is given its unit.
  move: [],
};

function findDrawn(selection: Selection, drawn: readonly (PointFeature | LineFeature)[]): PointFeature | undefined {
  return drawn.find(
    (feature): feature is PointFeature =>
      feature.geometry.type === 'Point' &&
      feature.properties.id === selection.id &&
      KINDS[selection.type].includes(feature.properties.kind),
  );
}
