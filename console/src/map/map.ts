/** The map of the console: puts the layers' features on the screen. What is drawn is decided in `layers/`. */
import 'maplibre-gl/dist/maplibre-gl.css';
import { Map as MapLibreMap, setWorkerUrl, type GeoJSONSource, type MapMouseEvent } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import type { Feature, FeatureCollection } from 'geojson';
import type { City } from '../api/types';
import { extentOf, fetchAreas, streetsUrl } from './basemap';
import { Camera, FIT_PADDING_PX, zoomToFit } from './camera';
import { loadMapFonts } from './fonts';
import { Glides, wentOn } from './glides';
import { Furniture, metresPerPixel } from './furniture';
import type { Bounds, Place } from './geometry';
import { countDrawn, pick } from './hit';
import { rasterise, setImages } from './images';
import { areaNames, areaStates, uncoverNotes, type AreaState } from './layers/areas';
import { callFeatures, minuteFeatures } from './layers/calls';
import { hospitalFeatures } from './layers/hospitals';
import { selectionFeatures } from './layers/selection';
import { stationFeatures } from './layers/stations';
import { suggestionFeatures } from './layers/suggestions';
import { anyMoves, unitFeatures } from './layers/units';
import { Pulses } from './pulses';
import { baseZoom, listLayers, mapStyle, type DrawnSource } from './style';
import { intervalMs, Ticker } from './ticker';
import { paletteOf, STALE_FILTER } from './tokens';
import type { CityMap, Drawn, MapEvents, MapInput, Selection } from './types';

const HOVER_MS = 60;
const GLIDE_FRAME_MS = 100;
const STREET_LAYERS = ['street-residential', 'street-arterial', 'street-freeway'];

/**
 * Draws `city` into `container`. Resolves when the ground is there; `ready` follows after the first `update`.
 * Rejects when the desk does not give the areas, or the browser cannot draw with WebGL 2.
 */
export async function createMap(container: HTMLElement, city: City, on: MapEvents): Promise<CityMap> {
  setWorkerUrl(workerUrl);
  const [areas] = await Promise.all([fetchAreas(), loadMapFonts()]);
  const extent = extentOf(areas, city);
  const fitZoom = zoomToFit(extent, container.clientWidth || 1174, container.clientHeight || 734);
  const base = baseZoom(fitZoom);
  const map = openMap(container, areas, extent, fitZoom, base);
  const bitmaps = await rasterise('dark', false);
  if (!map.isStyleLoaded()) await map.once('style.load');
  setImages(map, bitmaps);
  return new DrawnMap(map, container, extent, base, on);
}

function openMap(container: HTMLElement, areas: FeatureCollection, extent: Bounds, fitZoom: number, base: number): MapLibreMap {
  const map = new MapLibreMap({
    container,
    style: mapStyle(areas, streetsUrl(), paletteOf('dark'), base),
    bounds: extent,
    fitBoundsOptions: { padding: FIT_PADDING_PX },
    minZoom: Math.max(0, fitZoom - 2),
    maxZoom: 17,
    maxPitch: 0,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    rollEnabled: false,
    keyboard: false,
    renderWorldCopies: false,
    fadeDuration: 0,
    refreshExpiredTiles: false,
  });
  map.touchZoomRotate.disableRotation();
  return map;
}

