/** Times in the city's zone, and back. Pure. */

const HOUR_MS = 3_600_000;

interface Parts {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string, lang: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${zone}|${lang}|${JSON.stringify(options)}`;
  let made = formats.get(key);
  if (made === undefined) {
    made = new Intl.DateTimeFormat(lang, { timeZone: zone, hourCycle: 'h23', ...options });
    formats.set(key, made);
  }
  return made;
}

function partsOf(ms: number, zone: string): Parts {
  const made = format(zone, 'en-GB', {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(ms);
  const read = (type: Intl.DateTimeFormatPartTypes): number =>
    Number(made.find((p) => p.type === type)?.value ?? 0);
  return {
    year: read('year'),
    month: read('month'),
    day: read('day'),
    hour: read('hour'),
    minute: read('minute'),
    second: read('second'),
  };
}

const two = (n: number): string => String(n).padStart(2, '0');

/** `02:00`. */
export function clockMinute(ms: number, zone: string): string {
  const p = partsOf(ms, zone);
  return `${two(p.hour)}:${two(p.minute)}`;
}

/** `02:00:00`. */
export function clockSecond(ms: number, zone: string): string {
  const p = partsOf(ms, zone);
  return `${two(p.hour)}:${two(p.minute)}:${two(p.second)}`;
}

/** `02`, the hour alone, for axes. */
export function clockHour(ms: number, zone: string): string {
  return two(partsOf(ms, zone).hour);
}

/** `Sun 1 Jan 2017`. */
export function longDate(ms: number, zone: string, lang: string): string {
  const locale = lang === 'en' ? 'en-GB' : lang;
  return format(zone, locale, { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' })
    .format(ms)
    .replace(/,/g, '');
}

/** `31 Dec 02:00` where the day is not that of `besides`, else `02:00`. */
export function whenShort(ms: number, besides: number, zone: string, lang: string): string {
  const a = partsOf(ms, zone);
  const b = partsOf(besides, zone);
  const time = clockMinute(ms, zone);
  if (a.year === b.year && a.month === b.month && a.day === b.day) return time;
  const locale = lang === 'en' ? 'en-GB' : lang;
  return `${format(zone, locale, { day: 'numeric', month: 'short' }).format(ms)} ${time}`;
}

/** `PST`. */
export function zoneName(ms: number, zone: string): string {
  const parts = format(zone, 'en-US', { timeZoneName: 'short' }).formatToParts(ms);
  return parts.find((p) => p.type === 'timeZoneName')?.value ?? zone;
}

/** Minutes that the zone is ahead of UTC at `ms`. */
export function offsetMin(ms: number, zone: string): number {
  const p = partsOf(ms, zone);
  const asUtc = Date.UTC(p.year, p.month - 1, p.day, p.hour, p.minute, p.second);
  return Math.round((asUtc - Math.floor(ms / 1000) * 1000) / 60_000);
}

/** `2017-01-01T02:00-08:00`, as it stands in addresses. */
export function addressTime(ms: number, zone: string): string {
  const p = partsOf(ms, zone);
  const offset = offsetMin(ms, zone);
  const sign = offset < 0 ? '-' : '+';
  const abs = Math.abs(offset);
  const seconds = p.second === 0 ? '' : `:${two(p.second)}`;
  return (
    `${p.year}-${two(p.month)}-${two(p.day)}T${two(p.hour)}:${two(p.minute)}${seconds}` +
    `${sign}${two(Math.floor(abs / 60))}:${two(abs % 60)}`
  );
}

/** `2017-01-01 02:00`, as it stands in the field. */
export function fieldTime(ms: number, zone: string): string {
  return addressTime(ms, zone).slice(0, 16).replace('T', ' ');
}

function toUtc(p: Parts, zone: string): number | null {
  const naive = Date.UTC(p.year, p.month - 1, p.day, p.hour, p.minute, p.second);
  const back = new Date(naive);
  if (back.getUTCMonth() !== p.month - 1 || back.getUTCDate() !== p.day) return null;
  if (p.hour > 23 || p.minute > 59 || p.second > 59) return null;
  // Twice: the first guess may stand on the other side of a change of the clocks.
  const guess = naive - offsetMin(naive, zone) * 60_000;
  return naive - offsetMin(guess, zone) * 60_000;
}

const WITH_OFFSET = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/i;
const FULL = /^(\d{4})-(\d{1,2})-(\d{1,2})[T ,]+(\d{1,2}):(\d{2})(?::(\d{2}))?$/;
const DAY = /^(\d{4})-(\d{1,2})-(\d{1,2})$/;
const CLOCK = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/;

/**
 * The time that `text` means in the city, or null. Understands `2017-01-01 02:00`, `2017-01-01`, `02:00` (on the
 * day shown) and ISO 8601 with an offset.
 */
export function parseLocal(text: string, zone: string, shownMs: number): number | null {
  const tidy = text.trim().replace(/−/g, '-').replace(' +', '+');
  if (WITH_OFFSET.test(tidy)) {
    const ms = Date.parse(tidy);
    return Number.isNaN(ms) ? null : ms;
  }
  const shown = partsOf(shownMs, zone);
  const n = (match: RegExpMatchArray, i: number): number => Number(match[i] ?? 0);
  const full = tidy.match(FULL);
  if (full) {
    const [year, month, day] = [n(full, 1), n(full, 2), n(full, 3)];
    return toUtc({ year, month, day, hour: n(full, 4), minute: n(full, 5), second: n(full, 6) }, zone);
  }
  const day = tidy.match(DAY);
  if (day) {
    return toUtc({ year: n(day, 1), month: n(day, 2), day: n(day, 3), hour: 0, minute: 0, second: 0 }, zone);
  }
  const clock = tidy.match(CLOCK);
  if (clock) return toUtc({ ...shown, hour: n(clock, 1), minute: n(clock, 2), second: n(clock, 3) }, zone);
  return null;
}

/** `1:27`, `1:03:05`: what has passed, with hours from one on. Negative counts as nothing. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [h, min, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h > 0 ? `${h}:${two(min)}:${two(s)}` : `${min}:${two(s)}`;
}

/** The first full hour at or after `ms`, in steps of UTC hours. */
export function nextHour(ms: number): number {
  return Math.ceil(ms / HOUR_MS) * HOUR_MS;
}
