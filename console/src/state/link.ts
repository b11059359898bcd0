/** One-time links: what follows `#` never leaves the browser, so no server's log has it. Pure. */

export type Link = { kind: 'first' | 'link'; secret: string } | null;

/** `#first=…` makes the first account, `#link=…` sets a password. */
export function linkOf(hash: string): Link {
  const [, kind, secret] = /^#(first|link)=(.+)$/.exec(hash) ?? [];
  if (secret === undefined) return null;
  return { kind: kind === 'first' ? 'first' : 'link', secret: decodeURIComponent(secret) };
}

export const PASSWORD_LEAST = 12;

/** What is wrong with a new password, as far as a browser can tell. */
export function passwordFault(password: string, again: string): 'short' | 'differs' | null {
  if ([...password].length < PASSWORD_LEAST) return 'short';
  return password === again ? null : 'differs';
}