class DrawnMap implements CityMap {
  readonly ready: Promise<void>;
  private input: MapInput | null = null;
  private look = 'dark';
  private own: Selection | null = null;
  private readonly keys = new Map<string, string>();
  private readonly steps = new Map<string, number>();
  private readonly camera: Camera;
  private readonly furniture: Furniture;
  private readonly pulses: Pulses;
  private readonly glides = new Glides();
  private readonly ticker = new Ticker(() => this.tick());
  private settled = false;
  /** The newest input that came before the map was first idle. */
  private waiting: MapInput | null = null;
  private resolveReady: () => void = () => undefined;
  private hoverTimer: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private readonly map: MapLibreMap,
    container: HTMLElement,
    extent: Bounds,
    private readonly base: number,
    private readonly on: MapEvents,
  ) {
    this.ready = new Promise((resolve) => {
      this.resolveReady = resolve;
    });
    this.camera = new Camera(map, extent);
    this.furniture = new Furniture(container, map);
    this.furniture.colour(paletteOf('dark'));
    this.pulses = new Pulses(container, map);
    map.on('click', (event) => this.click(event));
    map.on('mousemove', (event) => this.hover(event));
    map.on('error', ({ error }) => console.warn(`Map: ${error.message}`));
  }

  update(input: MapInput): void {
    const first = this.input === null;
    if (!first && !this.settled) {
      this.waiting = input;
      return;
    }
    const previous = this.input;
    this.input = input;
    this.restyle(input);
    if (previous !== null && previous.picture !== input.picture) this.startGlides(previous, input);
    this.draw(input, input.nowMs());
    this.switchLayers(input);
    this.furniture.update(input);
    if (previous !== null && previous.picture !== input.picture) this.pulses.show(previous, input);
    this.camera.follow(input, sameSelection(this.own, input.selection));
    if (first) void this.map.once('idle').then(() => this.settleDown());
    else this.scheduleNext(input);
  }

  /** The first idle map. Until then nothing moves: a map that is always drawn again never comes to rest. */
  private settleDown(): void {
    this.settled = true;
    const next = this.waiting ?? this.input;
    this.waiting = null;
    if (next !== null) this.update(next);
    this.resolveReady();
  }

  fit(): void {
    this.camera.fit();
  }

  flyTo(place: Place): void {
    this.camera.flyTo(place);
  }

  zoom(by: number): void {
    this.camera.zoom(by);
  }

  pan(dx: number, dy: number): void {
    this.camera.pan(dx, dy);
  }

  drawn(): Drawn {
    return {
      calls: countDrawn(this.map, ['call', 'urgent'], 'id'),
      units: countDrawn(this.map, ['unit'], 'id'),
      areas: countDrawn(this.map, ['area-tint'], 'area'),
    };
  }

  destroy(): void {
    this.ticker.stop();
    if (this.hoverTimer !== null) clearTimeout(this.hoverTimer);
    this.furniture.remove();
    this.map.remove();
  }

  private draw(input: MapInput, nowMs: number): void {
    const calls = callFeatures(input, nowMs);
    const stations = stationFeatures(input);
    const hospitals = hospitalFeatures(input);
    this.set('names', [...areaNames(input), ...uncoverNotes(input)]);
    this.set('plan', suggestionFeatures(input));
    this.set('stations', stations);
    this.set('hospitals', hospitals);
    this.set('calls', calls);
    this.drawLive(input, nowMs, [...calls, ...stations, ...hospitals]);
    this.drawAreas(areaStates(input));
    this.filterAreas('area-selected', input.selection?.type === 'area' ? [input.selection.id] : []);
  }

  /** The one source that changes while the clock runs. `standing`: what else can carry the ring. */
  private drawLive(input: MapInput, nowMs: number, standing: ReturnType<typeof callFeatures>): void {
    const units = this.glides.apply(unitFeatures(input, nowMs), performance.now());
    const rings = selectionFeatures(input, [...standing, ...units]);
    this.set('live', [...units, ...minuteFeatures(input, nowMs), ...rings]);
  }

  private startGlides(previous: MapInput, input: MapInput): void {
    if (input.reducedMotion || !wentOn(previous, input)) this.glides.forget();
    else this.glides.start(unitFeatures(input, input.nowMs()), performance.now());
  }

  private drawAreas(states: readonly AreaState[]): void {
    for (const { area, step } of states) {
      if (this.steps.get(area) === step) continue;
      this.steps.set(area, step);
      this.map.setFeatureState({ source: 'areas', id: area }, { step });
    }
    this.filterAreas('area-hatch', states.filter(({ hatched }) => hatched).map(({ area }) => area));
  }

  private filterAreas(which: 'area-hatch' | 'area-selected', ids: readonly string[]): void {
    if (!this.changed(which, ids.join('\n'))) return;
    const layers = which === 'area-selected' ? ['area-selected', 'area-selected-casing'] : [which];
    for (const layer of layers) this.map.setFilter(layer, ['in', ['get', 'area'], ['literal', [...ids]]]);
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

  private switchLayers(input: MapInput): void {
    const visibility = input.layers.streets ? 'visible' : 'none';
    if (!this.changed('streets', visibility)) return;
    for (const layer of STREET_LAYERS) this.map.setLayoutProperty(layer, 'visibility', visibility);
  }

  /** Another theme is other colours and bitmaps on the same layers: nothing is loaded again. */
  private restyle(input: MapInput): void {
    const { theme, stale } = input;
    const filter = stale ? STALE_FILTER[theme] : '';
    const { style } = this.map.getCanvas();
    if (style.filter !== filter) style.filter = filter;
    const exercise = input.picture.clock.mode === 'exercise';
    const look = exercise ? 'exercise' : theme;
    if (look === this.look) return;
    this.look = look;
    const palette = paletteOf(theme, exercise);
    this.furniture.colour(palette);
    for (const layer of listLayers(palette, this.base)) this.repaint(layer.id, layer.paint ?? {});
    void rasterise(theme, exercise).then((bitmaps) => {
      if (this.look === look) setImages(this.map, bitmaps);
    });
  }

  private repaint(layer: string, paint: object): void {
    type Property = Parameters<MapLibreMap['setPaintProperty']>[1];
    for (const [property, value] of Object.entries(paint)) this.map.setPaintProperty(layer, property as Property, value);
  }

  private scheduleNext(input: MapInput): void {
    const { clock } = input.picture;
    const runs = clock.playing && !input.stale && (anyMoves(input) || minuteFeatures(input, 0).length > 0);
    if (this.glides.active) this.ticker.schedule(GLIDE_FRAME_MS);
    if (!runs || this.glides.active) return;
    const metresPerPx = metresPerPixel(this.map.getCenter().lat, this.map.getZoom());
    this.ticker.schedule(intervalMs(clock.speed, metresPerPx, input.reducedMotion));
  }

  private tick(): void {
    const { input } = this;
    if (input === null) return;
    const nowMs = input.nowMs();
    const standing = [...callFeatures(input, nowMs), ...stationFeatures(input), ...hospitalFeatures(input)];
    this.drawLive(input, nowMs, standing);
    this.scheduleNext(input);
  }

  private click(event: MapMouseEvent): void {
    this.own = pick(this.map, event.point);
    this.on.select(this.own);
  }

  private hover(event: MapMouseEvent): void {
    if (this.hoverTimer !== null) return;
    this.hoverTimer = setTimeout(() => {
      this.hoverTimer = null;
      const found = pick(this.map, event.point);
      const mark = found !== null && found.type !== 'area';
      this.map.getCanvas().style.cursor = mark ? 'pointer' : '';
      this.on.hover?.(found);
    }, HOVER_MS);
  }
}

function sameSelection(a: Selection | null, b: Selection | null): boolean {
  return a?.type === b?.type && a?.id === b?.id;
}
