/** The checkpoint that this browser saw last, so that a log which forgets or rewrites is found out at the next visit. */
const STORE = 'tocsin.log';

export interface Seen {
  checkpoint: string;
  key: string;
}

/** What stands in the browser's store; null for nothing, or for what is none of ours. */
export function readSeen(): Seen | null {
  try {
    const kept = JSON.parse(localStorage.getItem(STORE) ?? 'null') as Partial<Seen> | null;
    return typeof kept?.checkpoint === 'string' && typeof kept.key === 'string' ? { checkpoint: kept.checkpoint, key: kept.key } : null;
  } catch {
    return null;
  }
}

export function keepSeen(seen: Seen): void {
  try {
    localStorage.setItem(STORE, JSON.stringify(seen));
  } catch {
    // A browser that keeps nothing still checks everything that is shown now.
  }
}
