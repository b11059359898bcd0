/** The numbers behind a fan chart. Pure. Times in seconds: uPlot's own unit. */
import type { Hour, PastHour } from '../api/types';
import { offsetMin } from '../state/time';

type Row = (number | null)[];

export interface FanData {
  from: number;
  until: number;
  /** x; 95 high, low; 80 high, low; 50 high, low; median; the past's 80 high, low. */
  columns: [number[], Row, Row, Row, Row, Row, Row, Row, Row, Row];
  dots: { at: number; count: number; inside: boolean }[];
}

const HOUR = 3600;
const at = (time: string): number => Date.parse(time) / 1000;

/**
 * An hour is a step from its start to the next: counts are whole, and a curve through them would say more than is
 * known. The last hour also stands at its end, so that its step has a width. Dots stand at the middle of their hour.
 */
export function fanData(hours: readonly Hour[], past: readonly PastHour[]): FanData {
  const columns: FanData['columns'] = [[], [], [], [], [], [], [], [], [], []];
  const push = (x: number, ahead: Row, was: Row): void => {
    const [times, ...rows] = columns;
    times.push(x);
    [...ahead, ...was].forEach((value, i) => rows[i]?.push(value));
  };
  const none: Row = [null, null, null, null, null, null, null];
  const gone: Row = [null, null];
  past.forEach((hour, i) => {
    const row: Row = hour.b80 ? [hour.b80.high, hour.b80.low] : gone;
    push(at(hour.start), none, row);
    if (i === past.length - 1) push(at(hour.start) + HOUR - 1, none, row);
  });
  hours.forEach((hour, i) => {
    const { b95, b80, b50 } = hour;
    const row: Row = [b95.high, b95.low, b80.high, b80.low, b50.high, b50.low, hour.median];
    push(at(hour.start), row, gone);
    if (i === hours.length - 1) push(at(hour.start) + HOUR, row, gone);
  });
  const dots = past.map((hour) => ({
    at: at(hour.start) + HOUR / 2,
    count: hour.observed,
    inside: hour.side === 'inside' || hour.side === null,
  }));
  const x = columns[0];
  return { from: x[0] ?? 0, until: x.at(-1) ?? HOUR, columns, dots };
}

/** The highest that has to be drawn, and a little more. */
export function fanTop(fan: FanData, outer: boolean): number {
  const rows = [outer ? fan.columns[1] : fan.columns[3], fan.columns[8]];
  const values = [...rows.flat().filter((v) => v !== null), ...fan.dots.map((d) => d.count)];
  return Math.max(2, ...values) * 1.08;
}

/** Full local hours between two times, at most `most` of them, at steps that divide a day. */
export function hourTicks(from: number, until: number, zone: string, most: number): number[] {
  const step = [1, 2, 3, 6, 12, 24].find((h) => (until - from) / (h * HOUR) <= Math.max(2, most)) ?? 24;
  const ticks: number[] = [];
  for (let t = Math.ceil(from / HOUR) * HOUR; t <= until; t += HOUR) {
    const local = Math.round(t / HOUR + offsetMin(t * 1000, zone) / 60);
    if (((local % 24) + 24) % step === 0) ticks.push(t);
  }
  return ticks;
}
