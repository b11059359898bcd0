/** The map's style: sources, and layers in the design page's order from tint to minutes. */
import type { FeatureCollection } from 'geojson';
import type {
  ExpressionSpecification,
  FilterSpecification,
  LayerSpecification,
  StyleSpecification,
} from 'maplibre-gl';
import { FONT_MEDIUM, FONT_SEMIBOLD, type Palette } from './tokens';

export const EMPTY: FeatureCollection = { type: 'FeatureCollection', features: [] };

/** Sources whose features the layer functions make. `live` alone changes while the clock runs. */
export const DRAWN_SOURCES = ['names', 'plan', 'stations', 'hospitals', 'calls', 'live'] as const;
export type DrawnSource = (typeof DRAWN_SOURCES)[number];

/** Few tiles to cut at every drawing; a place is true to 4 m, which a unit on its estimated way is not. */
const LIVE_ZOOM = 10;

/** Zoom from which the middle of the table in "Map rules" holds, for a city that fits at `fitZoom`. */
export function baseZoom(fitZoom: number): number {
  return Math.max(8, Math.min(11, fitZoom - 0.25));
}

export function mapStyle(areas: FeatureCollection, streetsUrl: string, palette: Palette, base: number): StyleSpecification {
  const drawn = DRAWN_SOURCES.map((name) => [
    name,
    { type: 'geojson', data: EMPTY, maxzoom: name === 'live' ? LIVE_ZOOM : 16 },
  ] as const);
  return {
    version: 8,
    transition: { duration: 0, delay: 0 },
    sources: {
      areas: { type: 'geojson', data: areas, promoteId: 'area', maxzoom: 14, buffer: 32 },
      streets: { type: 'geojson', data: streetsUrl, maxzoom: 14, buffer: 16 },
      ...Object.fromEntries(drawn),
    },
    layers: listLayers(palette, base),
  };
}

export function listLayers(palette: Palette, base: number): LayerSpecification[] {
  return [
    ...groundLayers(palette, base),
    ...wayLayers(palette, base),
    ...placeLayers(palette, base),
    ...callAndUnitLayers(palette, base),
  ];
}

const kind = (...kinds: string[]): FilterSpecification => ['in', ['get', 'kind'], ['literal', kinds]];
const road = (...classes: string[]): ExpressionSpecification => ['in', ['get', 'class'], ['literal', classes]];

/** Widths at zoom 11, 12, 14 and 16. */
function width(...[at11, at12, at14, at16]: [number, number, number, number]): ExpressionSpecification {
  return ['interpolate', ['exponential', 1.6], ['zoom'], 11, at11, 12, at12, 14, at14, 16, at16];
}

/** Symbols grow a little as one comes nearer. */
function iconSize(scaled: boolean): ExpressionSpecification {
  const times = (size: number): ExpressionSpecification | number => (scaled ? ['*', size, ['get', 'scale']] : size);
  return ['interpolate', ['linear'], ['zoom'], 10, times(0.8), 11.4, times(1), 12, times(1), 14, times(1.16)];
}

function groundLayers(palette: Palette, base: number): LayerSpecification[] {
  const [none, ...steps] = palette.tint;
  const tint = ['match', ['feature-state', 'step'], ...steps.flatMap((colour, i) => [i + 1, colour]), none];
  return [
    { id: 'water', type: 'background', paint: { 'background-color': palette.water } },
    {
      id: 'area-tint',
      type: 'fill',
      source: 'areas',
      paint: { 'fill-color': tint as unknown as ExpressionSpecification, 'fill-antialias': false },
    },
    {
      ...streetLayer('street-residential', palette.street.residential, width(0.35, 0.6, 2, 6)),
      minzoom: base,
      filter: ['!', road('freeway', 'arterial')],
    },
    { ...streetLayer('street-arterial', palette.street.arterial, width(0.8, 1.2, 3.4, 9)), filter: road('arterial') },
    { ...streetLayer('street-freeway', palette.street.freeway, width(1.2, 2, 5, 12)), filter: road('freeway') },
    {
      id: 'area-hatch',
      type: 'fill',
      source: 'areas',
      filter: ['in', ['get', 'area'], ['literal', []]],
      paint: { 'fill-pattern': 'hatching' },
    },
    { id: 'area-border', type: 'line', source: 'areas', paint: { 'line-color': palette.border, 'line-width': 1 } },
    outline('area-selected-casing', palette.casing, 6),
    outline('area-selected', palette.text1, 2),
  ];
}

