import { describe, expect, it } from 'vitest';
import { backTo, signInFrom } from './next';

describe('the way back', () => {
  it.each(['/live?call=17001-0559', '/replay/2017-01-01T02:00-08:00?area=X', '/account/uses/123'])('leads to %s', (path) => {
    expect(backTo(new URL(signInFrom(path), 'http://x').search)).toBe(path);
  });

  it.each(['//elsewhere.example', '/\\elsewhere.example', 'https://elsewhere.example', 'javascript:alert(1)', '/sign-in', ''])(
    'never leads to %s',
    (next) => {
      expect(backTo(`?next=${encodeURIComponent(next)}`)).toBe('/');
    },
  );

  it('is short from the front door', () => {
    expect([signInFrom('/'), backTo('')]).toEqual(['/sign-in', '/']);
  });
});
