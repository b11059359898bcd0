/** Calls of the last hour. Only those that need somebody carry colour, a frame and their minutes. */
import type { Call } from '../../api/types';
import { placeOf } from '../geometry';
import { callSymbol, type CallShape, type CallState } from '../symbols';
import type { MapInput } from '../types';
import { CALM, focusOf, minutesText, point, type Focus, type PointFeature } from './features';

const FADE_MS = 3_600_000;
/** Opacity moves in steps, so that the source changes every few minutes and not at every tick. */
const FADE_STEPS = 14;
/** So many waiting calls get a ring and minutes; beyond, only those that are most urgent and wait longest. */
export const MOST_RINGS = 12;

const SHAPES: Record<string, CallShape> = { medical: 'circle', fire: 'triangle' };

export function shapeOf(call: Pick<Call, 'service'>): CallShape {
  return SHAPES[call.service ?? ''] ?? 'diamond';
}

/** Drawn state; null when the scene was cleared more than an hour ago. */
export function stateOf(call: Call, nowMs: number): Exclude<CallState, 'waiting_many'> | null {
  if (call.phase === 'cleared') return ageMs(call, nowMs) < FADE_MS ? 'cleared' : null;
  if (call.phase === 'at_scene') return 'at_scene';
  if (call.past_target) return 'past';
  return call.phase === 'waiting' ? 'waiting' : 'under_way';
}

/** The state as a name on the picture: what waits or is past its target needs you. */
export function needsYou(call: Call): boolean {
  return call.needs_you || (call.phase !== 'cleared' && call.phase !== 'at_scene' && (call.past_target || call.phase === 'waiting'));
}

function ageMs(call: Call, nowMs: number): number {
  return call.closed === null ? 0 : nowMs - Date.parse(call.closed);
}

/** 1 when just cleared, 0.3 an hour later. */
export function fade(ageInMs: number): number {
  const share = Math.min(1, Math.max(0, ageInMs / FADE_MS));
  return Math.round((1 - (0.7 * Math.floor(share * FADE_STEPS)) / FADE_STEPS) * 100) / 100;
}

/** Ids of the waiting calls that get a ring and minutes. */
export function ringed(calls: readonly Call[]): Set<string> {
  const waiting = calls.filter((call) => call.phase === 'waiting' && !call.past_target && placeOf(call.place) !== null);
  if (waiting.length > MOST_RINGS) {
    waiting.sort((a, b) => a.priority - b.priority || Date.parse(a.received) - Date.parse(b.received));
  }
  return new Set(waiting.slice(0, MOST_RINGS).map(({ call }) => call));
}

const RANKS: Record<CallState, number> = { cleared: 0, at_scene: 2, under_way: 3, waiting_many: 4, waiting: 5, past: 6 };

export function callFeatures(input: MapInput, nowMs: number): PointFeature[] {
  if (!input.layers.calls) return [];
  const focus = focusOf(input);
  const rings = ringed(input.picture.calls);
  return input.picture.calls
    .map((call) => callFeature(call, focus, rings, nowMs))
    .filter((feature) => feature !== null);
}

function callFeature(call: Call, focus: Focus | null, rings: Set<string>, nowMs: number): PointFeature | null {
  const place = placeOf(call.place);
  const plain = stateOf(call, nowMs);
  if (place === null || plain === null) return null;
  const state = plain === 'waiting' && !rings.has(call.call) ? 'waiting_many' : plain;
  const urgent = needsYou(call);
  const calmed = focus !== null && !urgent && !focus.calls.has(call.call);
  const faded = state === 'cleared' ? fade(ageMs(call, nowMs)) : 1;
  return point(place, {
    kind: urgent ? 'urgent' : 'call',
    id: call.call,
    icon: callSymbol(shapeOf(call), state),
    scale: call.priority >= 2 ? 0.82 : 1,
    rank: RANKS[state],
    o: calmed ? Math.min(faded, CALM) : faded,
  });
}

/** Calls that carry minutes: what waits before what is under way, past its target before what is in time; then urgent and long waiting. */
function byNeed(a: Call, b: Call): number {
  return (
    Number(b.phase === 'waiting') - Number(a.phase === 'waiting') ||
    Number(b.past_target) - Number(a.past_target) ||
    a.priority - b.priority ||
    Date.parse(a.received) - Date.parse(b.received)
  );
}

/** Minutes beside the calls that wait, running with the clock. Where they would cover each other, the highest rank stays. */
export function minuteFeatures(input: MapInput, nowMs: number): PointFeature[] {
  if (!input.layers.calls) return [];
  const rings = ringed(input.picture.calls);
  const counted = input.picture.calls.filter((call) => {
    const state = stateOf(call, nowMs);
    return state === 'past' || (state === 'waiting' && rings.has(call.call));
  });
  return counted
    .sort(byNeed)
    .map((call, i) => minuteFeature(call, counted.length - i, input, nowMs))
    .filter((feature) => feature !== null);
}

function minuteFeature(call: Call, rank: number, { selection }: MapInput, nowMs: number): PointFeature | null {
  const place = placeOf(call.place);
  if (place === null) return null;
  const selected = selection?.type === 'call' && selection.id === call.call;
  return point(place, {
    kind: selected ? 'minutes-selected' : 'minutes',
    id: call.call,
    label: minutesText((nowMs - Date.parse(call.received)) / 1000),
    tone: stateOf(call, nowMs) === 'past' ? 'vermilion' : 'amber',
    rank,
    o: 1,
  });
}