type LineLayer = Extract<LayerSpecification, { type: 'line' }>;
type SymbolLayer = Extract<LayerSpecification, { type: 'symbol' }>;

function streetLayer(id: string, colour: string, lineWidth: ExpressionSpecification): LineLayer {
  return {
    id,
    type: 'line',
    source: 'streets',
    // Round ends cost triangles and cannot be seen while streets are thin.
    layout: { 'line-join': ['step', ['zoom'], 'miter', 13, 'round'], 'line-cap': ['step', ['zoom'], 'butt', 13, 'round'] },
    paint: { 'line-color': colour, 'line-width': lineWidth },
  };
}

function outline(id: string, colour: string, lineWidth: number): LineLayer {
  return {
    id,
    type: 'line',
    source: 'areas',
    filter: ['==', ['get', 'area'], ''],
    layout: { 'line-join': 'round' },
    paint: { 'line-color': colour, 'line-width': lineWidth },
  };
}

function wayLayer(id: string, source: string, which: string, colour: string, lineWidth: number): LineLayer {
  return {
    id,
    type: 'line',
    source,
    filter: kind(which),
    layout: { 'line-join': 'round', 'line-cap': 'round' },
    paint: { 'line-color': colour, 'line-width': lineWidth, 'line-opacity': ['get', 'o'] },
  };
}

function wayLayers(palette: Palette, base: number): LayerSpecification[] {
  const dashed = wayLayer('runner-up', 'plan', 'runner-up', palette.unit, 3);
  const move = wayLayer('move', 'plan', 'move', palette.unit, 2.5);
  const chosen = wayLayer('move-chosen', 'plan', 'move-chosen', palette.unit, 4.5);
  return [
    { ...wayLayer('way-casing', 'live', 'way', palette.casing, 4), minzoom: base },
    { ...wayLayer('way', 'live', 'way', palette.unit, 2), minzoom: base },
    { ...wayLayer('move-casing', 'plan', 'move', palette.casing, 6), filter: kind('move', 'move-chosen') },
    { ...move, layout: { 'line-cap': 'butt' }, paint: { ...move.paint, 'line-dasharray': [2.5, 2] } },
    { ...chosen, layout: { 'line-cap': 'butt' }, paint: { ...chosen.paint, 'line-dasharray': [2.5, 1.5] } },
    wayLayer('choice-casing', 'plan', 'choice', palette.casing, 9),
    wayLayer('choice', 'plan', 'choice', palette.unit, 5),
    {
      ...dashed,
      layout: { 'line-join': 'round', 'line-cap': 'butt' },
      paint: { ...dashed.paint, 'line-dasharray': [3, 2], 'line-offset': 8 },
    },
  ];
}

function halo(palette: Palette, colour: string, haloWidth: number): NonNullable<SymbolLayer['paint']> {
  return { 'text-color': colour, 'text-halo-color': palette.casing, 'text-halo-width': haloWidth };
}

const TEXT = { 'text-font': [FONT_MEDIUM], 'text-size': 13, 'text-line-height': 1.15 };
/** Where a name may stand, best first: on its centre, else out of the way of the symbols there. */
const NAME_PLACES: [string, [number, number], ...(string | [number, number])[]] = [
  'center', [0, 0], 'top', [0, 0.7], 'bottom', [0, -0.7], 'top', [0, 1.8], 'bottom', [0, -1.8], 'left', [0.8, 0], 'right', [-0.8, 0],
];
const STRONG = { 'text-font': [FONT_SEMIBOLD], 'text-size': 13.5, 'text-line-height': 1.2 };

