/**
 * The map's two fonts, registered as CSS families of their own.
 *
 * Without a glyph server MapLibre draws text from the page's fonts and takes the weight from the family's name;
 * the range of weights below keeps the browser from thickening a face that is already the right weight.
 */
import latin500 from '@fontsource/ibm-plex-sans-condensed/files/ibm-plex-sans-condensed-latin-500-normal.woff2?url';
import latin600 from '@fontsource/ibm-plex-sans-condensed/files/ibm-plex-sans-condensed-latin-600-normal.woff2?url';
import latinExt500 from '@fontsource/ibm-plex-sans-condensed/files/ibm-plex-sans-condensed-latin-ext-500-normal.woff2?url';
import latinExt600 from '@fontsource/ibm-plex-sans-condensed/files/ibm-plex-sans-condensed-latin-ext-600-normal.woff2?url';
import { FONT_MEDIUM, FONT_SEMIBOLD } from './tokens';

const LATIN_EXT =
  'U+0100-02BA, U+02BD-02C5, U+02C7-02CC, U+02CE-02D7, U+02DD-02FF, U+0304, U+0308, U+0329, U+1D00-1DBF, ' +
  'U+1E00-1E9F, U+1EF2-1EFF, U+2020, U+20A0-20AB, U+20AD-20C0, U+2113, U+2C60-2C7F, U+A720-A7FF';

let loading: Promise<void> | null = null;

/** Resolves when both families are there; a font that cannot be loaded leaves the sans-serif fallback. */
export function loadMapFonts(): Promise<void> {
  loading ??= load();
  return loading;
}

async function load(): Promise<void> {
  const faces = [
    face(FONT_MEDIUM, latin500),
    face(FONT_MEDIUM, latinExt500, LATIN_EXT),
    face(FONT_SEMIBOLD, latin600),
    face(FONT_SEMIBOLD, latinExt600, LATIN_EXT),
  ];
  for (const each of faces) document.fonts.add(each);
  await Promise.allSettled([
    document.fonts.load(`500 48px "${FONT_MEDIUM}"`),
    document.fonts.load(`600 48px "${FONT_SEMIBOLD}"`),
  ]);
}

function face(family: string, url: string, unicodeRange?: string): FontFace {
  const range = unicodeRange === undefined ? {} : { unicodeRange };
  return new FontFace(family, `url(${url}) format("woff2")`, { weight: '100 900', ...range });
}
