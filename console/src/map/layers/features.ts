/** What the layer functions are given and what they give back. */
import type { Feature, LineString, Point } from 'geojson';
import type { Place } from '../geometry';
import { say, type Key, type Values } from '../../texts';
import type { MapInput } from '../types';

/** How much is left of what a selection calms. */
export const CALM = 0.35;

/** `kind` says which layers draw it; `id` is what it is drawn for; `o` its opacity. */
export interface PointProperties {
  kind: string;
  id: string;
  o: number;
  icon?: string;
  bearing?: number;
  scale?: number;
  /** Higher is drawn later and keeps its place. */
  rank?: number;
  label?: string;
  /** The label from zoom 13 on. */
  long?: string;
  /** Drawn behind the place it points to, so that it does not hide what is there. */
  back?: boolean;
  /** Text on the symbol itself. */
  inside?: string;
  tone?: string;
}

export type PointFeature = Feature<Point, PointProperties>;
export type LineFeature = Feature<LineString, PointProperties>;

export function point(place: Place, properties: PointProperties): PointFeature {
  return { type: 'Feature', geometry: { type: 'Point', coordinates: place }, properties };
}

export function line(path: Place[], properties: PointProperties): LineFeature {
  return { type: 'Feature', geometry: { type: 'LineString', coordinates: path }, properties };
}

/** `m:ss`, and `h:mm:ss` from an hour on. Negative counts as none. */
export function minutesText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number): string => String(value).padStart(2, '0');
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** A message in the language of the map. */
export function sayOn(input: Pick<MapInput, 'lang'>, key: Key, values?: Values): string {
  return say(input.lang ?? 'en', key, values);
}

/** Calls and units that a selection leaves bright: the selected thing, its units, its call, its plan. */
export interface Focus {
  calls: ReadonlySet<string>;
  units: ReadonlySet<string>;
}

/** Null where nothing is to be calmed: no selection, or one of an area or a place. */
export function focusOf(input: Pick<MapInput, 'selection' | 'picture' | 'detail'>): Focus | null {
  const { selection, picture, detail } = input;
  if (selection?.type === 'call') {
    const call = picture.calls.find(({ call: id }) => id === selection.id);
    const plan = detail?.call.call === selection.id ? detail.plan : null;
    const proposed = [...(plan?.choices ?? []), ...(plan?.runner_up ? [plan.runner_up] : [])];
    const units = [...(call?.units ?? []).filter(({ over }) => !over), ...proposed].map(({ unit }) => unit);
    return { calls: new Set([selection.id]), units: new Set(units) };
  }
  if (selection?.type === 'unit') {
    const unit = picture.units.find(({ unit: id }) => id === selection.id);
    return { calls: new Set(unit?.call ? [unit.call] : []), units: new Set([selection.id]) };
  }
  return null;
}
