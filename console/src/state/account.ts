/** The public account as its page shows it: counts put together, and uses as a table file. Pure. */
import type { PeriodCount, PublicAccount, UseCount } from '../api/types';

export interface Sum {
  key: string;
  uses: number;
  rows: number;
  /** One of those counted, for its names. */
  one: UseCount;
}

/** Uses that opened something, put together by what `keyOf` says, the most frequent first. Refusals open nothing. */
export function sums(uses: readonly UseCount[], keyOf: (use: UseCount) => string): Sum[] {
  const by = new Map<string, Sum>();
  for (const one of uses) {
    if (one.kind === 'refusal' || one.kind === 'policy_error') continue;
    const key = keyOf(one);
    const known = by.get(key) ?? { key, uses: 0, rows: 0, one };
    known.uses += one.uses;
    known.rows += one.rows;
    by.set(key, known);
  }
  return [...by.values()].sort((a, b) => b.uses - a.uses || (a.key < b.key ? -1 : 1));
}

export const total = (uses: readonly UseCount[], kinds: readonly UseCount['kind'][]): number =>
  uses.filter((one) => kinds.includes(one.kind)).reduce((sum, one) => sum + one.uses, 0);

const MOST_DAYS = 62;

/** Days while they can be told apart, else weeks. */
export function periodsOf(account: Pick<PublicAccount, 'days' | 'weeks'>): { weekly: boolean; periods: PeriodCount[] } {
  const weekly = account.days.length > MOST_DAYS;
  return { weekly, periods: weekly ? account.weeks : account.days };
}

/** Pages of a table file as one: the head once. */
export function oneTable(pages: readonly string[]): string {
  return pages.map((page, i) => (i === 0 ? page : page.slice(page.indexOf('\n') + 1))).join('');
}

/** The page's own addresses: all of it, or one entry. */
export function entryOf(pathname: string): number | null {
  const found = /^\/account\/uses\/(\d{1,15})\/?$/.exec(pathname)?.[1];
  return found === undefined ? null : Number(found);
}
