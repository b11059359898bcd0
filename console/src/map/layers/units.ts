/** Units between places: arrows along their way, posted units as discs. At scene, the call says it. */
import type { Unit } from '../../api/types';
import { bearingDeg, distanceM, onTheWay, placeOf, type Along, type Place } from '../geometry';
import type { UnitSymbol } from '../symbols';
import type { MapInput } from '../types';
import { suggestedWays } from './suggestions';
import { CALM, focusOf, line, minutesText, point, type Focus, type LineFeature, type PointFeature } from './features';

const SYMBOLS: Partial<Record<Unit['status'], UnitSymbol>> = {
  dispatched: 'to_call',
  en_route: 'to_call',
  transporting: 'patient',
  returning: 'returning',
};
/** Where nobody knows where it is bound for, the arrow lies as it does in the legend. */
const UNKNOWN_BEARING = 90;
const AT_GOAL_M = 20;
const THERE_M = 150;
const RANKS: Record<UnitSymbol, number> = { out: 0, posted: 1, posted_many: 1, returning: 2, patient: 3, to_call: 4 };

/** Whether something of the picture moves while the clock runs. */
export function anyMoves(input: MapInput): boolean {
  return input.layers.units && input.picture.units.some((unit) => unit.movement !== null && unit.status in SYMBOLS);
}

/** Arrows, discs and the ways of units to a call, for the one source that changes while the clock runs. */
export function unitFeatures(input: MapInput, nowMs: number): (PointFeature | LineFeature)[] {
  if (!input.layers.units) return [];
  const focus = focusOf(input);
  const calls = new Map(input.picture.calls.map((call) => [call.call, placeOf(call.place)]));
  return [
    ...input.picture.units.flatMap((unit) => movingFeatures(unit, calls, focus, nowMs)),
    ...postedFeatures(input, focus),
    ...input.picture.units.flatMap((unit) => outFeatures(unit, focus)),
  ];
}

function opacityOf(ids: readonly string[], focus: Focus | null): number {
  return focus === null || ids.some((id) => focus.units.has(id)) ? 1 : CALM;
}

/** A unit's label; one that rests on an inferred mark is marked as unconfirmed. */
function labelOf(unit: Unit): string {
  return unit.unconfirmed ? `${unit.unit} ?` : unit.unit;
}

function movingFeatures(
  unit: Unit,
  calls: ReadonlyMap<string, Place | null>,
  focus: Focus | null,
  nowMs: number,
): (PointFeature | LineFeature)[] {
  const symbol = SYMBOLS[unit.status];
  const where = symbol === undefined ? null : whereNow(unit, calls, nowMs);
  if (symbol === undefined || where === null) return [];
  const o = opacityOf([unit.unit], focus);
  const label = labelOf(unit);
  const arrow = point(where.place, {
    kind: 'unit',
    id: unit.unit,
    icon: `unit-${symbol}`,
    bearing: Math.round(where.bearing) - 90,
    rank: RANKS[symbol],
    label: symbol === 'returning' ? '' : label,
    long: symbol === 'to_call' ? withTimeLeft(label, unit, nowMs) : label,
    tone: symbol === 'returning' ? 'grey' : 'unit',
    back: symbol === 'to_call' && isThere(where.place, calls.get(unit.call ?? '')),
    o,
  });
  const hasWay = symbol === 'to_call' && where.rest.length > 1;
  return hasWay ? [line(where.rest, { kind: 'way', id: unit.unit, o }), arrow] : [arrow];
}

/** By estimate it has come to its call, though nobody has said so: it must not hide the call. */
function isThere(place: Place, call: Place | null | undefined): boolean {
  return call !== null && call !== undefined && distanceM(place, call) < THERE_M;
}

/** What is left of the way, as long as any is. */
function withTimeLeft(label: string, unit: Unit, nowMs: number): string {
  const leftMs = unit.movement === null ? 0 : Date.parse(unit.movement.arrive) - nowMs;
  return leftMs > 0 ? `${label} ${minutesText(leftMs / 1000)}` : label;
}

function whereNow(unit: Unit, calls: ReadonlyMap<string, Place | null>, nowMs: number): Along | null {
  const moving = unit.movement === null ? null : onTheWay(unit.movement, nowMs);
  if (moving !== null) return moving;
  const place = placeOf(unit.place);
  if (place === null) return null;
  const goal = calls.get(unit.call ?? '') ?? null;
  const known = goal !== null && distanceM(place, goal) > AT_GOAL_M;
  return { place, bearing: known ? bearingDeg(place, goal) : UNKNOWN_BEARING, rest: [place] };
}

/** Free units that stand posted, one disc a place with their count. */
function postedFeatures(input: MapInput, focus: Focus | null): PointFeature[] {
  const groups = new Map<string, { place: Place; units: Unit[] }>();
  for (const unit of input.picture.units) {
    const place = unit.status === 'available_posted' ? placeOf(unit.place) : null;
    if (place === null) continue;
    const key = place.map((value) => value.toFixed(4)).join();
    const group = groups.get(key) ?? { place, units: [] };
    group.units.push(unit);
    groups.set(key, group);
  }
  // A proposed unit already has its name and time at the start of its way.
  const proposed = new Set(suggestedWays(input).map(({ choice }) => choice.unit));
  return [...groups.values()].map(({ place, units: here }) => postedFeature(place, here, focus, proposed));
}

function postedFeature(
  place: Place,
  here: readonly Unit[],
  focus: Focus | null,
  proposed: ReadonlySet<string>,
): PointFeature {
  const ids = here.map(({ unit }) => unit);
  const chosen = ids.find((id) => focus?.units.has(id)) ?? ids[0] ?? '';
  return point(place, {
    kind: 'unit',
    id: chosen,
    icon: here.length > 1 ? 'unit-posted_many' : 'unit-posted',
    bearing: 0,
    rank: RANKS.posted,
    inside: here.length > 1 ? String(here.length) : '',
    label: '',
    long: here.length > 1 || proposed.has(chosen) ? '' : labelOf(here[0] as Unit),
    tone: 'unit',
    o: opacityOf(ids, focus),
  });
}

function outFeatures(unit: Unit, focus: Focus | null): PointFeature[] {
  const place = unit.status === 'out_of_service' ? placeOf(unit.place) : null;
  if (place === null) return [];
  const o = opacityOf([unit.unit], focus);
  const shared = { kind: 'unit', id: unit.unit, icon: 'unit-out', bearing: 0, rank: RANKS.out, tone: 'grey', o };
  return [point(place, { ...shared, label: '', long: labelOf(unit) })];
}
