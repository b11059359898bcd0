/** Move-ups that stand: a dashed arrow from where the unit is to the station where it should stand by. */
import type { MoveOption, MoveUp } from '../../api/types';
import { bearingDeg, placeOf, placesOf, type Place } from '../geometry';
import type { MapInput } from '../types';
import { line, point, sayOn, minutesText, type LineFeature, type PointFeature } from './features';

type Asked = Pick<MapInput, 'city' | 'picture' | 'move' | 'lang'>;

/** Proposed, or accepted and not over. */
export function standsUp(move: MoveUp): boolean {
  return move.state === 'proposed' || move.state === 'accepted';
}

/** From where to where. Empty where one of both is unknown, or where they are one place. */
export function moveWay(input: Asked, option: Pick<MoveOption, 'unit' | 'from_place' | 'to_station'>, path: readonly number[][] = []): Place[] {
  const known = placesOf(path as [number, number][]);
  if (known.length > 1) return known;
  const from = placeOf(input.picture.units.find(({ unit }) => unit === option.unit)?.place) ?? placeOf(option.from_place);
  const to = placeOf(input.city.stations.find(({ station }) => station === option.to_station)?.place);
  if (from === null || to === null || (from[0] === to[0] && from[1] === to[1])) return [];
  return [from, to];
}

export function moveFeatures(input: Asked): (LineFeature | PointFeature)[] {
  return input.picture.moves.moves.filter(standsUp).flatMap((move) => {
    const chosen = input.move === move.move;
    const drive = move.unit === move.best.unit && move.to_station === move.best.to_station ? `  ${minutesText(move.best.drive_s)}` : '';
    const way = moveWay(input, { unit: move.unit, from_place: move.best.from_place, to_station: move.to_station }, move.path);
    const own = arrow(way, move.move, chosen ? 'move-chosen' : 'move', `${move.unit}${drive}`);
    const second = move.runner_up;
    if (!chosen || second === null) return own;
    return [...own, ...arrow(moveWay(input, second), `${move.move} 2`, 'runner-up', `${second.unit} ${sayOn(input, 'map.runner_up')}`)];
  });
}

/** A line, its head at the station, its label in the middle. */
function arrow(way: Place[], id: string, kind: string, label: string): (LineFeature | PointFeature)[] {
  const end = way.at(-1);
  const before = way.at(-2);
  const first = way[0];
  if (end === undefined || before === undefined || first === undefined) return [];
  const middle: Place = way.length > 2 ? (way[Math.floor(way.length / 2)] as Place) : [(first[0] + end[0]) / 2, (first[1] + end[1]) / 2];
  return [
    line(way, { kind, id, o: 1 }),
    point(end, { kind: 'move-head', id, icon: 'move-head', bearing: Math.round(bearingDeg(before, end)) - 90, o: 1 }),
    point(middle, { kind: 'move-label', id, label, o: 1 }),
  ];
}
