/** Words in the language of whoever looks, for components that stand both in the console and on a page of their own. */
import { getContext, setContext } from 'svelte';
import type { Settings } from '../state/settings.svelte';
import { idOf, iriShort, plainName } from '../state/gate';
import { count, say, sayOr, type Key, type Lang, type Values } from '../texts';

export class Words {
  readonly settings: Settings;

  constructor(settings: Settings) {
    this.settings = settings;
  }

  get lang(): Lang {
    return this.settings.lang;
  }

  get #region(): string {
    return this.lang === 'en' ? 'en-GB' : this.lang;
  }

  say = (key: Key, values?: Values): string => say(this.lang, key, values);
  count = (key: string, n: number, values?: Values): string => count(this.lang, key, n, values);
  sayOr = (key: string, otherwise: string, values?: Values): string => sayOr(this.lang, key, otherwise, values);

  number = (n: number, digits = 0): string =>
    n.toLocaleString(this.#region, { minimumFractionDigits: digits, maximumFractionDigits: digits });

  /** Wall-clock time where one sits. The ledger runs on it, also beside a city that is replayed. */
  when = (time: string): string =>
    new Date(time).toLocaleString(this.#region, { dateStyle: 'medium', timeStyle: 'medium' });

  /** The zone of all times that `when` writes: that of whoever looks. */
  get zone(): string {
    return new Intl.DateTimeFormat().resolvedOptions().timeZone;
  }

  minute = (time: string): string =>
    new Date(time).toLocaleString(this.#region, { hour: '2-digit', minute: '2-digit' });

  /** A calendar day as written: `2026-11-22`. */
  day = (day: string): string =>
    new Date(`${day}T12:00:00Z`).toLocaleDateString(this.#region, { day: 'numeric', month: 'short', timeZone: 'UTC' });

  date = (time: string): string => new Date(time).toLocaleDateString(this.#region, { dateStyle: 'medium' });

  /** A path of ours, in the language that the address asked for. */
  to = (path: string): string => {
    const { langOfAddress } = this.settings;
    return langOfAddress === null ? path : `${path}${path.includes('?') ? '&' : '?'}lang=${encodeURIComponent(langOfAddress)}`;
  };

  /** A role of the house as people say it; one that a pack added reads as it is called. */
  role = (role: string): string => {
    return this.sayOr(`role.${role}`, plainName(role));
  };

  /** A role and its office, once where they are called the same. */
  who = (role: string, office: string | null | undefined): string => [...new Set([this.role(role), office ?? ''])].filter(Boolean).join(', ');

  /** Sealed fields as people say them. */
  fields = (names: readonly string[]): string => names.map((name) => this.sayOr(`field.${name}`, name)).join(', ');

  /** A purpose by its IRI: the house's own in words, others as their vocabulary names them. */
  purpose = (iri: string): string => {
    const name = iriShort(iri);
    return this.sayOr(`purpose.${idOf(name)}`, plainName(name));
  };

  /** A legal basis in words, with its article. */
  basis = (basis: string): string => {
    const article = basis.slice(basis.indexOf(':') + 1);
    return this.sayOr(`basis.${article}`, article);
  };
}

const KEY = Symbol('words');

export const provideWords = (words: Words): Words => setContext(KEY, words);
export const useWords = (): Words => getContext<Words>(KEY);
