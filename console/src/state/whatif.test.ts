import { describe, expect, it } from 'vitest';
import { placeText, question, readPlace, withSupposed, type Supposed } from './whatif';

const taken: Supposed = { type: 'taken', unit: 'E1' };

describe('what if', () => {
  it('supposes each thing once, and of a unit the last', () => {
    const at: Supposed = { type: 'at', unit: 'E1', station: '7' };
    expect(withSupposed([taken], taken)).toEqual([taken]);
    expect(withSupposed([taken], at)).toEqual([at]);
    expect(withSupposed([taken], { type: 'closed', place: [1, 2] })).toHaveLength(2);
  });

  it('makes one question of all', () => {
    const all: Supposed[] = [taken, { type: 'at', unit: 'E2', station: '7' }, { type: 'closed', place: [-122.4, 37.7] }];
    expect(question(all, 'c1')).toEqual({
      call: 'c1',
      taken: ['E1'],
      at: [{ unit: 'E2', station: '7' }],
      closed: [[-122.4, 37.7]],
    });
    expect(question([], null)).toEqual({ call: null, taken: [], at: [], closed: [] });
  });

  it('reads a place as people write it', () => {
    expect(readPlace('37.7749, −122.4194')).toEqual([-122.4194, 37.7749]);
    expect(readPlace(placeText([-122.4194, 37.7749]))).toEqual([-122.4194, 37.7749]);
    expect([readPlace('Market Street'), readPlace('91, 0'), readPlace('')]).toEqual([null, null, null]);
  });
});
