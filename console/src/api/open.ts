/** What anybody may read: the public account, the register, the log itself. No session is needed and none is sent. */
import { ask } from './http';
import type { FoundUsage, ImpactSheet, ProcessingRecord, PublicAccount, Register, UsePage } from './types';
import type { Bytes } from '../verify/bytes';
import type { ReadTile } from '../verify/tiles';

export const ACCOUNT = '/api/public/account';
export const REGISTER = '/api/public/register';
export const USES = '/api/public/uses';
export const PROCESSING = '/api/public/processing';
export const IMPACT = '/api/public/impact';
export const LOG = '/ledger';

export const getAccount = (): Promise<PublicAccount> => ask(ACCOUNT);
export const getRegister = (): Promise<Register> => ask(REGISTER);
export const getProcessing = (): Promise<ProcessingRecord> => ask(PROCESSING);
export const getImpact = (): Promise<ImpactSheet> => ask(IMPACT);
export const listUses = (limit: number, offset: number): Promise<UsePage> => ask(`${USES}?limit=${limit}&offset=${offset}`);

/** A page of uses as a table file, and how many there are in all. */
export async function getUsesTable(limit: number, offset: number): Promise<{ total: number; text: string }> {
  const response = await fetch(`${USES}?form=csv&limit=${limit}&offset=${offset}`, { credentials: 'omit' });
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
  return { total: Number(response.headers.get('X-Total-Count') ?? 0), text: await response.text() };
}

/** Uses that concerned the case of a claim code. The code stands in no address that is kept: not in the page's, not in the history. */
export function findUsage(code: string, from: string, until: string): Promise<FoundUsage> {
  const query = new URLSearchParams({ userCode: code, periodStart: from, periodEnd: until });
  return ask(`/api/public/findUsage?${query.toString()}`);
}

async function read(path: string): Promise<Bytes | null> {
  const response = await fetch(`${LOG}/${path}`, { credentials: 'omit' });
  if (response.status === 404) return null;
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
}

export const readTile: ReadTile = read;

async function readText(path: string): Promise<string> {
  const bytes = await read(path);
  if (bytes === null) throw new Error(`404 ${path}`);
  return new TextDecoder().decode(bytes);
}

export const getLogKey = async (): Promise<string> => (await readText('key')).trim();
export const getCheckpoint = (): Promise<string> => readText('checkpoint');
