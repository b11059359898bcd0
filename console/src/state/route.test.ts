import { describe, expect, it } from 'vitest';
import { readRoute, writeRoute } from './route';

describe('addresses', () => {
  it.each([
    '/live?call=17001-0559',
    '/replay/2017-01-01T02:00-08:00?area=Tenderloin',
    '/replay?unit=E16',
    '/replay/2017-01-01T02:00-08:00',
    '/exercise',
    '/exercise/X-2017-03?call=17001-0559',
    '/live?move=move-20170101T094200Z-E09',
    '/live?warning=surge%3Acity',
    '/replay/2017-01-01T02:00-08:00?record',
    '/live?area=Sunset%2FParkside&wall',
    '/live?call=17001-0559&exports',
  ])('reads and writes %s', (address) => {
    const [path = '', query = ''] = address.split('?');
    expect(writeRoute(readRoute(path, `?${query}`))).toBe(address);
  });

  it('reads what stands in it', () => {
    expect(readRoute('/replay/2017-01-01T02%3A00-08%3A00', '?area=Golden%20Gate')).toEqual({
      mode: 'replay',
      time: '2017-01-01T02:00-08:00',
      exercise: null,
      selection: { type: 'area', id: 'Golden Gate' },
      wall: false,
      page: null,
      lang: null,
    });
  });

  it('knows the panels that have an address without a mode', () => {
    expect(readRoute('/exports', '')).toMatchObject({ mode: null, page: 'exports' });
    expect(readRoute('/reviews', '?lang=de')).toMatchObject({ page: 'reviews', lang: 'de' });
  });

  it('passes over a time that is none and a place that is none', () => {
    expect(readRoute('/replay/soon', '')).toMatchObject({ mode: 'replay', time: null });
    expect(readRoute('/elsewhere', '?call=')).toMatchObject({ mode: null, selection: null });
  });
});
