/**
 * The symbols, as SVG: "Symbols" of the design page. The map rasterises them, the legend shows them as they are.
 *
 * Every symbol stands on a 2 px casing of its own outline, so that it reads on any tint. Units point east:
 * the map turns them by their bearing less 90°.
 */
import { paletteOf, type Palette } from './tokens';
import type { Theme } from './types';

export type CallShape = 'circle' | 'triangle' | 'diamond';
export type CallState = 'waiting' | 'waiting_many' | 'past' | 'under_way' | 'at_scene' | 'cleared';
export type UnitSymbol = 'to_call' | 'patient' | 'returning' | 'posted' | 'posted_many' | 'out';
/** Which of a station's two windows are lit: leading kind, second kind; `other`: only other kinds are in. */
export type StationFill = 'none' | 'first' | 'second' | 'both' | 'other';

const SHAPES: readonly CallShape[] = ['circle', 'triangle', 'diamond'];
const STATES: readonly CallState[] = ['waiting', 'waiting_many', 'past', 'under_way', 'at_scene', 'cleared'];
const UNITS: readonly UnitSymbol[] = ['to_call', 'patient', 'returning', 'posted', 'posted_many', 'out'];
const FILLS: readonly StationFill[] = ['none', 'first', 'second', 'both', 'other'];
export const RINGS = [20, 26, 34, 52, 60] as const;

export function callSymbol(shape: CallShape, state: CallState): string {
  return `call-${shape}-${state}`;
}

export function stationSymbol(fill: StationFill, approximate: boolean): string {
  return `station-${fill}${approximate ? '-approximate' : ''}`;
}

/** Every name that `symbolSvg` knows. */
export function listSymbols(): string[] {
  return [
    ...SHAPES.flatMap((shape) => STATES.map((state) => callSymbol(shape, state))),
    ...SHAPES.map((shape) => `shape-${shape}`),
    ...UNITS.map((unit) => `unit-${unit}`),
    ...FILLS.flatMap((fill) => [stationSymbol(fill, false), stationSymbol(fill, true)]),
    'hospital',
    'hospital-other',
    'hatch',
    'move-head',
    ...RINGS.map((size) => `ring-${size}`),
  ];
}

/**
 * A symbol as a whole SVG document, sized in CSS pixels. Throws RangeError on a name that `listSymbols` lacks.
 * `exercise` takes the casing of violet ground.
 */
export function symbolSvg(name: string, theme: Theme, exercise = false): string {
  const [family = '', ...rest] = name.split('-');
  const draw = DRAW[family];
  const drawing = draw?.(rest, paletteOf(theme, exercise));
  if (drawing === undefined) throw new RangeError(`No symbol is called "${name}".`);
  const { size, body } = drawing;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" ` +
    `viewBox="${-size / 2} ${-size / 2} ${size} ${size}" fill="none" stroke-linejoin="round">${body}</svg>`
  );
}

interface Drawing {
  /** Width and height, in CSS pixels. */
  size: number;
  /** Around the origin. */
  body: string;
}

type Draw = (words: string[], palette: Palette) => Drawing | undefined;

const DRAW: Record<string, Draw> = {
  call: ([shape, state], palette) => drawCall(shape as CallShape, state as CallState, palette),
  shape: ([shape], palette) => drawShape(shape as CallShape, palette),
  unit: ([unit], palette) => drawUnit(unit as UnitSymbol, palette),
  station: ([fill, approximate], palette) => drawStation(fill as StationFill, approximate !== undefined, palette),
  hospital: ([other], palette) => drawHospital(other === undefined ? palette.text2 : palette.text3, palette),
  hatch: (_, palette) => drawHatchSwatch(palette),
  move: (_, palette) => drawMoveHead(palette),
  ring: ([size], palette) => drawRing(Number(size), palette),
};

