import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { base64Of, bytesOf, fromBase64, joined, textOf, type Bytes } from './bytes';
import { checkEntry, checkReceipt, holds, type PublishedLog } from './check';
import { consistencyProof, inclusionProof, leafHash, nodeHash, splitOf, verifyConsistency, verifyInclusion } from './merkle';
import { parseCheckpoint, parseKey, parseNote, parseProof } from './note';
import { numbered } from './tiles';

const NAME = 'example.org/log';
const digest = (...parts: Uint8Array[]): Bytes => new Uint8Array(createHash('sha256').update(joined(...parts)).digest());

/** A whole log in memory, made after the standard by other means than the code under test. */
class SmallLog {
  readonly entries: Bytes[];
  readonly #key: KeyObject;
  readonly keyLine: string;
  readonly #id: Bytes;

  constructor(size: number) {
    this.entries = Array.from({ length: size }, (_, i) => bytesOf(`{"kind":"use","n":${i}}`));
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    this.#key = privateKey;
    const raw = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' })).slice(-32);
    const typed = joined(new Uint8Array([1]), raw);
    this.#id = digest(bytesOf(`${NAME}\n`), typed).slice(0, 4);
    this.keyLine = `${NAME}+${Buffer.from(this.#id).toString('hex')}+${base64Of(typed)}`;
  }

  hash(lo: number, hi: number): Bytes {
    if (hi === lo) return digest();
    if (hi - lo === 1) return digest(new Uint8Array([0]), this.entries[lo] as Bytes);
    const k = lo + splitOf(hi - lo);
    return digest(new Uint8Array([1]), this.hash(lo, k), this.hash(k, hi));
  }

