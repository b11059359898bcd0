/** What a role may state and open, worked out from the API's offers. Pure. */
import type { Disclosure, PurposeOffer, Purposes, SealedField, SessionTask } from '../api/types';

/** A value is shown for so long. */
export const SHOWN_MS = 5 * 60_000;

/** The short name of a legal basis: `eu-gdpr:A6-1-d` → `A6-1-d`. */
export const basisShort = (basis: string): string => basis.slice(basis.indexOf(':') + 1);

/** The last part of an IRI or prefixed name. */
export const iriShort = (iri: string): string => /[^/#:]+$/.exec(iri)?.[0] ?? iri;

/** What one looks for in a call stands first. */
const FIRST = 'place';

/** Every sealed field of a dataset that some purpose opens, each once. */
export function fieldsOf(purposes: Purposes | null, dataset: string): SealedField[] {
  const all = (purposes?.offers ?? []).flatMap((offer) => offer.fields).filter((field) => field.dataset === dataset);
  const once = all.filter((field, i) => all.findIndex((other) => other.field === field.field) === i);
  return once.sort((a, b) => Number(b.field === FIRST) - Number(a.field === FIRST));
}

/** Offers that open a field. */
export function offersFor(purposes: Purposes | null, field: Pick<SealedField, 'dataset' | 'field'>): PurposeOffer[] {
  return (purposes?.offers ?? []).filter((offer) =>
    offer.fields.some((one) => one.dataset === field.dataset && one.field === field.field),
  );
}

/** Whether the task's purpose and basis open the field. */
export function opens(task: SessionTask | null, purposes: Purposes | null, field: Pick<SealedField, 'dataset' | 'field'>): boolean {
  return task !== null && offersFor(purposes, field).some((offer) => offer.purpose === task.purpose && offer.basis === task.basis);
}

/** Purposes, each once, with the bases that it may rest on. */
export function choices(offers: readonly PurposeOffer[]): { purpose: string; title: string; bases: string[] }[] {
  const by = new Map<string, { purpose: string; title: string; bases: string[] }>();
  for (const { purpose, title, basis } of offers) {
    const known = by.get(purpose) ?? { purpose, title, bases: [] };
    if (!known.bases.includes(basis)) known.bases.push(basis);
    by.set(purpose, known);
  }
  return [...by.values()];
}

/** A short name as words: `ProvideOfficialStatistics` → `Provide official statistics`. */
export function plainName(name: string): string {
  const words = name.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').replaceAll('_', ' ').toLowerCase();
  return words === '' ? '' : words[0]!.toUpperCase() + words.slice(1);
}

/** The id that Tocsin's own rules give a purpose with this name: `EmergencyResponse` → `emergency_response`. */
export const idOf = (name: string): string => name.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();

const DIGITS = 6;

/** Longitude and latitude, where the value is a position and nothing else. */
function lonLatOf(value: unknown): [number, number] | null {
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 2) return null;
  const { lon, lat } = value as { lon?: unknown; lat?: unknown };
  const found: [number, number] = [Number(lon ?? NaN), Number(lat ?? NaN)];
  return found.every(Number.isFinite) ? found : null;
}

/** Where the first row's field lies, for the map. */
export const openedPlace = (opened: Disclosure, field: string): [number, number] | null => lonLatOf(opened.rows[0]?.values[field]);

/** A position as people read it: latitude first, with its hemisphere. */
function positionOf(value: object): string | null {
  const lonLat = lonLatOf(value);
  if (lonLat === null) return null;
  const [x, y] = lonLat;
  return `${Math.abs(y).toFixed(DIGITS)}° ${y < 0 ? 'S' : 'N'}, ${Math.abs(x).toFixed(DIGITS)}° ${x < 0 ? 'W' : 'E'}`;
}

/** A value as lines of text. */
export function linesOf(value: unknown): string[] {
  if (value === null || value === undefined) return [];
  if (typeof value === 'object' && !Array.isArray(value)) {
    const position = positionOf(value);
    if (position !== null) return [position];
  }
  if (Array.isArray(value)) return value.every((one) => typeof one !== 'object') ? [value.join(', ')] : value.flatMap(linesOf);
  if (typeof value === 'object') return Object.entries(value).flatMap(([name, one]) => linesOf(one).map((line) => `${name}: ${line}`));
  return [String(value)];
}

/** What the first row says of a field: its lines, or why it says nothing. */
export function saidOf(opened: Disclosure, field: string): { lines: string[]; missing: string | null } {
  const row = opened.rows[0];
  return { lines: linesOf(row?.values[field]), missing: row?.missing[field] ?? null };
}
