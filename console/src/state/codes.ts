/** Claim codes as somebody types them. The last of the twenty symbols checks the others: any one wrong symbol and any two
 * that changed places are noticed before anything is sent. As in accounting/codes.py. Pure. */

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const SYMBOLS = 20;
const MOST_WRITTEN = 64;
const PUT_BETWEEN = /[- \t\u2010-\u2014\u00a0]/g;
/** x^5 + x^2 + 1, primitive over GF(2). */
const POLYNOMIAL = 0b100101;

/** The code that somebody wrote, without groups and in capitals; null where it cannot be one. */
export function findCode(written: string): string | null {
  if (written.length > MOST_WRITTEN) return null;
  // In Crockford's base 32 whoever writes I, L or O means 1, 1 and 0.
  const text = written.replace(PUT_BETWEEN, '').toUpperCase().replace(/[IL]/g, '1').replaceAll('O', '0');
  const values = [...text].map((symbol) => ALPHABET.indexOf(symbol));
  if (values.length !== SYMBOLS || values.includes(-1)) return null;
  return values.at(-1) === check(values.slice(0, -1)) ? text : null;
}

/** The value c with c + sum of x^(place + 1) * value = 0 over GF(32), places from 0. */
function check(values: readonly number[]): number {
  let total = 0;
  let factor = 1;
  for (const value of values) {
    factor = times(factor, 2);
    total ^= times(factor, value);
  }
  return total;
}

/** Product over GF(32). */
function times(a: number, b: number): number {
  let product = 0;
  for (let left = b, shifted = a; left > 0; left >>= 1) {
    if (left & 1) product ^= shifted;
    shifted <<= 1;
    if (shifted & 32) shifted ^= POLYNOMIAL;
  }
  return product;
}
