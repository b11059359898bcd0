/** The pack's own areas and streets: the only ground the map has. */
import type { FeatureCollection } from 'geojson';
import { atDesk } from '../api/client';
import { boundsOf, positionsOf, type Bounds } from './geometry';
import type { City } from '../api/types';

/** The worker that reads it has no address of its own: it wants a whole one. */
export function streetsUrl(): string {
  return new URL(atDesk('/basemap/streets'), window.location.href).href;
}

/** Areas with their outlines. Throws Error when the desk does not give them. */
export async function fetchAreas(): Promise<FeatureCollection> {
  const response = await fetch(atDesk('/basemap/areas'));
  if (!response.ok) throw new Error(`The desk did not give the areas of the map (${response.status}).`);
  return (await response.json()) as FeatureCollection;
}

/** What to fit: the areas' own extent, else the pack's. */
export function extentOf(areas: FeatureCollection, city: City): Bounds {
  const places = areas.features.flatMap(({ geometry }) =>
    geometry !== null && 'coordinates' in geometry ? [...positionsOf(geometry.coordinates)] : [],
  );
  const [w = -180, s = -80, e = 180, n = 80] = city.bounds;
  return boundsOf(places) ?? [w, s, e, n];
}
