/** A toy city for the tests of the map: two areas, two stations, a hospital, and what a test adds. */
import type { Area, Call, CallDetail, Choice, City, Picture, Unit } from '../api/types';
import type { MapInput } from './types';

export const NOW = Date.parse('2030-05-01T12:00:00Z');

export const at = (seconds: number): string => new Date(NOW + seconds * 1000).toISOString();

export function toyCity(change: Partial<City> = {}): City {
  return {
    name: 'toy',
    title: 'Toy',
    timezone: 'UTC',
    bounds: [0, 0, 0.1, 0.1],
    mode: 'replay',
    areas: [
      { area: 'west', name: 'West/Old Town', district: null, population: 500, km2: 2, centre: [0.02, 0.05] },
      { area: 'east', name: 'East', district: null, population: null, km2: 3, centre: [0.08, 0.05] },
    ],
    stations: [
      { station: '1', name: 'Station 1', agency: 'a', place: [0.02, 0.02], approximate: false },
      { station: 'harbour', name: 'Harbour station no. 12', agency: 'a', place: [0.08, 0.02], approximate: true },
    ],
    hospitals: [
      { hospital: 'h1', name: 'General', place: [0.05, 0.08], emergency: true },
      { hospital: 'h2', name: 'Clinic', place: [0.06, 0.08], emergency: false },
    ],
    unit_kinds: [
      { kind: 'medic', name: 'Medic', transports: true, headline: true },
      { kind: 'pump', name: 'Pump', transports: false, headline: true },
      { kind: 'ladder', name: 'Ladder', transports: false, headline: false },
    ],
    call_kinds: [],
    agencies: {},
    licences: [
      { file: 'areas.geojson', licence: 'PDDL-1.0', attribution: 'City of Toy' },
      { file: 'streets_edges.parquet', licence: 'PDDL-1.0', attribution: 'City of Toy' },
      { file: 'calls.parquet', licence: 'PDDL-1.0', attribution: 'Somebody else' },
    ],
    missing: [],
    history_note: null,
    can_send: false,
    why_not: null,
    version: '0',
    ...change,
  };
}

export function toyCall(change: Partial<Call> = {}): Call {
  return {
    call: 'c1',
    kind: 'Fall',
    service: 'medical',
    priority: 1,
    received: at(-87),
    target_s: 480,
    place: [0.05, 0.05],
    area: 'west',
    incident: null,
    phase: 'waiting',
    past_target: false,
    needs_you: false,
    first_dispatched: null,
    first_on_scene: null,
    closed: null,
    units: [],
    note: null,
    ...change,
  };
}

export function toyUnit(change: Partial<Unit> = {}): Unit {
  return {
    unit: 'M1',
    kind: 'medic',
    agency: 'a',
    station: '1',
    post: null,
    status: 'en_route',
    since: null,
    duty: 'certain',
    unconfirmed: false,
    call: 'c1',
    hospital: null,
    place: [0.02, 0.02],
    estimated: true,
    movement: null,
    ...change,
  };
}

export function toyArea(change: Partial<Area> = {}): Area {
  return { area: 'west', expected: 0.4, band: null, observed: 0, cover: [], late: [], reachable: true, ...change };
}

export function toyChoice(change: Partial<Choice> = {}): Choice {
  return {
    unit: 'M1',
    kind: 'medic',
    for_kind: 'medic',
    eta_s: 256,
    eta_low_s: 200,
    eta_high_s: 330,
    in_time: 0.9,
    by_road: true,
    certain: true,
    reason: { code: 'nearest', values: {}, text: 'nearest' },
    path: [
      [0.02, 0.02],
      [0.05, 0.05],
    ],
    ...change,
  };
}

export function toyDetail(plan: Partial<NonNullable<CallDetail['plan']>> = {}, call = toyCall()): CallDetail {
  return {
    call,
    card: [],
    plan: {
      made: at(0),
      based_on: 1,
      planner: 'closest',
      seed: 1,
      choices: [toyChoice()],
      runner_up: null,
      runner_up_uncovers: [],
      uncovers: [],
      missing: [],
      cover_unknown: [],
      late: [],
      runner_up_late: [],
      price: null,
      rule: null,
      fallback: null,
      requests: [],
      changes_since: 0,
      stale: false,
      ...plan,
    },
    can_send: false,
    why_not: null,
    decision: null,
    can_confirm: false,
    why_not_confirm: null,
  };
}

/** A picture with what the map reads of it; the rest is empty. */
export function toyPicture(change: Partial<Picture> = {}): Picture {
  const time = at(0);
  return {
    seq: 1,
    rev: 1,
    clock: {
      now: time,
      wall: time,
      mode: 'replay',
      playing: true,
      speed: 1,
      past: false,
      head: time,
      first: time,
      last: time,
      busy: null,
      ended: false,
    },
    calls: [],
    units: [],
    areas: [],
    numbers: [],
    alarms: [],
    warnings: [],
    moves: { moves: [], why_none: null, budget: { moves_per_h: 4, empty_min_per_h: 40, moves: 0, empty_min: 0 } },
    table: [],
    hospitals: [],
    stations: [],
    least_cover: [],
    cover_why: null,
    city: [],
    city_record: {
      held: 0,
      of: 0,
      promised: null,
      expected_low: null,
      expected_high: null,
      enough: false,
      verdict: 'no_record',
    },
    ribbon: { start: time, counts: [] },
    changes: [],
    changes_in_12_min: 0,
    corrections: 0,
    quarantined: { count: 0, by_code: {} },
    feeds: [],
    ...change,
  };
}

export function toyInput(picture: Partial<Picture> = {}, change: Partial<MapInput> = {}): MapInput {
  return {
    city: toyCity(),
    picture: toyPicture(picture),
    selection: null,
    layers: { calls: true, units: true, stations: true, hospitals: true, areas: true, uncovered: true, streets: true },
    theme: 'dark',
    stale: false,
    detail: null,
    nowMs: () => NOW,
    areaLayer: 'expected',
    reducedMotion: false,
    ...change,
  };
}
