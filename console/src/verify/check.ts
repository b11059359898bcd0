/** What this browser can say of a receipt or of an entry by itself: each step with its verdict. */
import type { Bytes } from './bytes';
import { consistencyProof, inclusionProof, leafHash, verifyConsistency, verifyInclusion } from './merkle';
import { parseCheckpoint, parseKey, parseProof, verifyNote, type Checkpoint, type Signed } from './note';
import { LogUnreadable, TiledLog, type ReadTile } from './tiles';

/** `form`: it could be read · `included`: the entry is under the root · `signed`: the root is under the log's signature ·
 * `grown`: the log begins with all of what this browser saw before. */
export type StepName = 'form' | 'included' | 'signed' | 'grown';
export type Verdict = Signed | 'missing';

export interface Step {
  name: StepName;
  verdict: Verdict;
}

export interface Checked {
  steps: Step[];
  size: number | null;
  /** Of a log read through its tiles: what it holds at the index. */
  entry: Bytes | null;
  checkpoint: string | null;
}

const verdict = (good: boolean): Verdict => (good ? 'good' : 'bad');

/** Nothing is wrong. What this browser can't check is said beside it, not hidden. */
export const holds = ({ steps }: Pick<Checked, 'steps'>): boolean =>
  steps.length > 1 && steps.every((step) => step.verdict === 'good' || step.verdict === 'unsupported');

/** WebCrypto is there on https and on this machine alone. */
export const canVerify = (): boolean => globalThis.crypto?.subtle !== undefined;

async function signed(checkpoint: Checkpoint, keyLine: string): Promise<Verdict> {
  const key = await parseKey(keyLine);
  return key === null ? 'missing' : verifyNote(checkpoint.note, key);
}

/** A receipt against its entry and the log's key. */
export async function checkReceipt(entry: Bytes, proof: string, keyLine: string): Promise<Checked> {
  const parsed = parseProof(proof);
  if (parsed === null) return { steps: [{ name: 'form', verdict: 'bad' }], size: null, entry, checkpoint: null };
  const { index, hashes, checkpoint } = parsed;
  const inside = await verifyInclusion(index, checkpoint.size, await leafHash(entry), checkpoint.root, hashes);
  return {
    steps: [
      { name: 'form', verdict: 'good' },
      { name: 'included', verdict: verdict(inside) },
      { name: 'signed', verdict: await signed(checkpoint, keyLine) },
    ],
    size: checkpoint.size,
    entry,
    checkpoint: null,
  };
}

export interface PublishedLog {
  checkpoint: string;
  key: string;
  read: ReadTile;
  /** The checkpoint that this browser saw last. */
  before: string | null;
}

/** An entry of the published log, from its tiles alone: nothing that the desk worked out is used. */
export async function checkEntry(index: number, log: PublishedLog): Promise<Checked> {
  const checkpoint = parseCheckpoint(log.checkpoint);
  if (checkpoint === null || index >= checkpoint.size) {
    return { steps: [{ name: 'form', verdict: 'bad' }], size: checkpoint?.size ?? null, entry: null, checkpoint: null };
  }
  const tiles = new TiledLog(checkpoint.size, log.read);
  const steps: Step[] = [{ name: 'form', verdict: 'good' }];
  let entry: Bytes | null = null;
  try {
    entry = await tiles.entry(index);
    steps.push({ name: 'included', verdict: await included(index, entry, checkpoint, tiles) });
    steps.push({ name: 'signed', verdict: await signed(checkpoint, log.key) });
    if (log.before !== null) steps.push({ name: 'grown', verdict: await grown(log.before, checkpoint, tiles) });
  } catch (error) {
    if (!(error instanceof LogUnreadable)) throw error;
    steps.push({ name: 'included', verdict: 'missing' });
  }
  return { steps, size: checkpoint.size, entry, checkpoint: log.checkpoint };
}

/** Of a pruned entry only its hash is left, and that is not enough to say what it said. */
async function included(index: number, entry: Bytes | null, { size, root }: Checkpoint, tiles: TiledLog): Promise<Verdict> {
  if (entry === null) return 'missing';
  const proof = await inclusionProof(index, size, tiles.hashOf);
  return verdict(await verifyInclusion(index, size, await leafHash(entry), root, proof));
}

async function grown(before: string, now: Checkpoint, tiles: TiledLog): Promise<Verdict> {
  const old = parseCheckpoint(before);
  if (old === null || old.origin !== now.origin || old.size === 0) return 'missing';
  if (old.size > now.size) return 'bad';
  const proof = await consistencyProof(old.size, now.size, tiles.hashOf);
  return verdict(await verifyConsistency(old.size, now.size, old.root, now.root, proof));
}
