/** Stations as houses: two windows for the two leading kinds that stand in them, dashed when empty. */
import type { City, Station } from '../../api/types';
import { placeOf } from '../geometry';
import { stationSymbol, type StationFill } from '../symbols';
import type { MapInput } from '../types';
import { point, type PointFeature } from './features';

/** The kinds behind the two windows: the first two that do not carry patients, in the pack's order. */
export function windowKinds(city: Pick<City, 'unit_kinds'>): string[] {
  const housed = city.unit_kinds.filter(({ transports }) => !transports);
  return (housed.length > 0 ? housed : city.unit_kinds).slice(0, 2).map(({ kind }) => kind);
}

export function fillOf(kindsIn: readonly string[], windows: readonly string[]): StationFill {
  const [first, second] = windows.map((kind) => kindsIn.includes(kind));
  if (first && second) return 'both';
  if (first) return 'first';
  if (second) return 'second';
  return kindsIn.length > 0 ? 'other' : 'none';
}

/** What stands beside the house from zoom 13 on: the id where it is short, else the number in the name. */
export function stationLabel(station: Pick<Station, 'station' | 'name'>): string {
  if (station.station.length <= 4) return station.station;
  return /(\d+)\D*$/.exec(station.name)?.[1] ?? station.name;
}

export function stationFeatures(input: MapInput): PointFeature[] {
  if (!input.layers.stations) return [];
  const windows = windowKinds(input.city);
  const kindsIn = new Map(input.picture.stations.map(({ station, kinds }) => [station, kinds]));
  return input.city.stations.flatMap((station) => {
    const place = placeOf(station.place);
    if (place === null) return [];
    const icon = stationSymbol(fillOf(kindsIn.get(station.station) ?? [], windows), station.approximate);
    return [point(place, { kind: 'station', id: station.station, icon, label: stationLabel(station), o: 1 })];
  });
}
