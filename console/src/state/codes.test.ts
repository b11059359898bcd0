import { expect, it } from 'vitest';
import { findCode } from './codes';

// Made by code_of of accounting/codes.py.
const CODES = ['000G4-0R40M-30E20-9185A', 'CHJPC-SV8D5-N6PV3-DDSQT', 'ZZZZZ-ZZZZZ-ZZZZZ-ZZZZT'];
const plain = (code: string): string => code.replaceAll('-', '');

it('knows a code however it is written', () => {
  for (const code of CODES) expect(findCode(code)).toBe(plain(code));
  expect(findCode(' ooog4–0r40m 30e20 9l85a ')).toBe(plain(CODES[0]!));
});

it('notices any one wrong symbol', () => {
  const code = plain(CODES[1]!);
  for (let i = 0; i < code.length; i += 1) {
    for (const other of '0123456789ABCDEFGHJKMNPQRSTVWXYZ') {
      if (other === code[i]) continue;
      expect(findCode(code.slice(0, i) + other + code.slice(i + 1))).toBeNull();
    }
  }
});

it('notices any two that changed places', () => {
  const code = plain(CODES[1]!);
  for (let i = 0; i < code.length; i += 1) {
    for (let j = i + 1; j < code.length; j += 1) {
      if (code[i] === code[j]) continue;
      const symbols = [...code];
      [symbols[i], symbols[j]] = [code[j]!, code[i]!];
      expect(findCode(symbols.join(''))).toBeNull();
    }
  }
});

it('takes nothing else for a code', () => {
  for (const text of ['', 'Jane Doe', CODES[1]!.slice(1), `${CODES[1]!}0`, 'U'.repeat(20), '0'.repeat(65)]) expect(findCode(text)).toBeNull();
});
