import { describe, expect, it } from 'vitest';
import { toyInput } from '../testing';
import { openedFeatures } from './opened';

describe('opened places', () => {
  it('are drawn where they are while they are shown', () => {
    const opened = [{ subject: 'c1', place: [13.4, 52.5] as [number, number] }];
    expect(openedFeatures(toyInput({}, { opened })).map(({ geometry, properties }) => [geometry.coordinates, properties.id, properties.label])).toEqual([
      [[13.4, 52.5], 'c1', 'Exact place'],
    ]);
    expect(openedFeatures(toyInput({}, { opened: [] }))).toEqual([]);
    expect(openedFeatures(toyInput())).toEqual([]);
  });
});
