/** Every state has an address: `/replay/2017-01-01T02:00-08:00?area=…`, `/exercise/X-7?call=…`. Pure. */
import type { Mode } from '../api/types';
import type { Selection, SelectionType } from '../map/types';

export const PAGES = ['table', 'record', 'exports', 'reviews', 'accounts', 'me'] as const;
export type Page = (typeof PAGES)[number];

export interface Route {
  mode: Mode | null;
  /** ISO 8601 with offset. */
  time: string | null;
  /** The exercise that the page is in. */
  exercise: string | null;
  selection: Selection | null;
  wall: boolean;
  /** The panel of its own that is open. */
  page: Page | null;
  lang: string | null;
}

const TYPES: readonly SelectionType[] = ['call', 'unit', 'area', 'station', 'hospital', 'warning', 'move'];
const MODES: readonly Mode[] = ['live', 'replay', 'exercise'];

export function readRoute(pathname: string, search: string): Route {
  const [first = '', second = ''] = pathname.split('/').filter(Boolean).map(decodeURIComponent);
  const query = new URLSearchParams(search);
  const type = TYPES.find((name) => query.get(name));
  return {
    mode: MODES.find((name) => name === first) ?? null,
    time: first === 'replay' && !Number.isNaN(Date.parse(second)) ? second : null,
    exercise: first === 'exercise' && second !== '' ? second : null,
    selection: type ? { type, id: query.get(type) ?? '' } : null,
    wall: query.has('wall'),
    // `/exports` alone is an address too: links from outside need no mode.
    page: PAGES.find((name) => query.has(name) || name === first) ?? null,
    lang: query.get('lang'),
  };
}

/** Colons and plus signs stay readable: both may stand in a path (RFC 3986, section 3.3). */
export function writeRoute(route: Route): string {
  const query: string[] = [];
  if (route.selection) query.push(`${route.selection.type}=${encodeURIComponent(route.selection.id)}`);
  if (route.page) query.push(route.page);
  if (route.wall) query.push('wall');
  if (route.lang) query.push(`lang=${encodeURIComponent(route.lang)}`);
  const more =
    route.mode === 'replay' && route.time
      ? `/${route.time}`
      : route.mode === 'exercise' && route.exercise
        ? `/${encodeURIComponent(route.exercise)}`
        : '';
  const path = `/${route.mode ?? ''}` + more;
  return path + (query.length > 0 ? `?${query.join('&')}` : '');
}
