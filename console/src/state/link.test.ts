import { describe, expect, it } from 'vitest';
import { linkOf, passwordFault } from './link';

describe('one-time links', () => {
  it('are read from what follows the hash', () => {
    expect(linkOf('#first=aB-_9')).toEqual({ kind: 'first', secret: 'aB-_9' });
    expect(linkOf('#link=x%3Dy')).toEqual({ kind: 'link', secret: 'x=y' });
    expect([linkOf(''), linkOf('#first='), linkOf('#other=x')]).toEqual([null, null, null]);
  });
});

describe('a new password', () => {
  it('is long enough and written twice', () => {
    expect(passwordFault('short', 'short')).toBe('short');
    expect(passwordFault('long enough here', 'long enough here.')).toBe('differs');
    expect(passwordFault('long enough here', 'long enough here')).toBeNull();
  });
});
