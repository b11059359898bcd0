import type { Drawn } from './map/types';

declare global {
  interface Window {
    /** For tests: what the map has drawn. */
    tocsin: { drawn(): Drawn };
  }
}
