/** RFC 6962 trees with SHA-256: hashes, inclusion and consistency, recomputed here and never taken on trust. */
import { joined, same, type Bytes } from './bytes';

export const HASH_BYTES = 32;
const LEAF = new Uint8Array([0]);
const NODE = new Uint8Array([1]);

const sha256 = async (data: Bytes): Promise<Bytes> => new Uint8Array(await crypto.subtle.digest('SHA-256', data));
export const leafHash = (entry: Uint8Array): Promise<Bytes> => sha256(joined(LEAF, entry));
export const nodeHash = (left: Uint8Array, right: Uint8Array): Promise<Bytes> => sha256(joined(NODE, left, right));

/** The largest power of two below `n`; n ≥ 2. No bit operators: those end at 2^31. */
export function splitOf(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

const whole = (n: number): boolean => Number.isSafeInteger(n) && n >= 0;
const sound = (...hashes: readonly Uint8Array[]): boolean => hashes.every((hash) => hash.length === HASH_BYTES);

/** Whether the leaf stands at `index` in the tree of `size` leaves with this root. Never throws. */
export async function verifyInclusion(
  index: number,
  size: number,
  leaf: Bytes,
  root: Bytes,
  proof: readonly Bytes[],
): Promise<boolean> {
  if (!whole(index) || !whole(size) || index >= size || !sound(leaf, root, ...proof)) return false;
  const rest = [...proof];
  const found = await climb(index, size, leaf, rest);
  return found !== null && rest.length === 0 && same(found, root);
}

async function climb(index: number, size: number, leaf: Bytes, rest: Bytes[]): Promise<Bytes | null> {
  if (size === 1) return leaf;
  const beside = rest.pop();
  if (beside === undefined) return null;
  const k = splitOf(size);
  const below = index < k ? await climb(index, k, leaf, rest) : await climb(index - k, size - k, leaf, rest);
  if (below === null) return null;
  return index < k ? nodeHash(below, beside) : nodeHash(beside, below);
}

/** Whether the tree of `size2` begins with all of the tree of `size1`. Never throws. */
export async function verifyConsistency(
  size1: number,
  size2: number,
  root1: Bytes,
  root2: Bytes,
  proof: readonly Bytes[],
): Promise<boolean> {
  if (!whole(size1) || !whole(size2) || size1 === 0 || size1 > size2 || !sound(root1, root2, ...proof)) return false;
  const rest = [...proof];
  const found = await climbBoth(size1, size2, true, root1, rest);
  return found !== null && rest.length === 0 && same(found[0], root1) && same(found[1], root2);
}

async function climbBoth(m: number, n: number, seen: boolean, root1: Bytes, rest: Bytes[]): Promise<[Bytes, Bytes] | null> {
  if (m === n) {
    const hash = seen ? root1 : rest.pop();
    return hash === undefined ? null : [hash, hash];
  }
  const beside = rest.pop();
  if (beside === undefined) return null;
  const k = splitOf(n);
  if (m <= k) {
    const left = await climbBoth(m, k, seen, root1, rest);
    return left && [left[0], await nodeHash(left[1], beside)];
  }
  const right = await climbBoth(m - k, n - k, false, root1, rest);
  return right && [await nodeHash(beside, right[0]), await nodeHash(beside, right[1])];
}

/** The root over leaves [lo, hi), from whoever knows those of whole subtrees. */
export type RangeHash = (lo: number, hi: number) => Promise<Bytes>;

/** The proof that leaf `index` is in the first `size`. */
export async function inclusionProof(index: number, size: number, hashOf: RangeHash): Promise<Bytes[]> {
  const down = async (m: number, lo: number, hi: number): Promise<Bytes[]> => {
    if (hi - lo === 1) return [];
    const k = lo + splitOf(hi - lo);
    return m < k ? [...(await down(m, lo, k)), await hashOf(k, hi)] : [...(await down(m, k, hi)), await hashOf(lo, k)];
  };
  return down(index, 0, size);
}

/** The proof that the first `size1` leaves begin the first `size2`. */
export async function consistencyProof(size1: number, size2: number, hashOf: RangeHash): Promise<Bytes[]> {
  const down = async (m: number, lo: number, hi: number, seen: boolean): Promise<Bytes[]> => {
    if (m === hi) return seen ? [] : [await hashOf(lo, hi)];
    const k = lo + splitOf(hi - lo);
    return m <= k
      ? [...(await down(m, lo, k, seen)), await hashOf(k, hi)]
      : [...(await down(m, k, hi, false)), await hashOf(lo, k)];
  };
  return down(size1, 0, size2, true);
}