/** A call's shape with the area of a circle of radius `r`, roughly: all three weigh the same to the eye. */
function outline(shape: CallShape, r: number): string | undefined {
  if (shape === 'circle') return `<circle r="${r}"/>`;
  if (shape === 'triangle') {
    const [w, up, down] = [r * 1.2, r * 1.22, r * 0.88];
    return `<path d="M0 ${round(-up)}L${round(w)} ${round(down)}H${round(-w)}Z"/>`;
  }
  if (shape === 'diamond') {
    const d = round(r * 1.24);
    return `<path d="M0 ${-d}L${d} 0L0 ${d}L${-d} 0Z"/>`;
  }
  return undefined;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function cased(form: string, casing: string, width: number, paint: string): string {
  return `<g stroke="${casing}" fill="${casing}" stroke-width="${width}">${form}</g><g ${paint}>${form}</g>`;
}

function drawCall(shape: CallShape, state: CallState, palette: Palette): Drawing | undefined {
  const big = outline(shape, 9.6);
  const middle = outline(shape, 6.6);
  const small = outline(shape, 4.4);
  if (big === undefined || middle === undefined || small === undefined) return undefined;
  const { casing } = palette;
  if (state === 'waiting') {
    const ring = '<circle r="17"/>';
    const body =
      `<g stroke="${casing}" stroke-width="6">${ring}</g>` +
      cased(big, casing, 4, `fill="${palette.amber}"`) +
      `<g stroke="${palette.amber}" stroke-width="2">${ring}</g>`;
    return { size: 40, body };
  }
  if (state === 'past') {
    const square = '<rect x="-16" y="-16" width="32" height="32" rx="1"/>';
    const body =
      `<g stroke="${casing}" stroke-width="6">${square}</g>` +
      cased(big, casing, 4, `fill="${palette.vermilion}"`) +
      `<g stroke="${palette.vermilion}" stroke-width="2.5">${square}</g>`;
    return { size: 40, body };
  }
  if (state === 'waiting_many') return { size: 20, body: cased(middle, casing, 4, `fill="${palette.amber}"`) };
  if (state === 'under_way') return { size: 20, body: cased(middle, casing, 4, `fill="${palette.text1}"`) };
  if (state === 'at_scene') return drawAtScene(shape, palette);
  if (state === 'cleared') return { size: 14, body: cased(small, casing, 3, `fill="${palette.text2}"`) };
  return undefined;
}

function drawAtScene(shape: CallShape, palette: Palette): Drawing {
  const form = outline(shape, 6.4) ?? '';
  const drop = shape === 'triangle' ? 1 : 0;
  const body =
    cased(form, palette.casing, 6.4, `stroke="${palette.text1}" stroke-width="2.4" fill="${palette.casing}"`) +
    `<circle cy="${drop}" r="2.1" fill="${palette.text1}"/>`;
  return { size: 22, body };
}

/** The bare outline, for the line of the legend that explains the shapes. */
function drawShape(shape: CallShape, palette: Palette): Drawing | undefined {
  const form = outline(shape, 5.2);
  if (form === undefined) return undefined;
  return { size: 18, body: `<g stroke="${palette.text2}" stroke-width="1.6">${form}</g>` };
}

const ARROW = '<path d="M9.5 0L-7.5 -7.8L-3.8 0L-7.5 7.8Z"/>';
const SMALL_ARROW = '<path d="M7 0L-5.4 -5.4L-2.8 0L-5.4 5.4Z"/>';

function drawUnit(unit: UnitSymbol, palette: Palette): Drawing | undefined {
  const { casing } = palette;
  if (unit === 'to_call') return { size: 24, body: cased(ARROW, casing, 4, `fill="${palette.unit}"`) };
  if (unit === 'patient') {
    return { size: 26, body: cased(ARROW, casing, 5.8, `stroke="${palette.unit}" stroke-width="2" fill="${casing}"`) };
  }
  if (unit === 'returning') {
    return {
      size: 20,
      body: cased(SMALL_ARROW, casing, 5.4, `stroke="${palette.text2}" stroke-width="1.5" fill="${casing}"`),
    };
  }
  if (unit === 'posted' || unit === 'posted_many') {
    const r = unit === 'posted' ? 3.7 : 7.6;
    return { size: Math.ceil(2 * r + 5), body: cased(`<circle r="${r}"/>`, casing, 4, `fill="${palette.unit}"`) };
  }
  if (unit === 'out') {
    const cross = '<path d="M-4.5 -4.5L4.5 4.5M4.5 -4.5L-4.5 4.5" stroke-linecap="round"/>';
    return { size: 18, body: cased(cross, casing, 6, `stroke="${palette.text3}" stroke-width="2"`) };
  }
  return undefined;
}

const HOUSE = '<path d="M-6.5 7V-2.2L0 -7.2L6.5 -2.2V7Z"/>';

/** Empty: dashed. Approximate: dotted, whatever stands in it, because the place is not certain. */
function drawStation(fill: StationFill, approximate: boolean, palette: Palette): Drawing | undefined {
  if (!FILLS.includes(fill)) return undefined;
  const dash = approximate
    ? ' stroke-dasharray="0.1 2.9" stroke-linecap="round"'
    : fill === 'none'
      ? ' stroke-dasharray="2.6 1.9"'
      : '';
  const width = approximate ? 1.7 : 1.35;
  const first = fill === 'first' || fill === 'both' ? '<rect x="-3.9" y="0.2" width="3.3" height="3.9"/>' : '';
  const second = fill === 'second' || fill === 'both' ? '<rect x="0.6" y="0.2" width="3.3" height="3.9"/>' : '';
  const body =
    `<g stroke="${palette.casing}" fill="${palette.casing}" stroke-width="5.2">${HOUSE}</g>` +
    `<g stroke="${palette.text3}" stroke-width="${width}"${dash}>${HOUSE}</g>` +
    `<g fill="${palette.text2}">${first}${second}</g>`;
  return { size: 20, body };
}

function drawHospital(colour: string, palette: Palette): Drawing {
  const square = '<rect x="-7" y="-7" width="14" height="14"/>';
  const body =
    cased(square, palette.casing, 5.6, `stroke="${colour}" stroke-width="1.6" fill="${palette.casing}"`) +
    `<path d="M-2.9 -3.9V3.9M2.9 -3.9V3.9M-2.9 0H2.9" stroke="${colour}" stroke-width="1.7"/>`;
  return { size: 20, body };
}

function drawHatchSwatch(palette: Palette): Drawing {
  const lines = '<path d="M-7.5 1.5L-0.5 -5.5M-5.5 5.5L5.5 -5.5M0.5 5.5L7.5 -1.5"/>';
  const body =
    `<g stroke="${palette.hatch}" stroke-width="1.8">${lines}</g>` +
    `<rect x="-7.5" y="-5.5" width="15" height="11" stroke="${palette.edge}"/>`;
  return { size: 18, body };
}

/** The head of a move-up's arrow, its point at the station that it ends at. */
function drawMoveHead(palette: Palette): Drawing {
  const head = '<path d="M-10 0L-20 -6V6Z"/>';
  return { size: 44, body: cased(head, palette.casing, 4, `fill="${palette.unit}"`) };
}

/** Around what is selected: 2 px of text 1 between two casings, `size` across. */
function drawRing(size: number, palette: Palette): Drawing | undefined {
  if (!Number.isFinite(size) || size <= 0) return undefined;
  const ring = `<circle r="${size / 2}"/>`;
  const body =
    `<g stroke="${palette.casing}" stroke-width="5">${ring}</g>` +
    `<g stroke="${palette.text1}" stroke-width="2.4">${ring}</g>`;
  return { size: size + 8, body };
}
