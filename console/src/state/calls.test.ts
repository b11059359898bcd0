import { describe, expect, it } from 'vitest';
import type { Call, Choice, Plan, Unit } from '../api/types';
import { say } from '../texts';
import { cardText, etaOf, leftOf, rangeMost, waitOf } from './calls';

const RECEIVED = '2017-01-01T09:58:33Z';
const NOW = Date.parse('2017-01-01T10:00:00Z');
const call = { received: RECEIVED, target_s: 480, first_on_scene: null, first_dispatched: null, closed: null } as Call;
const choice = (unit: string, eta_s: number, for_kind = 'engine'): Choice =>
  ({ unit, eta_s, eta_low_s: eta_s - 60, eta_high_s: eta_s + 90, for_kind }) as Choice;
const plan = {
  made: '2017-01-01T10:00:00Z',
  choices: [choice('AM28', 367, 'medic'), choice('E16', 256)],
  runner_up: choice('E38', 367),
} as Plan;

describe('a call’s waiting', () => {
  it('runs until somebody is there', () => {
    expect(waitOf(call, NOW)).toEqual({ waited_s: 87, sent_s: null, there_s: null });
    const there = { ...call, first_dispatched: '2017-01-01T09:59:33Z', first_on_scene: '2017-01-01T10:04:33Z' };
    expect(waitOf(there, NOW + 9e6)).toEqual({ waited_s: 360, sent_s: 60, there_s: 360 });
  });

  it('stands on one axis with what is proposed', () => {
    expect(etaOf(call, plan, [], NOW)).toEqual({ unit: 'E16', at: 343 });
    expect(etaOf(call, null, [], NOW)).toBeNull();
    expect(leftOf(call, plan)).toBe(393);
    expect(leftOf({ ...call, target_s: null }, plan)).toBeNull();
    expect(rangeMost(plan, 393)).toBeCloseTo(457 * 1.12);
  });

  it('moves what is proposed on while nobody is sent', () => {
    expect(etaOf(call, plan, [], NOW + 60_000)).toEqual({ unit: 'E16', at: 403 });
  });

  it('says of those sent who is expected first, and nothing of those overdue', () => {
    const sent = { ...call, call: 'c', first_dispatched: '2017-01-01T09:59:33Z' } as Call;
    const unit = (id: string, arrive: string | null): Unit =>
      ({ unit: id, call: 'c', movement: arrive === null ? null : { arrive } }) as Unit;
    const units = [unit('E1', '2017-01-01T10:02:33Z'), unit('E2', '2017-01-01T09:59:50Z'), unit('E3', null)];
    expect(etaOf(sent, plan, units, NOW)).toEqual({ unit: 'E1', at: 240 });
    expect(etaOf(sent, plan, units, NOW + 600_000)).toBeNull();
    expect(etaOf(sent, plan, [{ ...unit('E4', '2017-01-01T10:01:00Z'), call: 'other' }], NOW)).toBeNull();
  });

  it('reads the card', () => {
    const words = cardText(
      [{ kind: 'engine', count: 1, substitutes: ['truck'] }, { kind: 'medic', count: 2 }],
      (kind) => kind.toUpperCase(),
      (key, values) => say('en', key, values),
    );
    expect(words).toBe('card: 1 ENGINE or TRUCK, 2 MEDIC');
  });
});
