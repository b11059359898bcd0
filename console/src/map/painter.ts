/** Puts the layers' features into the map's sources, and the theme into its layers. Only what changed is touched. */
import type { Feature } from 'geojson';
import type { GeoJSONSource, Map as MapLibreMap } from 'maplibre-gl';
import { Glides, wentOn } from './glides';
import { rasterise, setImages } from './images';
import { areaNames, areaStates, uncoverNotes, type AreaState } from './layers/areas';
import { callFeatures, minuteFeatures } from './layers/calls';
import type { PointFeature } from './layers/features';
import { hospitalFeatures } from './layers/hospitals';
import { moveFeatures } from './layers/moves';
import { openedFeatures } from './layers/opened';
import { selectionFeatures } from './layers/selection';
import { stationFeatures } from './layers/stations';
import { suggestionFeatures } from './layers/suggestions';
import { unitFeatures } from './layers/units';
import { listLayers, type DrawnSource } from './style';
import { paletteOf, STALE_FILTER, type Palette } from './tokens';
import type { MapInput } from './types';

const STREET_LAYERS = ['street-residential', 'street-arterial', 'street-freeway'];
const FILTERED = { 'area-hatch': ['area-hatch'], 'area-selected': ['area-selected', 'area-selected-casing'] } as const;

export class Painter {
  private look = 'dark';
  private readonly keys = new Map<string, string>();
  private readonly steps = new Map<string, number>();
  private readonly glides = new Glides();

  constructor(
    private readonly map: MapLibreMap,
    /** Zoom from which everything but the city's outline is drawn. */
    private readonly base: number,
    private readonly colour: (palette: Palette) => void,
  ) {}

  /** Units are on their way to where the newest picture has them. */
  get gliding(): boolean {
    return this.glides.active;
  }

  paint(previous: MapInput | null, input: MapInput): void {
    this.restyle(input);
    if (previous !== null && previous.picture !== input.picture) this.startGlides(previous, input);
    this.set('names', [...areaNames(input), ...uncoverNotes(input)]);
    this.set('plan', [...moveFeatures(input), ...suggestionFeatures(input)]);
    this.set('stations', stationFeatures(input));
    this.set('hospitals', hospitalFeatures(input));
    this.set('calls', callFeatures(input, input.nowMs()));
    this.paintLive(input);
    this.paintAreas(areaStates(input));
    this.filterAreas('area-selected', input.selection?.type === 'area' ? [input.selection.id] : []);
    this.switchStreets(input.layers.streets);
  }

  /** The one source that changes while the clock runs. */
  paintLive(input: MapInput): void {
    const nowMs = input.nowMs();
    const units = this.glides.apply(unitFeatures(input, nowMs), performance.now());
    const rings = input.selection === null ? [] : selectionFeatures(input, [...standing(input, nowMs), ...units]);
    this.set('live', [...units, ...openedFeatures(input), ...minuteFeatures(input, nowMs), ...rings]);
  }

  private startGlides(previous: MapInput, input: MapInput): void {
    if (input.reducedMotion || !wentOn(previous, input)) this.glides.forget();
    else this.glides.start(unitFeatures(input, input.nowMs()), performance.now());
  }

  private paintAreas(states: readonly AreaState[]): void {
    for (const { area, step } of states) {
      if (this.steps.get(area) === step) continue;
      this.steps.set(area, step);
      this.map.setFeatureState({ source: 'areas', id: area }, { step });
    }
    this.filterAreas('area-hatch', states.filter(({ hatched }) => hatched).map(({ area }) => area));
  }

  private filterAreas(which: keyof typeof FILTERED, ids: readonly string[]): void {
    if (!this.changed(which, ids.join('\n'))) return;
    for (const layer of FILTERED[which]) this.map.setFilter(layer, ['in', ['get', 'area'], ['literal', [...ids]]]);
  }

  private set(name: DrawnSource, features: Feature[]): void {
    if (!this.changed(name, JSON.stringify(features))) return;
    this.map.getSource<GeoJSONSource>(name)?.setData({ type: 'FeatureCollection', features });
  }

  private changed(name: string, key: string): boolean {
    if (this.keys.get(name) === key) return false;
    this.keys.set(name, key);
    return true;
  }

  private switchStreets(on: boolean): void {
    const visibility = on ? 'visible' : 'none';
    if (!this.changed('streets', visibility)) return;
    for (const layer of STREET_LAYERS) this.map.setLayoutProperty(layer, 'visibility', visibility);
  }

  /** Another theme is other colours and bitmaps on the same layers: nothing is loaded again. */
  private restyle({ theme, stale, picture }: MapInput): void {
    const filter = stale ? STALE_FILTER[theme] : '';
    const { style } = this.map.getCanvas();
    if (style.filter !== filter) style.filter = filter;
    const exercise = picture.clock.mode === 'exercise';
    const look = exercise ? 'exercise' : theme;
    if (look === this.look) return;
    this.look = look;
    const palette = paletteOf(theme, exercise);
    this.colour(palette);
    for (const layer of listLayers(palette, this.base)) this.repaint(layer.id, layer.paint ?? {});
    void rasterise(theme, exercise).then((bitmaps) => {
      if (this.look === look) setImages(this.map, bitmaps);
    });
  }

  private repaint(layer: string, paint: object): void {
    type Property = Parameters<MapLibreMap['setPaintProperty']>[1];
    for (const [property, value] of Object.entries(paint)) this.map.setPaintProperty(layer, property as Property, value);
  }
}

/** What stands still and can carry the ring. */
function standing(input: MapInput, nowMs: number): PointFeature[] {
  return [...callFeatures(input, nowMs), ...stationFeatures(input), ...hospitalFeatures(input)];
}
