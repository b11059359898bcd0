/** Exact places that were opened, while they are shown and no longer. */
import type { MapInput } from '../types';
import { point, sayOn, type PointFeature } from './features';

export function openedFeatures(input: Pick<MapInput, 'opened' | 'lang'>): PointFeature[] {
  return (input.opened ?? []).map(({ subject, place }) =>
    point(place, { kind: 'opened', id: subject, label: sayOn(input, 'map.opened'), o: 1 }),
  );
}
