export { createMap } from './map';
export { symbolSvg, listSymbols, callSymbol, stationSymbol } from './symbols';
export { shapeOf, stateOf, needsYou } from './layers/calls';
export { COVER_STEPS, EXPECTED_STEPS } from './layers/areas';
export { paletteOf } from './tokens';
export type * from './types';
