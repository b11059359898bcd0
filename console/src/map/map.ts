/** The map of the console. What is drawn is decided in `layers/`; here it is opened, kept current and asked. */
import 'maplibre-gl/dist/maplibre-gl.css';
import { Map as MapLibreMap, setWorkerUrl, type MapMouseEvent } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import type { FeatureCollection } from 'geojson';
import type { City } from '../api/types';
import { extentOf, fetchAreas, streetsUrl } from './basemap';
import { Camera, FIT_PADDING_PX, zoomToFit } from './camera';
import { loadMapFonts } from './fonts';
import { Furniture, metresPerPixel } from './furniture';
import type { Bounds, Place } from './geometry';
import { isNews } from './glides';
import { countDrawn, pick } from './hit';
import { rasterise, setImages } from './images';
import { minuteFeatures } from './layers/calls';
import { anyMoves } from './layers/units';
import { Painter } from './painter';
import { Pulses } from './pulses';
import { baseZoom, mapStyle } from './style';
import { intervalMs, Ticker } from './ticker';
import { paletteOf } from './tokens';
import type { CityMap, Drawn, MapEvents, MapInput, Selection } from './types';

const HOVER_MS = 60;
const GLIDE_FRAME_MS = 100;

/**
 * Draws `city` into `container`. Resolves when the ground is there; `ready` follows after the first `update`.
 * Rejects when the desk does not give the areas, or the browser cannot draw with WebGL 2.
 */
export async function createMap(container: HTMLElement, city: City, on: MapEvents): Promise<CityMap> {
  setWorkerUrl(workerUrl);
  const [areas, bitmaps] = await Promise.all([fetchAreas(), rasterise('dark', false), loadMapFonts()]);
  const extent = extentOf(areas, city);
  const fitZoom = zoomToFit(extent, container.clientWidth || 1174, container.clientHeight || 734);
  const base = baseZoom(fitZoom);
  const map = openMap(container, areas, extent, fitZoom, base);
  await map.once('style.load');
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
  /** The newest input, where the map is not yet ready to draw it. */
  private waiting: MapInput | null = null;
  private settled = false;
  /** What was selected on the map itself. */
  private own: Selection | null = null;
  private readonly camera: Camera;
  private readonly furniture: Furniture;
  private readonly painter: Painter;
  private readonly pulses: Pulses;
  private readonly ticker = new Ticker(() => this.tick());
  private resolveReady: () => void = () => undefined;
  private hoverTimer: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private readonly map: MapLibreMap,
    container: HTMLElement,
    extent: Bounds,
    base: number,
    private readonly on: MapEvents,
  ) {
    this.ready = new Promise((resolve) => {
      this.resolveReady = resolve;
    });
    this.camera = new Camera(map, extent);
    this.furniture = new Furniture(container, map);
    this.furniture.colour(paletteOf('dark'));
    this.painter = new Painter(map, base, (palette) => this.furniture.colour(palette));
    this.pulses = new Pulses(container, map);
    map.on('render', () => this.ticker.measure());
    map.on('click', (event) => this.click(event));
    map.on('mousemove', (event) => this.hover(event));
    map.on('error', ({ error }) => console.warn(`Map: ${error.message}`));
  }

  update(input: MapInput): void {
    const previous = this.input;
    const canWait = previous !== null && (!this.settled || (this.ticker.resting > 0 && isNews(previous, input)));
    if (canWait) {
      this.waiting = input;
      if (this.settled) this.ticker.schedule(0);
      return;
    }
    this.apply(input);
    if (previous === null) void this.map.once('idle').then(() => this.settle());
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

  centre(): Place {
    const { lng, lat } = this.map.getCenter();
    return [lng, lat];
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

  private apply(input: MapInput): void {
    const previous = this.input;
    this.input = input;
    this.waiting = null;
    this.painter.paint(previous, input);
    this.furniture.update(input);
    if (previous !== null && previous.picture !== input.picture) this.pulses.show(previous, input);
    this.camera.follow(input, sameSelection(this.own, input.selection));
    if (this.settled) this.scheduleNext(input);
  }

  /** The first idle map. Until then nothing moves: a map that is always drawn again never comes to rest. */
  private settle(): void {
    this.settled = true;
    const next = this.waiting ?? this.input;
    if (next !== null) this.apply(next);
    this.resolveReady();
  }

  private tick(): void {
    const { input, waiting } = this;
    if (waiting !== null) {
      this.apply(waiting);
    } else if (input !== null) {
      this.painter.paintLive(input);
      this.scheduleNext(input);
    }
  }

  private scheduleNext(input: MapInput): void {
    const { clock } = input.picture;
    const runs = clock.playing && !input.stale && (anyMoves(input) || minuteFeatures(input, 0).length > 0);
    if (this.painter.gliding) {
      this.ticker.schedule(GLIDE_FRAME_MS);
    } else if (runs) {
      const metresPerPx = metresPerPixel(this.map.getCenter().lat, this.map.getZoom());
      this.ticker.schedule(intervalMs(clock.speed, metresPerPx, input.reducedMotion));
    }
  }

  private click(event: MapMouseEvent): void {
    this.own = pick(this.map, event.point);
    this.on.select(this.own, [event.lngLat.lng, event.lngLat.lat]);
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
