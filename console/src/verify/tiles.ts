/** A published log read through its tiles (C2SP tlog-tiles). */
import type { Bytes } from './bytes';
import { HASH_BYTES, nodeHash, splitOf, type RangeHash } from './merkle';

const WIDTH = 256;
const LEVELS = 8;

/** Bytes under a path of the log; null where there is nothing. */
export type ReadTile = (path: string) => Promise<Bytes | null>;

/** What the log does not hold, or holds in another form than the standard's. */
export class LogUnreadable extends Error {}

/** `1234067` → `x001/x234/067`. */
export function numbered(n: number): string {
  const threes = [String(n % 1000).padStart(3, '0')];
  for (let rest = Math.floor(n / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    threes.unshift(`x${String(rest % 1000).padStart(3, '0')}`);
  }
  return threes.join('/');
}

/** The tree of `size` leaves that `read` has the tiles of. Each tile is fetched once. */
export class TiledLog {
  readonly size: number;
  readonly #read: ReadTile;
  readonly #kept = new Map<string, Promise<Bytes>>();

  constructor(size: number, read: ReadTile) {
    this.size = size;
    this.#read = read;
  }

  /** The entry's bytes; null where they were pruned. Throws LogUnreadable. */
  async entry(index: number): Promise<Bytes | null> {
    const bundle = await this.#tile('entries', Math.floor(index / WIDTH), this.size);
    let at = 0;
    for (let i = 0; ; i += 1) {
      if (at + 2 > bundle.length) throw new LogUnreadable(`the bundle ends before entry ${index}`);
      const length = ((bundle[at] as number) << 8) | (bundle[at + 1] as number);
      if (i === index % WIDTH) return length === 0 ? null : bundle.slice(at + 2, at + 2 + length);
      at += 2 + length;
    }
  }

  /** The root over leaves [lo, hi). Throws LogUnreadable. */
  readonly hashOf: RangeHash = async (lo, hi) => {
    const width = hi - lo;
    const level = Math.log2(width);
    if (Number.isInteger(level) && lo % width === 0) return this.#subtree(level, lo / width);
    const k = lo + splitOf(width);
    return nodeHash(await this.hashOf(lo, k), await this.hashOf(k, hi));
  };

  /** Node `j` of `level`: from a tile where one holds it, else folded from the tile below. */
  async #subtree(level: number, j: number): Promise<Bytes> {
    const tileLevel = Math.floor(level / LEVELS);
    const count = 2 ** (level - LEVELS * tileLevel);
    const first = j * count;
    const here = Math.floor(this.size / WIDTH ** tileLevel);
    const tile = await this.#tile(String(tileLevel), Math.floor(first / WIDTH), here);
    const from = (first % WIDTH) * HASH_BYTES;
    if (tile.length < from + count * HASH_BYTES) throw new LogUnreadable(`tile ${tileLevel} ends too early`);
    let row = Array.from({ length: count }, (_, i) => tile.slice(from + i * HASH_BYTES, from + (i + 1) * HASH_BYTES));
    while (row.length > 1) {
      const pairs = Array.from({ length: row.length / 2 }, (_, i) => [row[2 * i], row[2 * i + 1]] as [Bytes, Bytes]);
      row = await Promise.all(pairs.map(([left, right]) => nodeHash(left, right)));
    }
    return row[0] as Bytes;
  }

  #tile(level: string, n: number, count: number): Promise<Bytes> {
    const key = `${level}/${n}`;
    const kept = this.#kept.get(key) ?? this.#fetch(level, n, Math.min(WIDTH, count - n * WIDTH));
    this.#kept.set(key, kept);
    return kept;
  }

  /** A partial tile may be gone once the full one is there. */
  async #fetch(level: string, n: number, width: number): Promise<Bytes> {
    const path = `tile/${level}/${numbered(n)}`;
    const partial = width < WIDTH ? await this.#read(`${path}.p/${width}`) : null;
    const bytes = partial ?? (await this.#read(path));
    if (bytes === null) throw new LogUnreadable(`the log has no ${path}`);
    return bytes;
  }
}