  checkpoint(size: number): string {
    const text = `${NAME}\n${size}\n${base64Of(this.hash(0, size))}\n`;
    const signature = new Uint8Array(sign(null, bytesOf(text), this.#key));
    return `${text}\n\u2014 ${NAME} ${base64Of(joined(this.#id, signature))}\n`;
  }

  tile(path: string): Bytes | null {
    const [, kind, number, width = '256'] = /^tile\/(\w+)\/([x\d/]+?)(?:\.p\/(\d+))?$/.exec(path) ?? [];
    const n = Number(number?.replaceAll(/[x/]/g, ''));
    const w = Number(width);
    if (kind === 'entries') {
      const some = this.entries.slice(n * 256, n * 256 + w);
      if (some.length < w) return null;
      return joined(...some.flatMap((e) => [new Uint8Array([e.length >> 8, e.length & 255]), e]));
    }
    const span = 256 ** Number(kind);
    if ((n * 256 + w) * span > this.entries.length) return null;
    return joined(...Array.from({ length: w }, (_, i) => this.hash((n * 256 + i) * span, (n * 256 + i + 1) * span)));
  }

  published(size: number, before: string | null = null): PublishedLog {
    const read = (path: string): Promise<Bytes | null> => Promise.resolve(this.tile(path));
    return { checkpoint: this.checkpoint(size), key: this.keyLine, read, before };
  }

  async receipt(index: number, size: number): Promise<string> {
    const proof = await inclusionProof(index, size, (lo, hi) => Promise.resolve(this.hash(lo, hi)));
    return `c2sp.org/tlog-proof@v1\nindex ${index}\n${proof.map((h) => `${base64Of(h)}\n`).join('')}\n${this.checkpoint(size)}`;
  }
}

const log = new SmallLog(700);
const hashOf = (lo: number, hi: number): Promise<Bytes> => Promise.resolve(log.hash(lo, hi));
const flipped = (bytes: Bytes): Bytes => bytes.map((b, i) => (i === 0 ? b ^ 1 : b));

describe('inclusion', () => {
  it('holds for every leaf of every small tree, and for no other', async () => {
    for (let size = 1; size <= 20; size += 1) {
      for (let index = 0; index < size; index += 1) {
        const proof = await inclusionProof(index, size, hashOf);
        const leaf = await leafHash(log.entries[index] as Bytes);
        const root = log.hash(0, size);
        expect(await verifyInclusion(index, size, leaf, root, proof)).toBe(true);
        expect(await verifyInclusion(index, size, flipped(leaf), root, proof)).toBe(false);
        expect(await verifyInclusion((index + 1) % (size + 1), size, leaf, root, proof)).toBe(false);
        expect(await verifyInclusion(index, size, leaf, root, [...proof, leaf])).toBe(false);
        if (proof.length > 0) expect(await verifyInclusion(index, size, leaf, root, proof.slice(1))).toBe(false);
      }
    }
  });

  it('refuses hashes that are none, and sizes that are none', async () => {
    const empty = new Uint8Array();
    expect(await verifyInclusion(0, 1, empty, empty, [])).toBe(false);
    expect(await verifyInclusion(0, 0, log.hash(0, 1), log.hash(0, 1), [])).toBe(false);
    expect(await verifyInclusion(0.5, 1, log.hash(0, 1), log.hash(0, 1), [])).toBe(false);
    expect(await verifyInclusion(-1, 1, log.hash(0, 1), log.hash(0, 1), [])).toBe(false);
  });
});

describe('consistency', () => {
  it('holds for every pair of small trees and breaks with any change', async () => {
    for (let size2 = 1; size2 <= 16; size2 += 1) {
      for (let size1 = 1; size1 <= size2; size1 += 1) {
        const proof = await consistencyProof(size1, size2, hashOf);
        const [one, two] = [log.hash(0, size1), log.hash(0, size2)];
        expect(await verifyConsistency(size1, size2, one, two, proof)).toBe(true);
        expect(await verifyConsistency(size1, size2, flipped(one), two, proof)).toBe(false);
        expect(await verifyConsistency(size1, size2, one, flipped(two), proof)).toBe(false);
        expect(await verifyConsistency(size1, size2, one, two, [...proof, one])).toBe(false);
      }
    }
    expect(await verifyConsistency(0, 4, log.hash(0, 1), log.hash(0, 4), [])).toBe(false);
  });
});

describe('notes', () => {
  it('reads keys whose id belongs to them', async () => {
    expect((await parseKey(log.keyLine))?.name).toBe(NAME);
    expect(await parseKey(log.keyLine.replace(/\+[0-9a-f]{8}/, '+00000000'))).toBeNull();
    expect(await parseKey('elsewhere')).toBeNull();
  });

  it('reads the published example of C2SP’s test data', async () => {
    const line = 'example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx';
    expect((await parseKey(line))?.key.length).toBe(32);
  });

  it('wants the dash, the blank line and the last newline', () => {
    const good = log.checkpoint(5);
    expect(parseNote(good)?.text.split('\n')[1]).toBe('5');
    expect(parseNote(good.replace('\u2014', '-'))).toBeNull();
    expect(parseNote(good.trimEnd())).toBeNull();
    expect(parseCheckpoint(good.replace('\n5\n', '\n05\n'))).toBeNull();
  });

  it('takes base64 in one form only', () => {
    expect(fromBase64('AB==')).toBeNull();
    expect(fromBase64('AA==')).toEqual(new Uint8Array([0]));
    expect(fromBase64('A')).toBeNull();
  });
});

describe('a receipt', () => {
  it('holds with its entry and no other', async () => {
    const proof = await log.receipt(9, 300);
    const good = await checkReceipt(log.entries[9] as Bytes, proof, log.keyLine);
    expect([good.steps.map((s) => s.verdict), good.size, holds(good)]).toEqual([['good', 'good', 'good'], 300, true]);
    const other = await checkReceipt(log.entries[8] as Bytes, proof, log.keyLine);
    expect([other.steps[1]?.verdict, holds(other)]).toEqual(['bad', false]);
  });

  it('is nothing without the signature of the key that is known', async () => {
    const proof = await log.receipt(9, 300);
    const strange = await checkReceipt(log.entries[9] as Bytes, proof, new SmallLog(0).keyLine);
    expect(strange.steps[2]?.verdict).toBe('unknown');
    expect(holds(strange)).toBe(false);
    const forged = proof.replace(/\n300\n/, '\n301\n');
    expect((await checkReceipt(log.entries[9] as Bytes, forged, log.keyLine)).steps.map((s) => s.verdict)).toContain('bad');
    expect(holds(await checkReceipt(log.entries[9] as Bytes, 'nonsense', log.keyLine))).toBe(false);
    expect(parseProof(proof.replace('index 9', 'index 09'))).toBeNull();
  });
});

describe('a published log', () => {
  it.each([0, 1, 255, 256, 511, 512, 699])('shows entry %i from its tiles', async (index) => {
    const found = await checkEntry(index, log.published(700, log.checkpoint(260)));
    expect(found.steps.map((s) => [s.name, s.verdict])).toEqual([
      ['form', 'good'],
      ['included', 'good'],
      ['signed', 'good'],
      ['grown', 'good'],
    ]);
    expect(textOf(found.entry as Bytes)).toBe(`{"kind":"use","n":${index}}`);
  });

  it('is told from one with another past, and from one cut short', async () => {
    const other = new SmallLog(300);
    other.entries[3] = bytesOf('another');
    const forked = await checkEntry(5, log.published(700, other.checkpoint(300)));
    expect(forked.steps.at(-1)).toEqual({ name: 'grown', verdict: 'bad' });
    const shorter = await checkEntry(5, log.published(300, log.checkpoint(700)));
    expect(shorter.steps.at(-1)).toEqual({ name: 'grown', verdict: 'bad' });
  });

  it('is found out where an entry was changed or a tile is gone', async () => {
    const published = log.published(700);
    const changed = {
      ...published,
      read: (path: string) =>
        Promise.resolve(path.includes('entries') ? bytesOf(`\0\x17{"kind":"use","n":999}`) : log.tile(path)),
    };
    expect((await checkEntry(0, changed)).steps[1]?.verdict).toBe('bad');
    const gone = { ...published, read: (path: string) => Promise.resolve(path.includes('/0/') ? null : log.tile(path)) };
    expect((await checkEntry(0, gone)).steps.at(-1)?.verdict).toBe('missing');
    expect(holds(await checkEntry(700, published))).toBe(false);
  });
});

it('numbers tiles in threes', () => {
  expect([0, 67, 1234067].map(numbered)).toEqual(['000', '067', 'x001/x234/067']);
});

it('hashes a node over both halves', async () => {
  expect(await nodeHash(log.hash(0, 1), log.hash(1, 2))).toEqual(log.hash(0, 2));
});
