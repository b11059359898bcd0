/** C2SP signed notes, checkpoints and tlog-proofs: read strictly, signatures checked with the browser's own Ed25519. */
import { bytesOf, fromBase64, joined, same, type Bytes } from './bytes';
import { HASH_BYTES } from './merkle';

const ED25519 = 1;
const KEY_ID_BYTES = 4;
const DASH = '\u2014 ';

export interface VerifierKey {
  name: string;
  id: Bytes;
  key: Bytes;
}

export interface Note {
  /** What is signed, with its last newline. */
  text: string;
  signatures: { name: string; id: Bytes; signature: Bytes }[];
}

export interface Checkpoint {
  origin: string;
  size: number;
  root: Bytes;
  note: Note;
}

export interface TlogProof {
  index: number;
  hashes: Bytes[];
  checkpoint: Checkpoint;
}

/** `unsupported`: this browser has no Ed25519. `unknown`: nobody whose key we have signed it. */
export type Signed = 'good' | 'bad' | 'unknown' | 'unsupported';

/** `name+hexid+base64(0x01‖key)`; null for anything else, also where the id does not belong to the key. */
export async function parseKey(line: string): Promise<VerifierKey | null> {
  const [, name, hexId, coded] = /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/.exec(line.trim()) ?? [];
  const raw = fromBase64(coded ?? '');
  if (name === undefined || hexId === undefined || raw === null || raw.length !== 33 || raw[0] !== ED25519) return null;
  const hash = await crypto.subtle.digest('SHA-256', joined(bytesOf(`${name}\n`), raw));
  const id = new Uint8Array(hash).slice(0, KEY_ID_BYTES);
  const said = Uint8Array.from(hexId.match(/../g) ?? [], (two) => parseInt(two, 16));
  return same(id, said) ? { name, id, key: raw.slice(1) } : null;
}

/** A text, a blank line, signature lines. The last blank line counts: the text may hold others. */
export function parseNote(whole: string): Note | null {
  const at = whole.lastIndexOf('\n\n');
  if (at < 0 || !whole.endsWith('\n')) return null;
  const lines = whole.slice(at + 2, -1).split('\n');
  const signatures = lines.map((line) => {
    const [, name, coded] = /^(\S+) (\S+)$/.exec(line.startsWith(DASH) ? line.slice(DASH.length) : '') ?? [];
    const raw = fromBase64(coded ?? '');
    if (name === undefined || raw === null || raw.length <= KEY_ID_BYTES) return null;
    return { name, id: raw.slice(0, KEY_ID_BYTES), signature: raw.slice(KEY_ID_BYTES) };
  });
  const good = signatures.filter((one) => one !== null);
  return good.length === lines.length ? { text: whole.slice(0, at + 1), signatures: good } : null;
}

/** Origin, size, root; null for a note that is no checkpoint. */
export function parseCheckpoint(whole: string): Checkpoint | null {
  const note = parseNote(whole);
  const [origin, size, root] = note?.text.split('\n') ?? [];
  const hash = fromBase64(root ?? '');
  if (note === null || !origin || !/^(?:0|[1-9]\d{0,15})$/.test(size ?? '') || hash?.length !== HASH_BYTES) return null;
  return { origin, size: Number(size), root: hash, note };
}

/** A receipt: `c2sp.org/tlog-proof@v1`, perhaps `extra`, `index N`, hashes, a blank line, the checkpoint. */
export function parseProof(whole: string): TlogProof | null {
  const at = whole.indexOf('\n\n');
  const [head, ...lines] = whole.slice(0, Math.max(0, at)).split('\n');
  if (head !== 'c2sp.org/tlog-proof@v1') return null;
  if (lines[0]?.startsWith('extra ')) lines.shift();
  const index = /^index (0|[1-9]\d{0,15})$/.exec(lines.shift() ?? '')?.[1];
  const hashes = lines.map(fromBase64).filter((hash) => hash?.length === HASH_BYTES) as Bytes[];
  const checkpoint = parseCheckpoint(whole.slice(at + 2));
  if (index === undefined || hashes.length !== lines.length || checkpoint === null) return null;
  return { index: Number(index), hashes, checkpoint };
}

/** Whether the holder of `key` signed the note. One bad signature in the key's name spoils it. */
export async function verifyNote(note: Note, key: VerifierKey): Promise<Signed> {
  const mine = note.signatures.filter((one) => one.name === key.name && same(one.id, key.id));
  if (mine.length === 0) return 'unknown';
  let known: CryptoKey;
  try {
    known = await crypto.subtle.importKey('raw', key.key, 'Ed25519', false, ['verify']);
  } catch {
    return 'unsupported';
  }
  const text = bytesOf(note.text);
  const verdicts = await Promise.all(mine.map((one) => crypto.subtle.verify('Ed25519', known, one.signature, text)));
  return verdicts.every(Boolean) ? 'good' : 'bad';
}
