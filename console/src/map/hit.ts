/**
 * What a click means: within 12 px a call before a unit, a hospital, a station; else the area under it.
 * A call whose scene is cleared comes after the units: it is history, they are on their way.
 */
import type { Map as MapLibreMap, MapGeoJSONFeature, Point } from 'maplibre-gl';
import type { Selection, SelectionType } from './types';

const TOLERANCE_PX = 12;
const ORDER: readonly (readonly [SelectionType, readonly string[]])[] = [
  ['call', ['call', 'urgent']],
  ['unit', ['unit']],
  ['call', ['cleared']],
  ['hospital', ['hospital']],
  ['station', ['station']],
];
const MARK_LAYERS = ['call', 'urgent', 'unit', 'hospital', 'station'];

export interface Mark {
  /** Name of the layer; `cleared` for calls that are over. */
  layer: string;
  id: string;
  distancePx: number;
}

/** The first kind in order that has a mark, and of it the nearest. */
export function nearestMark(marks: readonly Mark[]): Selection | null {
  for (const [type, layers] of ORDER) {
    const mine = marks.filter(({ layer }) => layers.includes(layer));
    const nearest = mine.sort((a, b) => a.distancePx - b.distancePx)[0];
    if (nearest !== undefined) return { type, id: nearest.id };
  }
  return null;
}

export function pick(map: MapLibreMap, at: Point): Selection | null {
  const box: [[number, number], [number, number]] = [
    [at.x - TOLERANCE_PX, at.y - TOLERANCE_PX],
    [at.x + TOLERANCE_PX, at.y + TOLERANCE_PX],
  ];
  const features = map.queryRenderedFeatures(box, { layers: MARK_LAYERS });
  return nearestMark(features.map((feature) => markOf(map, at, feature))) ?? areaAt(map, at);
}

function markOf(map: MapLibreMap, at: Point, feature: MapGeoJSONFeature): Mark {
  const [lon, lat] = feature.geometry.type === 'Point' ? feature.geometry.coordinates : [];
  const centre = lon === undefined || lat === undefined ? at : map.project([lon, lat]);
  const cleared = /^call-.*-cleared$/.test(String(feature.properties.icon));
  return { layer: cleared ? 'cleared' : feature.layer.id, id: String(feature.properties.id), distancePx: at.dist(centre) };
}

function areaAt(map: MapLibreMap, at: Point): Selection | null {
  const [area] = map.queryRenderedFeatures(at, { layers: ['area-tint'] });
  return area === undefined ? null : { type: 'area', id: String(area.properties.area) };
}

/** Ids drawn in layers, each once: tiles repeat what lies on their edges. */
export function countDrawn(map: MapLibreMap, layers: readonly string[], key: string): number {
  const features = map.queryRenderedFeatures({ layers: [...layers] });
  return new Set(features.map(({ properties }) => String(properties[key]))).size;
}