function placeLayers(palette: Palette, base: number): LayerSpecification[] {
  return [
    {
      id: 'area-name',
      type: 'symbol',
      source: 'names',
      filter: kind('name'),
      layout: {
        ...TEXT,
        'text-field': ['get', 'label'],
        'text-max-width': 7,
        'text-padding': 1,
        'text-variable-anchor-offset': NAME_PLACES,
        'symbol-sort-key': ['*', -1, ['get', 'rank']],
      },
      paint: halo(palette, palette.name, 1.6),
    },
    {
      id: 'area-name-chosen',
      type: 'symbol',
      source: 'names',
      filter: kind('name-chosen'),
      layout: { ...STRONG, 'text-size': 14, 'text-field': ['get', 'label'], 'text-max-width': 7, 'text-allow-overlap': true },
      paint: halo(palette, palette.text1, 2),
    },
    markLayer('station', base, {
      'text-field': ['step', ['zoom'], '', 13, ['get', 'label']],
      'text-offset': [0.85, 0.1],
    }, palette),
    markLayer('hospital', base, { 'text-field': ['get', 'label'], 'text-offset': [0.72, 0], 'text-font': [FONT_SEMIBOLD] }, palette),
    {
      id: 'area-note',
      type: 'symbol',
      source: 'names',
      filter: kind('note'),
      layout: {
        ...STRONG,
        'text-size': 15,
        'text-field': ['get', 'label'],
        'text-max-width': 30,
        'text-offset': [0, 2],
        'text-allow-overlap': true,
      },
      paint: halo(palette, palette.text1, 2.4),
    },
  ];
}

/** A house or an H with its text at the right. Always drawn: what yields are the names. */
function markLayer(which: 'station' | 'hospital', base: number, layout: SymbolLayer['layout'], palette: Palette): SymbolLayer {
  return {
    id: which,
    type: 'symbol',
    source: `${which}s`,
    minzoom: base,
    layout: {
      ...TEXT,
      'text-size': 14,
      'icon-image': ['get', 'icon'],
      'icon-size': iconSize(false),
      'icon-allow-overlap': true,
      'icon-padding': 0,
      'text-anchor': 'left',
      'text-optional': true,
      'text-allow-overlap': which === 'hospital',
      ...layout,
    },
    paint: { ...halo(palette, palette.text2, 1.8), 'icon-opacity': ['get', 'o'], 'text-opacity': ['get', 'o'] },
  };
}

function callAndUnitLayers(palette: Palette, base: number): LayerSpecification[] {
  const calls = callLayer('call', palette);
  const urgent = callLayer('urgent', palette);
  return [
    ...moveMarks(palette),
    unitLabels(palette, base),
    { ...calls, minzoom: base },
    urgent,
    {
      id: 'ring',
      type: 'symbol',
      source: 'live',
      filter: kind('ring'),
      layout: { 'icon-image': ['get', 'icon'], 'icon-size': iconSize(false), 'icon-allow-overlap': true, 'icon-ignore-placement': true },
    },
    {
      id: 'unit',
      type: 'symbol',
      source: 'live',
      filter: kind('unit'),
      minzoom: base,
      layout: {
        'icon-image': ['get', 'icon'],
        'icon-size': iconSize(false),
        'icon-rotate': ['get', 'bearing'],
        'icon-rotation-alignment': 'map',
        'icon-offset': ['case', ['==', ['get', 'back'], true], ['literal', [-27, 0]], ['literal', [0, 0]]],
        'icon-allow-overlap': true,
        'icon-padding': 0,
        ...STRONG,
        'text-size': 12.5,
        'text-field': ['coalesce', ['get', 'inside'], ''],
        'text-allow-overlap': true,
        'symbol-sort-key': ['get', 'rank'],
      },
      paint: { 'icon-opacity': ['get', 'o'], 'text-opacity': ['get', 'o'], 'text-color': palette.casing },
    },
    ...openedLayers(palette),
    ...numberLayers(palette),
  ];
}

/** An exact place that was opened: a point where the call's own mark stands only near it. */
function openedLayers(palette: Palette): LayerSpecification[] {
  return [
    {
      id: 'opened',
      type: 'circle',
      source: 'live',
      filter: kind('opened'),
      paint: { 'circle-radius': 5, 'circle-color': palette.text1, 'circle-stroke-width': 3, 'circle-stroke-color': palette.casing },
    },
    {
      id: 'opened-label',
      type: 'symbol',
      source: 'live',
      filter: kind('opened'),
      layout: { ...STRONG, 'text-size': 14, 'text-field': ['get', 'label'], 'text-anchor': 'top', 'text-offset': [0, 0.7], 'text-max-width': 30, 'text-allow-overlap': true },
      paint: halo(palette, palette.text1, 2.2),
    },
  ];
}

