/** Positions, ways and bounds. Positions are `[lon, lat]` in degrees; bearings clockwise from north. */
import type { Movement } from './types';

export type Place = [number, number];
/** West, south, east, north. */
export type Bounds = [number, number, number, number];

const METRES_PER_DEGREE = 111_320;

/** A position as two finite numbers, or null: what has no place is not drawn. */
export function placeOf(position: readonly number[] | null | undefined): Place | null {
  const [lon, lat] = position ?? [];
  return lon !== undefined && lat !== undefined && Number.isFinite(lon) && Number.isFinite(lat) ? [lon, lat] : null;
}

export function placesOf(path: readonly (readonly number[])[]): Place[] {
  return path.map(placeOf).filter((place) => place !== null);
}

/** Equirectangular, good to a part in a thousand across a city. */
export function distanceM(a: Place, b: Place): number {
  const x = (b[0] - a[0]) * Math.cos((((a[1] + b[1]) / 2) * Math.PI) / 180);
  return Math.hypot(x, b[1] - a[1]) * METRES_PER_DEGREE;
}

export function bearingDeg(a: Place, b: Place): number {
  const x = (b[0] - a[0]) * Math.cos((((a[1] + b[1]) / 2) * Math.PI) / 180);
  return (Math.atan2(x, b[1] - a[1]) * 180) / Math.PI;
}

export interface Along {
  place: Place;
  bearing: number;
  /** What is left of the way, beginning at `place`. */
  rest: Place[];
}

/** Where `share` (0..1) of the way along `path` lies. Null for an empty path. */
export function along(path: readonly Place[], share: number): Along | null {
  const first = path[0];
  if (first === undefined) return null;
  const lengths = path.slice(1).map((to, i) => distanceM(path[i] as Place, to));
  let left = Math.min(1, Math.max(0, share)) * lengths.reduce((sum, length) => sum + length, 0);
  for (const [i, length] of lengths.entries()) {
    const [from, to] = [path[i] as Place, path[i + 1] as Place];
    if (length > 0 && (left < length || i === lengths.length - 1)) {
      const t = Math.min(1, left / length);
      const place: Place = [from[0] + (to[0] - from[0]) * t, from[1] + (to[1] - from[1]) * t];
      return { place, bearing: bearingDeg(from, to), rest: [place, ...path.slice(i + 1)] };
    }
    left -= length;
  }
  return { place: path[path.length - 1] as Place, bearing: 0, rest: [path[path.length - 1] as Place] };
}

/** Where a unit is on its estimated way at `nowMs`. */
export function onTheWay(movement: Movement, nowMs: number): Along | null {
  const depart = Date.parse(movement.depart);
  const span = Date.parse(movement.arrive) - depart;
  const share = span > 0 ? (nowMs - depart) / span : 1;
  return along(placesOf(movement.path), share);
}

export function boundsOf(places: Iterable<Place>): Bounds | null {
  let bounds: Bounds | null = null;
  for (const [lon, lat] of places) {
    const [w, s, e, n]: Bounds = bounds ?? [lon, lat, lon, lat];
    bounds = [Math.min(w, lon), Math.min(s, lat), Math.max(e, lon), Math.max(n, lat)];
  }
  return bounds;
}

/** Every position of a GeoJSON geometry's coordinates, however deep they nest. */
export function* positionsOf(coordinates: unknown): Generator<Place> {
  if (!Array.isArray(coordinates)) return;
  if (typeof coordinates[0] === 'number') {
    const place = placeOf(coordinates as number[]);
    if (place !== null) yield place;
    return;
  }
  for (const inner of coordinates) yield* positionsOf(inner);
}
