/** Where one goes after signing in: back to where one was. Pure. */

/** The address to go back to: an own path, never another site's and never the sign-in page itself. */
export function backTo(search: string): string {
  const next = new URLSearchParams(search).get('next') ?? '/';
  const own = /^\/(?![/\\])/.test(next) && !/^\/(sign-in|first-account)\b/.test(next);
  return own ? next : '/';
}

/** The sign-in page, with the way back. */
export function signInFrom(path: string): string {
  return path === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(path)}`;
}
