import { describe, expect, it } from 'vitest';
import { ticked } from './ticked';

const plain = (text: string): string => ticked(text).map((part) => (part.code ? `[${part.text}]` : part.text)).join('');

describe('ticked', () => {
  it('takes code out of its ticks', () => {
    expect(plain('They run on request (`tocsin detect`), not at the desk.')).toBe('They run on request ([tocsin detect]), not at the desk.');
    expect(plain('`send` wants `call` and `units`.')).toBe('[send] wants [call] and [units].');
  });

  it('leaves everything else as it is written', () => {
    for (const text of ['', 'no ticks', "one ` alone", '<b>not markup</b>', '``']) expect(plain(text)).toBe(text);
    expect(ticked('a `<img src=x>` b')[1]).toEqual({ text: '<img src=x>', code: true });
  });
});
