import { describe, expect, it } from 'vitest';
import type { MoveUp } from '../api/types';
import { lacking, moveOrder, openMoves, pastMoves } from './moves';

const move = (id: string, state: string, change = -0.1): MoveUp =>
  ({ move: id, state, proposed: `2017-01-01T0${id}:00:00Z`, unit: 'E1', to_station: '7', best: { late: { change } } }) as unknown as MoveUp;

describe('move-ups', () => {
  const all = [move('1', 'withdrawn'), move('2', 'accepted', -0.9), move('3', 'proposed', -0.1), move('4', 'proposed', -0.4), move('5', 'refused')];

  it('list the undecided first, then by what they save; what is over apart', () => {
    expect(openMoves(all).map((one) => one.move)).toEqual(['4', '3', '2']);
    expect(pastMoves(all).map((one) => one.move)).toEqual(['5', '1']);
  });

  it('say what an order lacks', () => {
    const one = move('1', 'proposed');
    expect(lacking(one, 'accept', '', 'E1', '7')).toBeNull();
    expect(lacking(one, 'refuse', ' ', 'E1', '7')).toBe('reason');
    expect(lacking(one, 'change', 'since', 'E1', '7')).toBe('change');
    expect(lacking(one, 'change', '', 'E2', '7')).toBe('reason');
    expect(lacking(one, 'change', 'since', 'E1', '9')).toBeNull();
  });

  it('send only what differs', () => {
    const one = move('1', 'proposed');
    expect(moveOrder(one, 'change', 'chief', ' a ', 'E1', '9')).toEqual({ order: 'change', role: 'chief', reason: 'a', unit: null, to_station: '9' });
    expect(moveOrder(one, 'accept', 'chief', '', 'E1', '7')).toEqual({ order: 'accept', role: 'chief', reason: '' });
  });
});
