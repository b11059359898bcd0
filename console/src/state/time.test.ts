import { describe, expect, it } from 'vitest';
import { addressTime, clockSecond, duration, fieldTime, longDate, parseLocal, whenShort, zoneName } from './time';

const SF = 'America/Los_Angeles';
const SURGE = Date.parse('2017-01-01T10:00:00Z');

describe('showing', () => {
  it('shows the city’s time', () => {
    expect(clockSecond(SURGE, SF)).toBe('02:00:00');
    expect(clockSecond(Date.parse('2017-01-01T08:00:00Z'), SF)).toBe('00:00:00');
    expect(longDate(SURGE, SF, 'en')).toBe('Sun 1 Jan 2017');
    expect(zoneName(SURGE, SF)).toBe('PST');
    expect(whenShort(SURGE - 3 * 3_600_000, SURGE, SF, 'en')).toBe('31 Dec 23:00');
  });

  it('writes addresses with the zone’s offset', () => {
    expect(addressTime(SURGE, SF)).toBe('2017-01-01T02:00-08:00');
    expect(addressTime(SURGE, 'Asia/Kathmandu')).toBe('2017-01-01T15:45+05:45');
    expect(fieldTime(SURGE, SF)).toBe('2017-01-01 02:00');
  });

  it('counts minutes and seconds', () => {
    expect([87, 515, 3785, -3].map(duration)).toEqual(['1:27', '8:35', '1:03:05', '0:00']);
  });
});

describe('parseLocal', () => {
  it.each([
    ['2017-01-01 02:00', SURGE],
    ['2017-01-01T02:00', SURGE],
    ['2017-01-01T02:00-08:00', SURGE],
    ['2017-01-01T10:00:00Z', SURGE],
    ['02:00', SURGE],
    ['2017-01-01', SURGE - 2 * 3_600_000],
    ['2:00:30', SURGE + 30_000],
  ])('%s', (text, ms) => {
    expect(parseLocal(text, SF, SURGE + 5 * 3_600_000)).toBe(ms);
  });

  it.each(['', 'soon', '2017-02-30 02:00', '25:00', '2017-01-01 02:60'])('refuses %j', (text) => {
    expect(parseLocal(text, SF, SURGE)).toBeNull();
  });

  it('keeps to the clock across a change of the clocks', () => {
    expect(parseLocal('2017-03-12 03:30', SF, SURGE)).toBe(Date.parse('2017-03-12T10:30:00Z'));
    expect(parseLocal('2017-03-11 23:30', SF, SURGE)).toBe(Date.parse('2017-03-12T07:30:00Z'));
  });
});