/** The head of a move-up's arrow and what stands beside it. */
function moveMarks(palette: Palette): SymbolLayer[] {
  return [
    {
      id: 'move-head',
      type: 'symbol',
      source: 'plan',
      filter: kind('move-head'),
      layout: {
        'icon-image': ['get', 'icon'],
        'icon-rotate': ['get', 'bearing'],
        'icon-rotation-alignment': 'map',
        'icon-allow-overlap': true,
        'icon-ignore-placement': true,
      },
    },
    {
      id: 'move-label',
      type: 'symbol',
      source: 'plan',
      filter: kind('move-label'),
      layout: { ...STRONG, 'text-size': 14, 'text-field': ['get', 'label'], 'text-max-width': 40, 'text-padding': 2,
        'text-variable-anchor': ['bottom', 'top', 'left', 'right'], 'text-radial-offset': 0.7 },
      paint: halo(palette, palette.unit, 2.2),
    },
  ];
}

function callLayer(which: 'call' | 'urgent', palette: Palette): SymbolLayer {
  return {
    id: which,
    type: 'symbol',
    source: 'calls',
    filter: kind(which),
    layout: {
      'icon-image': ['get', 'icon'],
      'icon-size': iconSize(true),
      'icon-allow-overlap': true,
      'icon-padding': 0,
      'symbol-sort-key': ['get', 'rank'],
    },
    paint: { 'icon-opacity': ['get', 'o'], 'text-halo-color': palette.casing },
  };
}

/** A turned icon's collision box grows: nearer than 1.5 em, its own label would never find room. */
function unitLabels(palette: Palette, base: number): SymbolLayer {
  return {
    id: 'unit-label',
    type: 'symbol',
    source: 'live',
    filter: kind('unit'),
    minzoom: base,
    layout: {
      ...STRONG,
      'text-field': ['step', ['zoom'], ['get', 'label'], 13, ['get', 'long']],
      'text-variable-anchor': ['left', 'right', 'bottom', 'top', 'bottom-left', 'top-left', 'bottom-right', 'top-right'],
      'text-radial-offset': 1.5,
      'text-padding': 1,
      'symbol-sort-key': ['*', -1, ['get', 'rank']],
    },
    paint: {
      ...halo(palette, palette.unit, 1.8),
      'text-color': ['match', ['get', 'tone'], 'grey', palette.text2, palette.unit],
      'text-opacity': ['get', 'o'],
    },
  };
}

/** Beside the frame of the call; beside the ring around it where it is selected. */
const MINUTES_OFFSET = { minutes: [1.22, 0], 'minutes-selected': [2.15, 0] } as const;

/** Times at the start of suggested ways, and the minutes of calls that wait. */
function numberLayers(palette: Palette): SymbolLayer[] {
  const choice: SymbolLayer = {
    id: 'choice-time',
    type: 'symbol',
    source: 'plan',
    filter: kind('time'),
    layout: { ...STRONG, ...BESIDE, 'text-allow-overlap': true, 'text-size': 16, 'text-field': ['get', 'label'], 'text-offset': [1.5, 0], 'text-max-width': 40 },
    paint: halo(palette, palette.unit, 2.2),
  };
  return [choice, minutesLayer('minutes', palette), minutesLayer('minutes-selected', palette)];
}

const BESIDE = { 'text-anchor': 'left', 'text-justify': 'left' } as const;

/** No symbol hides minutes; of two that would cover each other the more urgent stay, and those of the selected call always. */
function minutesLayer(which: 'minutes' | 'minutes-selected', palette: Palette): SymbolLayer {
  return {
    id: which,
    type: 'symbol',
    source: 'live',
    filter: kind(which),
    layout: {
      ...STRONG,
      ...BESIDE,
      'text-size': 18,
      'text-field': ['get', 'label'],
      'text-offset': [...MINUTES_OFFSET[which]],
      'text-padding': 1,
      'text-allow-overlap': which === 'minutes-selected',
      'symbol-sort-key': ['*', -1, ['get', 'rank']],
    },
    paint: {
      ...halo(palette, palette.amberText, 2.2),
      'text-color': ['match', ['get', 'tone'], 'vermilion', palette.vermilion, palette.amberText],
    },
  };
}
