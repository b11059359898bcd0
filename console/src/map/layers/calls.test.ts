import { describe, expect, it } from 'vitest';
import { at, NOW, toyCall, toyInput } from '../testing';
import { callFeatures, fade, minuteFeatures, MOST_RINGS } from './calls';
import { CALM } from './features';

const draw = (...calls: ReturnType<typeof toyCall>[]) =>
  callFeatures(toyInput({ calls }), NOW).map(({ properties: { kind, icon, scale, o } }) => [kind, icon, scale, o]);

describe('calls', () => {
  it('are drawn by their state and service', () => {
    expect(
      draw(
        toyCall({ service: 'medical' }),
        toyCall({ service: 'fire', phase: 'under_way', past_target: true }),
        toyCall({ service: 'rescue', phase: 'under_way', priority: 2 }),
        toyCall({ service: null, phase: 'at_scene', past_target: true }),
      ),
    ).toEqual([
      ['urgent', 'call-circle-waiting', 1, 1],
      ['urgent', 'call-triangle-past', 1, 1],
      ['call', 'call-diamond-under_way', 0.82, 1],
      ['call', 'call-diamond-at_scene', 1, 1],
    ]);
  });

  it('fade for an hour after the scene is cleared, then go', () => {
    const cleared = (minutes: number) => toyCall({ phase: 'cleared', closed: at(-60 * minutes) });
    expect(draw(cleared(0), cleared(30), cleared(61)).map(([, , , o]) => o)).toEqual([1, 0.65]);
    expect(fade(3_600_000)).toBeCloseTo(0.3);
    expect(fade(-5)).toBe(1);
  });

  it('without a place are left out, and all of them with the layer off', () => {
    expect(draw(toyCall({ place: null }))).toEqual([]);
    const off = toyInput({ calls: [toyCall()] });
    off.layers.calls = false;
    expect([...callFeatures(off, NOW), ...minuteFeatures(off, NOW)]).toEqual([]);
  });

  it('are calmed by a selection, but never one that needs somebody', () => {
    const calls = [toyCall(), toyCall({ call: 'c2', phase: 'at_scene' }), toyCall({ call: 'c3', phase: 'at_scene' })];
    const input = toyInput({ calls }, { selection: { type: 'call', id: 'c2' } });
    expect(callFeatures(input, NOW).map(({ properties }) => properties.o)).toEqual([1, 1, CALM]);
    const area = toyInput({ calls }, { selection: { type: 'area', id: 'west' } });
    expect(callFeatures(area, NOW).map(({ properties }) => properties.o)).toEqual([1, 1, 1]);
  });
});

describe('minutes', () => {
  it('run beside calls that wait or are past their target', () => {
    const calls = [
      toyCall(),
      toyCall({ call: 'c2', phase: 'under_way', past_target: true, received: at(-3700) }),
      toyCall({ call: 'c3', phase: 'at_scene' }),
    ];
    const texts = (ms: number) => minuteFeatures(toyInput({ calls }), ms).map(({ properties: { label, tone } }) => [label, tone]);
    expect(texts(NOW)).toEqual([['1:27', 'amber'], ['1:01:40', 'vermilion']]);
    expect(texts(NOW + 1000)[0]).toEqual(['1:28', 'amber']);
  });

  it('and rings go to the most urgent when very many wait', () => {
    const calls = Array.from({ length: MOST_RINGS + 5 }, (_, i) =>
      toyCall({ call: `c${i}`, priority: i < 3 ? 2 : 1, received: at(-i) }),
    );
    const input = toyInput({ calls });
    const rings = callFeatures(input, NOW).filter(({ properties }) => properties.icon === 'call-circle-waiting');
    expect(rings).toHaveLength(MOST_RINGS);
    expect(minuteFeatures(input, NOW)).toHaveLength(MOST_RINGS);
    const ids = rings.map(({ properties }) => properties.id);
    expect(ids).not.toContain('c0');
    expect(ids).toContain(`c${MOST_RINGS + 4}`);
    expect(callFeatures(input, NOW)).toHaveLength(calls.length);
  });

  it('are ranked for where they would cover each other: waiting, past its target, urgent, long', () => {
    const calls = [
      toyCall({ call: 'short', received: at(-30) }),
      toyCall({ call: 'less', priority: 2, received: at(-900) }),
      toyCall({ call: 'coming', phase: 'under_way', past_target: true, received: at(-3000) }),
      toyCall({ call: 'late', past_target: true, received: at(-700) }),
      toyCall({ call: 'later', past_target: true, received: at(-800) }),
      toyCall({ call: 'long', received: at(-60) }),
    ];
    const features = minuteFeatures(toyInput({ calls }, { selection: { type: 'call', id: 'short' } }), NOW);
    const ranked = features.toSorted((a, b) => (b.properties.rank ?? 0) - (a.properties.rank ?? 0));
    expect(ranked.map(({ properties }) => properties.id)).toEqual(['later', 'late', 'long', 'short', 'less', 'coming']);
    expect(features.filter(({ properties }) => properties.kind === 'minutes-selected').map(({ properties }) => properties.id)).toEqual(['short']);
    expect(new Set(ranked.map(({ properties }) => properties.rank)).size).toBe(calls.length);
  });
});
