import { describe, expect, it } from 'vitest';
import { keyName, mayAct, type KeyLike } from './keys';

const press = (key: string, extra: Partial<KeyLike> = {}): KeyLike => ({
  key,
  code: '',
  altKey: false,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  ...extra,
});

describe('keyName', () => {
  it.each<[KeyLike, string | null]>([
    [press('n'), 'n'],
    [press('N', { shiftKey: true }), 'Shift+n'],
    [press('?', { shiftKey: true }), '?'],
    [press(' '), 'Space'],
    [press('¡', { altKey: true, code: 'Digit1' }), 'Alt+1'],
    [press('F6', { shiftKey: true }), 'Shift+F6'],
    [press('c', { ctrlKey: true }), null],
    [press('l', { altKey: true, code: 'KeyL' }), null],
  ])('%o is %s', (event, name) => {
    expect(keyName(event)).toBe(name);
  });
});

describe('mayAct', () => {
  const free = { typing: false, pressable: false, keysOff: false };

  it('keeps quiet in text fields, but for Esc and F6', () => {
    const typing = { ...free, typing: true };
    expect(['n', '/', 'Space', 'Escape', 'F6'].map((k) => mayAct(k, typing))).toEqual([false, false, false, true, true]);
  });

  it('leaves Enter and Space to a button that has the focus', () => {
    const pressable = { ...free, pressable: true };
    expect(['Enter', 'Space', 'n'].map((k) => mayAct(k, pressable))).toEqual([false, false, true]);
  });

  it('can be switched off, and back on by keys', () => {
    const off = { ...free, keysOff: true };
    expect(['n', 'Space', '?', 'F6', 'Alt+1'].map((k) => mayAct(k, off))).toEqual([false, false, true, true, true]);
  });
});
