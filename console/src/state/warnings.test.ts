import { describe, expect, it } from 'vitest';
import type { Warning } from '../api/types';
import { inHundred, over, roleName, standing } from './warnings';

const warning = (id: string, extra: Partial<Warning>): Warning =>
  ({ warning: id, state: 'proposed', chance: 0.8, proposed: '2017-01-01T01:00:00Z', actions: [], ...extra }) as Warning;

describe('warnings', () => {
  const all = [
    warning('issued', { state: 'issued', chance: 0.99 }),
    warning('lifted', { state: 'lifted', proposed: '2017-01-01T00:00:00Z' }),
    warning('likely', { chance: 0.9 }),
    warning('older', { proposed: '2017-01-01T00:30:00Z' }),
    warning('newer', {}),
    warning('expired', { state: 'expired' }),
  ];

  it('stand while someone may decide, the undecided and the likeliest first', () => {
    expect(standing(all).map((w) => w.warning)).toEqual(['likely', 'older', 'newer', 'issued']);
  });

  it('are over when they were lifted, declined or ran out', () => {
    expect(over(all).map((w) => w.warning)).toEqual(['expired', 'lifted']);
  });

  it('say roles as people do', () => {
    expect([roleName('duty_officer'), roleName('duty chief'), roleName(null)]).toEqual(['duty officer', 'duty chief', '']);
  });

  it('never claim certainty', () => {
    expect([0, 0.004, 0.5, 0.804, 0.999, 1].map(inHundred)).toEqual([1, 1, 50, 80, 99, 99]);
  });
});
