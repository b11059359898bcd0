/** What a person has chosen for this screen. Kept in the browser; nothing of the city is. */
import type { Theme } from '../map/types';
import { chooseLang, type Lang } from '../texts';

export type ThemeChoice = 'auto' | Theme;
export type Scale = 100 | 115 | 130;
export const SCALES: readonly Scale[] = [100, 115, 130];

const STORE = 'tocsin.settings';

interface Kept {
  theme: ThemeChoice;
  scale: Scale;
  lang: Lang | null;
  keys: boolean;
  sound: boolean;
}

const DEFAULTS: Kept = { theme: 'auto', scale: 100, lang: null, keys: true, sound: false };

function read(): Kept {
  try {
    return { ...DEFAULTS, ...(JSON.parse(localStorage.getItem(STORE) ?? '{}') as Partial<Kept>) };
  } catch {
    return { ...DEFAULTS };
  }
}

function matches(query: string, changed: (on: boolean) => void): boolean {
  const list = matchMedia(query);
  list.addEventListener('change', (event) => changed(event.matches));
  return list.matches;
}

export class Settings {
  #kept = $state<Kept>(read());
  #langOfAddress = $state<string | null>(null);
  #light = $state(false);
  reducedMotion = $state(false);
  /** Phone layout. */
  narrow = $state(false);
  /** The right panel stands in the list's place. */
  middling = $state(false);

  constructor(langOfAddress: string | null) {
    this.#langOfAddress = langOfAddress;
    this.#light = matches('(prefers-color-scheme: light)', (on) => (this.#light = on));
    this.reducedMotion = matches('(prefers-reduced-motion: reduce)', (on) => (this.reducedMotion = on));
    this.narrow = matches('(max-width: 899px)', (on) => (this.narrow = on));
    this.middling = matches('(max-width: 1365px)', (on) => (this.middling = on));
  }

  get theme(): Theme {
    if (this.#kept.theme !== 'auto') return this.#kept.theme;
    return this.#light ? 'light' : 'dark';
  }

  get themeChoice(): ThemeChoice {
    return this.#kept.theme;
  }

  /** The language that the address asks for: links hand it on. */
  get langOfAddress(): string | null {
    return this.#langOfAddress;
  }

  get lang(): Lang {
    return chooseLang([this.#langOfAddress, this.#kept.lang, ...navigator.languages]);
  }

  get scale(): Scale {
    return this.#kept.scale;
  }

  get keys(): boolean {
    return this.#kept.keys;
  }

  get sound(): boolean {
    return this.#kept.sound;
  }

  set(change: Partial<Kept>): void {
    if (change.lang) this.#langOfAddress = null;
    this.#kept = { ...this.#kept, ...change };
    try {
      localStorage.setItem(STORE, JSON.stringify(this.#kept));
    } catch {
      // A browser that keeps nothing still shows everything.
    }
  }
}
