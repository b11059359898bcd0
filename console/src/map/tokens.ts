/** The map's colours: "Tokens" of the design page. One hue, five steps of lightness; grey for the rest. */
import type { Theme } from './types';

export interface Palette {
  water: string;
  street: { residential: string; arterial: string; freeway: string };
  border: string;
  name: string;
  /** Lightness steps of the area layer; the first is plain land. */
  tint: readonly [string, string, string, string, string];
  hatch: string;
  /** Drawn 2 px around every symbol; contrast counts against it. */
  casing: string;
  panel: string;
  edge: string;
  text1: string;
  text2: string;
  text3: string;
  unit: string;
  amber: string;
  amberText: string;
  vermilion: string;
}

const DARK: Palette = {
  water: '#0b0e11',
  street: { residential: '#262d33', arterial: '#38424a', freeway: '#4d5963' },
  border: '#46525b',
  name: '#a7b2ba',
  tint: ['#171b1f', '#1a2a36', '#1d3a4f', '#22506d', '#2a678b'],
  hatch: '#8b97a0',
  casing: '#101418',
  panel: '#161a1e',
  edge: '#6d7982',
  text1: '#eef1f3',
  text2: '#b0bac2',
  text3: '#8b97a0',
  unit: '#62b6f2',
  amber: '#f4b740',
  amberText: '#f4b740',
  vermilion: '#ff6f5b',
};

const LIGHT: Palette = {
  water: '#d5dce1',
  street: { residential: '#dde2e6', arterial: '#c3cbd1', freeway: '#a4afb7' },
  border: '#9aa6ae',
  name: '#414c54',
  tint: ['#f5f7f8', '#e0ebf3', '#c5dbea', '#a3c7df', '#7eb0d0'],
  hatch: '#5b6770',
  casing: '#f5f7f8',
  panel: '#f5f7f8',
  edge: '#7b868e',
  text1: '#12171b',
  text2: '#414c54',
  text3: '#5b6770',
  unit: '#0a5ea3',
  amber: '#c67600',
  amberText: '#8a5600',
  vermilion: '#b92c16',
};

/** An exercise stands on violet ground and is always dark: it must not be taken for the real city. */
const EXERCISE: Palette = {
  ...DARK,
  water: '#120c19',
  street: { residential: '#2b2238', arterial: '#3f3351', freeway: '#564770' },
  border: '#57486f',
  name: '#b9aecb',
  tint: ['#1d1627', '#282340', '#2c2f55', '#313f6c', '#3a5384'],
  casing: '#120c19',
  panel: '#1c1525',
};

export function paletteOf(theme: Theme, exercise = false): Palette {
  if (exercise) return EXERCISE;
  return theme === 'light' ? LIGHT : DARK;
}

/** How a stopped picture is drawn: no colour, less contrast. */
export const STALE_FILTER: Record<Theme, string> = {
  dark: 'grayscale(1) brightness(0.75) contrast(0.8)',
  light: 'grayscale(1) contrast(0.72) brightness(0.96)',
};

export const FONT_MEDIUM = 'IBM Plex Sans Condensed Medium';
export const FONT_SEMIBOLD = 'IBM Plex Sans Condensed SemiBold';
