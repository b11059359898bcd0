/** The symbols as bitmaps for MapLibre, and the hatch pattern. */
import type { Map as MapLibreMap } from 'maplibre-gl';
import { listSymbols, symbolSvg } from './symbols';
import { paletteOf } from './tokens';
import type { Theme } from './types';

/** Drawn at twice the size, so that turned and scaled symbols stay sharp. */
const PIXEL_RATIO = 2;
/** MapLibre widens a pattern up to twofold between whole zooms: 10.5 to 21 px from line to line, across. */
const HATCH_PX = 10.5;

export type Bitmaps = Map<string, ImageData>;

/** Every symbol, and the pattern `hatching`, of one theme. */
export async function rasterise(theme: Theme, exercise: boolean): Promise<Bitmaps> {
  const names = listSymbols();
  const bitmaps = await Promise.all(names.map((name) => rasteriseSvg(symbolSvg(name, theme, exercise))));
  const all: Bitmaps = new Map(names.map((name, i) => [name, bitmaps[i] as ImageData]));
  all.set('hatching', hatching(paletteOf(theme, exercise).hatch));
  return all;
}

/** Adds the bitmaps, or replaces them where they are known: both themes' bitmaps have the same sizes. */
export function setImages(map: MapLibreMap, bitmaps: Bitmaps): void {
  for (const [name, bitmap] of bitmaps) {
    if (map.hasImage(name)) map.updateImage(name, bitmap);
    else map.addImage(name, bitmap, { pixelRatio: PIXEL_RATIO });
  }
}

async function rasteriseSvg(svg: string): Promise<ImageData> {
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
  await image.decode();
  const context = contextOf(image.width * PIXEL_RATIO);
  context.drawImage(image, 0, 0, context.canvas.width, context.canvas.height);
  return context.getImageData(0, 0, context.canvas.width, context.canvas.height);
}

/** One tile of lines at 45°, going on across its edges. */
function hatching(colour: string): ImageData {
  const size = HATCH_PX * PIXEL_RATIO;
  const context = contextOf(size);
  context.strokeStyle = colour;
  context.globalAlpha = 0.5;
  context.lineWidth = 1.6 * PIXEL_RATIO;
  context.beginPath();
  for (const x of [-size, 0, size]) {
    context.moveTo(x - size, 2 * size);
    context.lineTo(x + 2 * size, -size);
  }
  context.stroke();
  return context.getImageData(0, 0, size, size);
}

function contextOf(size: number): CanvasRenderingContext2D {
  const canvas = document.createElement('canvas');
  canvas.width = size;
  canvas.height = size;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) throw new Error('This browser has no 2D canvas, which the map needs for its symbols.');
  return context;
}
