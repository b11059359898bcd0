/** What the screen counts and finds in a picture. Pure. */
import type { Area, Call, City, Hour, Picture, Ribbon, Unit } from '../api/types';
import type { Selection } from '../map/types';

export type CallClass = 'no_unit' | 'past_target' | 'under_way' | 'at_scene' | 'cleared';

/** One class a call: what needs somebody comes before what is merely so. */
export function callClass(call: Call): CallClass {
  if (call.phase === 'cleared') return 'cleared';
  if (call.past_target) return 'past_target';
  if (call.phase === 'waiting') return 'no_unit';
  return call.phase;
}

export function callCounts(calls: readonly Call[]): Record<CallClass, number> {
  const counts = { no_unit: 0, past_target: 0, under_way: 0, at_scene: 0, cleared: 0 };
  for (const call of calls) counts[callClass(call)] += 1;
  return counts;
}

export interface UnitCounts {
  to_call: number;
  patient: number;
  returning: number;
  posted: number;
}

export function unitCounts(units: readonly Unit[]): UnitCounts {
  const counts = { to_call: 0, patient: 0, returning: 0, posted: 0 };
  for (const unit of units) {
    if (unit.status === 'dispatched' || unit.status === 'en_route') counts.to_call += 1;
    else if (unit.status === 'transporting') counts.patient += 1;
    else if (unit.status === 'returning') counts.returning += 1;
    else if (unit.status === 'available_posted' && unit.place !== null) counts.posted += 1;
  }
  return counts;
}

/** The kind and the time that the areas' hatching goes by. */
export function leadingCover(areas: readonly Area[]): { kind: string; within_s: number } | null {
  for (const area of areas) {
    const first = area.cover[0];
    if (first) return { kind: first.kind, within_s: first.within_s };
  }
  return null;
}

export interface RibbonModel {
  /** Span on the time axis, in ms. */
  from: number;
  until: number;
  bars: { start: number; count: number; shown: boolean }[];
  hours: Hour[];
  /** Highest value, in calls per ten minutes. */
  top: number;
}

const TEN_MIN_MS = 600_000;
const HOUR_MS = 3_600_000;
const BACK_MS = 8 * HOUR_MS;

/** Eight hours back and what is expected ahead; `shown` marks what the map shows, the last 60 minutes. */
export function ribbonModel(ribbon: Ribbon, hours: readonly Hour[], nowMs: number): RibbonModel {
  const start = Date.parse(ribbon.start);
  const from = Math.max(start, Math.floor((nowMs - BACK_MS) / HOUR_MS) * HOUR_MS);
  const last = hours.at(-1);
  const until = Math.max(nowMs + HOUR_MS, last ? Date.parse(last.start) + HOUR_MS : 0);
  const bars = ribbon.counts
    .map((count, i) => ({ start: start + i * TEN_MIN_MS, count }))
    .filter((bar) => bar.start >= from && bar.start <= nowMs)
    .map((bar) => ({ ...bar, shown: bar.start + TEN_MIN_MS > nowMs - HOUR_MS }));
  const ahead = hours.filter((hour) => Date.parse(hour.start) + HOUR_MS > nowMs);
  const top = Math.max(1, ...bars.map((bar) => bar.count), ...ahead.map((hour) => hour.b80.high / 6));
  return { from, until, bars, hours: ahead, top };
}

export interface Found {
  selection: Selection;
  name: string;
  what: string;
}

const LIMIT = 12;

function rank(text: string, wanted: string): number {
  const low = text.toLowerCase();
  if (low === wanted) return 0;
  if (low.startsWith(wanted)) return 1;
  if (low.split(/[\s/·-]+/).some((word) => word.startsWith(wanted))) return 2;
  return low.includes(wanted) ? 3 : 9;
}

/** Calls, units, areas, stations and hospitals whose name or kind holds `text`, the best match first. */
export function find(text: string, city: City, picture: Picture): Found[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return [];
  const areaNames = new Map(city.areas.map((a) => [a.area, a.name]));
  const kinds = new Map(city.unit_kinds.map((k) => [k.kind, k.name]));
  const found: (Found & { rank: number })[] = [];
  const offer = (type: Selection['type'], id: string, name: string, what: string): void => {
    const at = Math.min(rank(id, wanted), rank(name, wanted), rank(what, wanted) + 4);
    if (at < 8) found.push({ selection: { type, id }, name, what, rank: at });
  };
  for (const u of picture.units) offer('unit', u.unit, u.unit, kinds.get(u.kind) ?? u.kind);
  for (const c of picture.calls) offer('call', c.call, c.call, `${c.kind}, ${areaNames.get(c.area ?? '') ?? ''}`);
  for (const a of city.areas) offer('area', a.area, a.name, a.district ?? '');
  for (const s of city.stations) offer('station', s.station, s.name, city.agencies[s.agency] ?? s.agency);
  for (const h of city.hospitals) offer('hospital', h.hospital, h.name, '');
  return found.sort((a, b) => a.rank - b.rank || a.name.localeCompare(b.name)).slice(0, LIMIT);
}

/** Great-circle distance of two positions, in metres. */
export function distanceM(a: readonly number[], b: readonly number[]): number {
  const rad = Math.PI / 180;
  const [lon1 = 0, lat1 = 0] = a;
  const [lon2 = 0, lat2 = 0] = b;
  const h =
    Math.sin(((lat2 - lat1) * rad) / 2) ** 2 +
    Math.cos(lat1 * rad) * Math.cos(lat2 * rad) * Math.sin(((lon2 - lon1) * rad) / 2) ** 2;
  return 2 * 6_371_008.8 * Math.asin(Math.sqrt(h));
}

const FREE = new Set(['available_at_station', 'available_posted', 'available_place_unknown', 'returning']);

export const isFree = (unit: Unit): boolean => FREE.has(unit.status) && unit.duty !== 'off';

/** Free units near a place, the nearest as the crow flies first. */
export function freeNear(units: readonly Unit[], place: readonly number[], limit: number): { unit: Unit; m: number }[] {
  return units
    .filter((u) => isFree(u) && u.place !== null)
    .map((unit) => ({ unit, m: distanceM(place, unit.place ?? place) }))
    .sort((a, b) => a.m - b.m)
    .slice(0, limit);
}

export interface Mark {
  at: string;
  name: string;
  unit: string | null;
  inferred: boolean;
}

/** The marks of a call in the order of their times. */
export function timeline(call: Call): Mark[] {
  const marks: Mark[] = [{ at: call.received, name: 'received', unit: null, inferred: false }];
  for (const on of call.units) {
    for (const [name, at] of Object.entries(on.marks)) {
      if (at) marks.push({ at, name, unit: on.unit, inferred: (on.inferred as string[]).includes(name) });
    }
  }
  if (call.closed) marks.push({ at: call.closed, name: 'closed', unit: null, inferred: false });
  return marks.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}
