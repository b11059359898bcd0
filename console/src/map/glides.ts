/** Units that a new picture puts elsewhere slide there for a second instead of jumping. */
import { distanceM, type Place } from './geometry';
import type { LineFeature, PointFeature } from './layers/features';
import type { MapInput } from './types';

const LASTS_MS = 1000;
/** Less is the step of an ordinary drawing; more is another place, to which nothing slides. */
const SHORTEST_M = 25;
const LONGEST_M = 3000;

interface Glide {
  /** From where it is to where it was drawn, in degrees. */
  offset: Place;
  startedMs: number;
}

/** Whether the picture went on from the one before, rather than to another time. */
export function wentOn(previous: MapInput, input: MapInput): boolean {
  const { clock } = input.picture;
  const passedMs = Date.parse(clock.now) - Date.parse(previous.picture.clock.now);
  return passedMs >= 0 && passedMs <= 10_000 * Math.max(1, clock.speed);
}

/** Whether `input` is the next picture and nothing that a person did: that alone may wait for a slow machine. */
export function isNews(previous: MapInput, input: MapInput): boolean {
  const { picture: before, nowMs: _was, ...rest } = previous;
  const { picture, nowMs: _is, ...now } = input;
  const same = (Object.keys(now) as (keyof typeof now)[]).every((key) => now[key] === rest[key]);
  return same && picture !== before && wentOn(previous, input);
}

export class Glides {
  private readonly drawn = new Map<string, Place>();
  private readonly running = new Map<string, Glide>();

  get active(): boolean {
    return this.running.size > 0;
  }

  /** Forgets where units were drawn, so that the next picture moves them at once. */
  forget(): void {
    this.drawn.clear();
    this.running.clear();
  }

  /** Starts a glide for each unit that stands elsewhere than where it was drawn last. */
  start(features: readonly (PointFeature | LineFeature)[], wallMs: number): void {
    for (const { properties, geometry } of features) {
      const last = properties.kind === 'unit' ? this.drawn.get(properties.id) : undefined;
      if (last === undefined || geometry.type !== 'Point') continue;
      const [lon, lat] = geometry.coordinates as Place;
      const wayM = distanceM(last, [lon, lat]);
      if (wayM < SHORTEST_M || wayM > LONGEST_M) continue;
      this.running.set(properties.id, { offset: [last[0] - lon, last[1] - lat], startedMs: wallMs });
    }
  }

  /** The features with gliding units on their way, easing out. */
  apply<F extends PointFeature | LineFeature>(features: readonly F[], wallMs: number): F[] {
    return features.map((feature) => {
      const { properties, geometry } = feature;
      if (properties.kind !== 'unit' || geometry.type !== 'Point') return feature;
      const place = this.placeNow(properties.id, geometry.coordinates as Place, wallMs);
      this.drawn.set(properties.id, place);
      return { ...feature, geometry: { ...geometry, coordinates: place } };
    });
  }

  private placeNow(id: string, place: Place, wallMs: number): Place {
    const glide = this.running.get(id);
    if (glide === undefined) return place;
    const left = 1 - (wallMs - glide.startedMs) / LASTS_MS;
    if (left <= 0) {
      this.running.delete(id);
      return place;
    }
    const share = left * left;
    return [place[0] + glide.offset[0] * share, place[1] + glide.offset[1] * share];
  }
}
