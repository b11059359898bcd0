/** What stands on the map's corners: scale, credit, caption; and its label for those who do not see it. */
import './map.css';
import type { Map as MapLibreMap } from 'maplibre-gl';
import type { Palette } from './tokens';
import { captionOf, creditText, labelText } from './texts';
import type { MapInput } from './types';

const LONGEST_BAR_PX = 208;
/** On a narrow map the bar leaves two thirds of the width. */
const LONGEST_SHARE = 1 / 3;
const EQUATOR_M = 40_075_016.686;
const TILE_PX = 512;

export interface Bar {
  text: string;
  widthPx: number;
}

/** Metres of ground in a pixel of a Web Mercator map. */
export function metresPerPixel(lat: number, zoom: number): number {
  return (EQUATOR_M * Math.cos((lat * Math.PI) / 180)) / (TILE_PX * 2 ** zoom);
}

/** The longest bar of 1, 2 or 5 times a power of ten metres that is at most `longestPx` long. */
export function scaleBar(metresPerPx: number, longestPx = LONGEST_BAR_PX): Bar {
  const most = metresPerPx * longestPx;
  const power = 10 ** Math.floor(Math.log10(most));
  const metres = power * (most >= 5 * power ? 5 : most >= 2 * power ? 2 : 1);
  const text = metres >= 1000 ? `${metres / 1000} km` : `${metres} m`;
  return { text, widthPx: Math.round(metres / metresPerPx) };
}

export class Furniture {
  private readonly credit = element('p', 'map-credit');
  private readonly scale = element('div', 'map-scale');
  private readonly caption = element('div', 'map-caption');

  constructor(
    private readonly container: HTMLElement,
    private readonly map: MapLibreMap,
  ) {
    this.scale.setAttribute('aria-hidden', 'true');
    container.classList.add('map-frame');
    container.append(this.credit, this.scale, this.caption);
    map.getCanvas().setAttribute('role', 'application');
    map.on('move', () => this.drawScale());
    map.on('resize', () => this.drawScale());
    this.drawScale();
  }

  update(input: MapInput): void {
    const credit = creditText(input);
    this.text(this.credit, credit);
    this.credit.title = credit;
    this.drawCaption(input);
    this.map.getCanvas().setAttribute('aria-label', labelText(input));
  }

  colour(palette: Palette): void {
    const { style } = this.container;
    style.setProperty('--map-panel', palette.panel);
    style.setProperty('--map-text-1', palette.text1);
    style.setProperty('--map-text-2', palette.text2);
    style.setProperty('--map-text-3', palette.text3);
    style.setProperty('--map-water', palette.water);
    style.setProperty('--map-amber', palette.amber);
  }

  remove(): void {
    for (const part of [this.credit, this.scale, this.caption]) part.remove();
    this.container.classList.remove('map-frame');
  }

  private drawCaption(input: MapInput): void {
    const caption = captionOf(input);
    this.caption.hidden = caption === null;
    if (caption === null) return;
    const title = element('strong', '');
    title.textContent = caption.title;
    this.caption.replaceChildren(title, caption.text);
  }

  private drawScale(): void {
    const longestPx = Math.min(LONGEST_BAR_PX, this.container.clientWidth * LONGEST_SHARE || LONGEST_BAR_PX);
    const bar = scaleBar(metresPerPixel(this.map.getCenter().lat, this.map.getZoom()), longestPx);
    this.text(this.scale, bar.text);
    this.scale.style.setProperty('--bar', `${bar.widthPx}px`);
  }

  private text(part: HTMLElement, text: string): void {
    if (part.textContent !== text) part.textContent = text;
  }
}

function element(tag: string, className: string): HTMLElement {
  const made = document.createElement(tag);
  made.className = className;
  return made;
}
