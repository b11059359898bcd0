/** Where the map looks: the whole city, a place, or a call with its suggested units. North is up. */
import type { LngLatBoundsLike, Map as MapLibreMap } from 'maplibre-gl';
import { boundsOf, placeOf, type Bounds, type Place } from './geometry';
import { suggestedWays } from './layers/suggestions';
import type { MapInput, Selection } from './types';

/** The bottom leaves room for the credit. */
export const FIT_PADDING_PX = { top: 10, right: 10, bottom: 30, left: 10 };
const PLAN_PADDING_PX = 110;
const EDGE_PX = 40;
const NEAREST_ZOOM = 17;
const PLAN_ZOOM = 13.6;
const DURATION_MS = 600;

export function asLngLatBounds([w, s, e, n]: Bounds): LngLatBoundsLike {
  return [w, s, e, n];
}

/** Zoom at which `bounds` fills a box of `width` × `height` CSS pixels, as Web Mercator has it. */
export function zoomToFit([w, s, e, n]: Bounds, width: number, height: number): number {
  const y = (lat: number): number => Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)) / (2 * Math.PI);
  const x = Math.max(1e-9, (e - w) / 360);
  const dy = Math.max(1e-9, y(n) - y(s));
  const { top, right, bottom, left } = FIT_PADDING_PX;
  const across = Math.max(1, width - left - right) / 512;
  const down = Math.max(1, height - top - bottom) / 512;
  return Math.log2(Math.min(across / x, down / dy));
}

export class Camera {
  /** Showing the whole city, and to go on so when the frame changes its size. */
  private home = true;
  private followed = '';
  /** The selected call's plan has been shown: a newer one does not move the map again. */
  private planShown = false;
  private before: { center: Place; zoom: number; home: boolean } | null = null;
  private reducedMotion = false;

  constructor(
    private readonly map: MapLibreMap,
    private readonly bounds: Bounds,
  ) {
    map.on('movestart', (event) => {
      if (event.originalEvent !== undefined) this.taken();
    });
    map.on('resize', () => {
      if (this.home) this.fit(false);
    });
  }

  fit(animate = true): void {
    this.home = true;
    this.before = null;
    this.map.fitBounds(asLngLatBounds(this.bounds), { padding: FIT_PADDING_PX, duration: this.duration(animate) });
  }

  flyTo(place: Place): void {
    this.taken();
    this.map.easeTo({ center: place, zoom: Math.max(this.map.getZoom(), 13), duration: this.duration() });
  }

  zoom(by: number): void {
    this.taken();
    const zoom = Math.min(NEAREST_ZOOM, this.map.getZoom() + by);
    this.map.easeTo({ zoom, duration: this.duration(true, 200) });
  }

  pan(dx: number, dy: number): void {
    this.taken();
    this.map.panBy([dx, dy], { duration: this.duration(true, 150) });
  }

  /** Follows a selection once; `own` is one made on the map itself, which is in sight already. */
  follow(input: MapInput, own: boolean): void {
    this.reducedMotion = input.reducedMotion;
    const { selection } = input;
    const ways = suggestedWays(input);
    const key = selection === null ? '' : `${selection.type} ${selection.id}`;
    if (key !== this.followed) {
      this.followed = key;
      this.planShown = false;
      if (selection === null) this.goBack();
      else if (ways.length === 0 && !own) this.bringIntoSight(placeOfSelection(selection, input));
    }
    if (ways.length === 0 || this.planShown) return;
    this.planShown = true;
    this.showPlan(ways.flatMap(({ path }) => path));
  }

  private showPlan(places: Place[]): void {
    const bounds = boundsOf(places);
    if (bounds === null) return;
    const centre = this.map.getCenter();
    this.before ??= { center: [centre.lng, centre.lat], zoom: this.map.getZoom(), home: this.home };
    this.home = false;
    const { clientWidth, clientHeight } = this.map.getContainer();
    const padding = Math.min(PLAN_PADDING_PX, Math.min(clientWidth, clientHeight) / 5);
    this.map.fitBounds(asLngLatBounds(bounds), { padding, maxZoom: PLAN_ZOOM, duration: this.duration() });
  }

  /** Back to where it looked before it showed a plan, unless a person has moved it since. */
  private goBack(): void {
    const { before } = this;
    this.before = null;
    if (before === null) return;
    if (before.home) this.fit();
    else this.map.easeTo({ center: before.center, zoom: before.zoom, duration: this.duration() });
  }

  private bringIntoSight(place: Place | null): void {
    if (place === null) return;
    const { x, y } = this.map.project(place);
    const { clientWidth, clientHeight } = this.map.getContainer();
    const inSight = x > EDGE_PX && y > EDGE_PX && x < clientWidth - EDGE_PX && y < clientHeight - EDGE_PX;
    if (inSight) return;
    this.home = false;
    this.map.easeTo({ center: place, duration: this.duration() });
  }

  private taken(): void {
    this.home = false;
    this.before = null;
  }

  private duration(animate = true, ms = DURATION_MS): number {
    return animate && !this.reducedMotion ? ms : 0;
  }
}

export function placeOfSelection(selection: Selection, { city, picture }: MapInput): Place | null {
  const { type, id } = selection;
  if (type === 'call') return placeOf(picture.calls.find(({ call }) => call === id)?.place);
  if (type === 'unit') return placeOf(picture.units.find(({ unit }) => unit === id)?.place);
  if (type === 'station') return placeOf(city.stations.find(({ station }) => station === id)?.place);
  if (type === 'hospital') return placeOf(city.hospitals.find(({ hospital }) => hospital === id)?.place);
  if (type === 'warning' || type === 'move') return null;
  return placeOf(city.areas.find(({ area }) => area === id)?.centre);
}
