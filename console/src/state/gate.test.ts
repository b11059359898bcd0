import { describe, expect, it } from 'vitest';
import type { Disclosure, PurposeOffer, Purposes, SessionTask } from '../api/types';
import { basisShort, choices, fieldsOf, idOf, iriShort, linesOf, offersFor, openedPlace, opens, plainName, saidOf } from './gate';

const place = { dataset: 'calls', field: 'place', title: 'Exact place', sensitivity: 'restricted', why: 'To get there.' } as const;
const raw = { ...place, field: 'raw', title: 'Report', sensitivity: 'special' } as const;
const offer = (purpose: string, basis: string, fields: PurposeOffer['fields']): PurposeOffer => ({
  purpose,
  title: purpose,
  iri: `https://example.org/${purpose}`,
  basis,
  fields,
});
const purposes: Purposes = {
  role: 'watch_officer',
  policy_set: 'ab',
  break_glass: true,
  offers: [
    offer('emergency_response', 'eu-gdpr:A6-1-d', [raw, place]),
    offer('emergency_response', 'eu-gdpr:A6-1-e', [place]),
    offer('statistics', 'eu-gdpr:A6-1-e', []),
  ],
};
const task: SessionTask = { task: 't', purpose: 'emergency_response', basis: 'eu-gdpr:A6-1-e' };

describe('what a role may open', () => {
  it('lists each field once, the place first', () => {
    expect(fieldsOf(purposes, 'calls').map((f) => f.field)).toEqual(['place', 'raw']);
    expect(fieldsOf(purposes, 'exports')).toEqual([]);
    expect(fieldsOf(null, 'calls')).toEqual([]);
  });

  it('knows what a task opens', () => {
    expect(opens(task, purposes, place)).toBe(true);
    expect(opens(task, purposes, raw)).toBe(false);
    expect(opens(null, purposes, place)).toBe(false);
    expect(offersFor(purposes, raw).map((o) => o.basis)).toEqual(['eu-gdpr:A6-1-d']);
  });

  it('gathers bases by purpose', () => {
    expect(choices(purposes.offers).map((c) => [c.purpose, c.bases.map(basisShort)])).toEqual([
      ['emergency_response', ['A6-1-d', 'A6-1-e']],
      ['statistics', ['A6-1-e']],
    ]);
  });
});

describe('what was opened', () => {
  it('reads as lines', () => {
    expect(linesOf({ street: 'Main', at: [1, 2], none: null })).toEqual(['street: Main', 'at: 1, 2']);
    expect(linesOf({ lon: -122.429629, lat: 37.772266 })).toEqual(['37.772266° N, 122.429629° W']);
    expect(linesOf({ lon: '18.4', lat: '-33.9' })).toEqual(['33.900000° S, 18.400000° E']);
    expect(linesOf('Main 1')).toEqual(['Main 1']);
    expect(iriShort('https://w3id.org/dpv#ProtectionOfPublicSecurity')).toBe('ProtectionOfPublicSecurity');
  });

  it('calls a purpose by its name', () => {
    expect([idOf('EmergencyResponse'), plainName('ProvideOfficialStatistics'), plainName('mutual_aid')]).toEqual([
      'emergency_response',
      'Provide official statistics',
      'Mutual aid',
    ]);
  });

  it('says what is missing and why', () => {
    const opened = { rows: [{ subject: 'c', values: { place: 'Main 1' }, missing: { raw: 'destroyed' } }] } as unknown as Disclosure;
    expect(saidOf(opened, 'place')).toEqual({ lines: ['Main 1'], missing: null });
    expect(saidOf(opened, 'raw')).toEqual({ lines: [], missing: 'destroyed' });
  });

  it('finds a place for the map only where a position was opened', () => {
    const opened = { rows: [{ subject: 'c', values: { place: { lon: 13.4, lat: '52.5' }, raw: 'Main 1', half: { lon: 1, lat: null } } }] } as unknown as Disclosure;
    expect(['place', 'raw', 'half', 'other'].map((field) => openedPlace(opened, field))).toEqual([[13.4, 52.5], null, null, null]);
  });
});
