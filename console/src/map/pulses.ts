/** A new call's ring grows once. Drawn over the map as an element, so that the map itself rests. */
import type { Map as MapLibreMap } from 'maplibre-gl';
import { placeOf, type Place } from './geometry';
import { wentOn } from './glides';
import type { MapInput } from './types';

const LASTS_MS = 600;
const MOST = 3;

/** Places of waiting calls that the previous picture did not have. None after a jump in time. */
export function newCalls(previous: MapInput, input: MapInput): Place[] {
  if (!wentOn(previous, input) || input.reducedMotion || !input.layers.calls) return [];
  const known = new Set(previous.picture.calls.map(({ call }) => call));
  return input.picture.calls
    .filter(({ call, phase }) => phase === 'waiting' && !known.has(call))
    .map(({ place }) => placeOf(place))
    .filter((place) => place !== null);
}

export class Pulses {
  constructor(
    private readonly container: HTMLElement,
    private readonly map: MapLibreMap,
  ) {}

  /** Grows rings for what is new in `input`; a burst of calls gets none, since all of it at once says nothing. */
  show(previous: MapInput, input: MapInput): void {
    const places = newCalls(previous, input);
    if (places.length > MOST) return;
    for (const place of places) this.pulse(place);
  }

  private pulse(place: Place): void {
    const { x, y } = this.map.project(place);
    const ring = document.createElement('div');
    ring.className = 'map-pulse';
    ring.style.left = `${x}px`;
    ring.style.top = `${y}px`;
    this.container.append(ring);
    setTimeout(() => ring.remove(), LASTS_MS);
  }
}
