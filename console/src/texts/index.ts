/** Message catalogues. Every visible string comes from here or, already a sentence, from the API. */
import type { Sentence } from '../api/types';
import de from './de.json';
import en from './en.json';

export type Key = keyof typeof en;
export type Lang = 'en' | 'de';
export type Values = Record<string, string | number>;

const CATALOGUES: Record<Lang, Record<string, string>> = { en, de };
export const LANGS: readonly Lang[] = ['en', 'de'];

/** The first of `wanted` that there is a catalogue for. */
export function chooseLang(wanted: readonly (string | null | undefined)[]): Lang {
  for (const tag of wanted) {
    const base = tag?.toLowerCase().split('-')[0];
    const found = LANGS.find((lang) => lang === base);
    if (found) return found;
  }
  return 'en';
}

/** `{name}` or `{name:format}`; formats as in the API's own catalogue: `mss`, `min`, `pct`, `one|# many`. */
function fill(lang: Lang, pattern: string, values: Values): string {
  return pattern.replace(/\{(\w+)(?::([^}]*))?\}/g, (gap, name: string, how: string | undefined) => {
    const value = values[name];
    return value === undefined ? gap : shaped(lang, value, how);
  });
}

function shaped(lang: Lang, value: string | number, how: string | undefined): string {
  if (how === undefined) return plain(lang, value);
  if (how === ',') return Number(String(value).replaceAll(',', '')).toLocaleString(lang);
  const number = Number(value);
  if (how === 'mss') return minutesSeconds(number);
  if (how === 'min') return String(Math.round(number / 60));
  if (how === 'pct') return `${Math.round(number * 100)} %`;
  const [one = '', many] = how.split('|');
  if (many !== undefined) return number === 1 ? one : many.replace('#', plain(lang, value));
  return plain(lang, value);
}

/** Words that the API puts into its sentences by itself, not from the pack. */
const WORDS: ReadonlyMap<string | number, string> = new Map([
  ['Whole city', 'say.whole_city'],
  ['area unknown', 'say.area_unknown'],
]);

/** A whole number stays as it is: it may be the name of a unit. */
function plain(lang: Lang, value: string | number): string {
  if (typeof value === 'number' && !Number.isInteger(value)) return value.toLocaleString(lang, { maximumFractionDigits: 2 });
  return CATALOGUES[lang][WORDS.get(value) ?? ''] ?? String(value);
}

function minutesSeconds(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const s = String(whole % 60).padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)}:${s}`;
  return `${Math.floor(whole / 3600)}:${String(Math.floor(whole / 60) % 60).padStart(2, '0')}:${s}`;
}

/** A message. */
export function say(lang: Lang, key: Key, values: Values = {}): string {
  return fill(lang, CATALOGUES[lang][key] ?? CATALOGUES.en[key] ?? key, values);
}

/** A message with a number: `key.one` or `key.other`. */
export function count(lang: Lang, key: string, n: number, values: Values = {}): string {
  const form = new Intl.PluralRules(lang).select(n) === 'one' ? 'one' : 'other';
  return say(lang, `${key}.${form}` as Key, { n, ...values });
}

/** A message whose key is made at run time, or `otherwise` where there is none. */
export function sayOr(lang: Lang, key: string, otherwise: string, values: Values = {}): string {
  const pattern = CATALOGUES[lang][key];
  return pattern === undefined ? otherwise : fill(lang, pattern, values);
}

/** A sentence of the API: in English as it came, else from the catalogue where it has the code. */
export function sentence(lang: Lang, s: Sentence | null | undefined): string {
  if (!s) return '';
  if (lang === 'en') return s.text;
  return sayOr(lang, `say.${s.code}`, s.text, s.values as Values);
}
