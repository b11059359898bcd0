import { describe, expect, it } from 'vitest';
import { toyArea, toyCall, toyChoice, toyCity, toyDetail, toyInput, toyUnit } from '../testing';
import { areaNames, areaStates, COVER_STEPS, EXPECTED_STEPS, stepOf, uncoverNotes } from './areas';
import { hospitalFeatures } from './hospitals';
import { ringSize, selectionFeatures } from './selection';
import { fillOf, stationFeatures, stationLabel, windowKinds } from './stations';
import { suggestionFeatures } from './suggestions';
import { callFeatures } from './calls';

const selected = { type: 'call', id: 'c1' } as const;
const uncovers = [{ area: 'east', kind: 'pump', before: 0.954, after: 0.45, expected_calls: null, band: null }];

describe('stations', () => {
  it('have a window for each of the two leading kinds that carry no patients', () => {
    const windows = windowKinds(toyCity());
    expect(windows).toEqual(['pump', 'ladder']);
    expect(fillOf(['pump', 'ladder', 'medic'], windows)).toBe('both');
    expect(fillOf(['ladder'], windows)).toBe('second');
    expect(fillOf(['medic'], windows)).toBe('other');
    expect(fillOf([], windows)).toBe('none');
  });

  it('are drawn with their number, approximate ones marked, empty ones dashed', () => {
    const features = stationFeatures(toyInput({ stations: [{ station: '1', kinds: ['pump'] }] }));
    expect(features.map(({ properties: { icon, label } }) => [icon, label])).toEqual([
      ['station-first', '1'],
      ['station-none-approximate', '12'],
    ]);
    expect(stationLabel({ station: 'harbour', name: 'Harbour' })).toBe('Harbour');
  });
});

describe('hospitals', () => {
  it('count the units there; one without emergency care is drawn only while some are', () => {
    const draw = (units: number) =>
      hospitalFeatures(toyInput({ hospitals: [{ hospital: 'h1', units: 3 }, { hospital: 'h2', units }] })).map(
        ({ properties: { icon, label } }) => [icon, label],
      );
    expect(draw(0)).toEqual([['hospital', '3']]);
    expect(draw(1)).toEqual([
      ['hospital', '3'],
      ['hospital-other', '1'],
    ]);
  });
});

describe('areas', () => {
  it('take one of five steps, each with its lower end', () => {
    expect([null, undefined, Number.NaN, 0, 0.24, 0.25, 0.75, 1.5, 2.99, 3, 90].map((v) => stepOf(v, EXPECTED_STEPS))).toEqual([
      0, 0, 0, 0, 0, 1, 2, 3, 3, 4, 4,
    ]);
  });

  it('are tinted by the chosen layer and hatched where they are out of reach, not where that is unknown', () => {
    const cover = [{ kind: 'pump', within_s: 300, share: 0.7, certain: null }];
    const areas = [toyArea({ expected: 2, cover, reachable: false }), toyArea({ area: 'east', reachable: null })];
    const states = (areaLayer: 'expected' | 'cover' | 'none') => areaStates(toyInput({ areas }, { areaLayer }));
    expect(states('expected')).toEqual([
      { area: 'west', step: 3, hatched: true },
      { area: 'east', step: 1, hatched: false },
    ]);
    expect(states('cover').map(({ step }) => step)).toEqual([stepOf(0.7, COVER_STEPS), 0]);
    expect(states('none').map(({ step }) => step)).toEqual([0, 0]);
  });

  it('that the selected call’s plan uncovers are hatched and say so', () => {
    const areas = [toyArea({ reachable: false }), toyArea({ area: 'east', cover: [{ kind: 'pump', within_s: 300, share: 1, certain: 1 }] })];
    const input = toyInput(
      { areas, calls: [toyCall()] },
      { selection: selected, detail: toyDetail({ uncovers }), areaLayer: 'uncovers' },
    );
    expect(areaStates(input).map(({ hatched }) => hatched)).toEqual([false, true]);
    expect(uncoverNotes(input).map(({ properties }) => properties.label)).toEqual(['Pump within 5:00: 95 → 45 %']);
    expect(uncoverNotes({ ...input, selection: null })).toEqual([]);
    expect(uncoverNotes({ ...input, selection: { type: 'call', id: 'other' } })).toEqual([]);
  });

  it('say only the worst losses on the map, the call’s own area first', () => {
    const city = toyCity({ areas: ['a', 'b', 'c', 'd', 'west'].map((area) => ({ ...toyCity().areas[0]!, area, name: area })) });
    const lose = (area: string, after: number) => ({ ...uncovers[0]!, area, before: 1, after });
    const detail = toyDetail({ uncovers: [lose('a', 0.5), lose('b', 0.1), lose('c', 0.3), lose('d', 0.4), lose('west', 0.9)] });
    const notes = uncoverNotes(toyInput({}, { city, selection: selected, detail }));
    expect(notes.map(({ properties }) => properties.id)).toEqual(['west', 'b', 'c']);
    expect(areaStates(toyInput({ areas: [toyArea({ area: 'd' })] }, { selection: selected, detail }))[0]?.hatched).toBe(true);
  });

  it('are named shortly, the selected one so that its name stays', () => {
    const names = areaNames(toyInput({}, { selection: { type: 'area', id: 'east' } }));
    expect(names.map(({ properties: { kind, label } }) => [kind, label])).toEqual([
      ['name', 'West'],
      ['name-chosen', 'East'],
    ]);
  });
});

describe('suggestions', () => {
  const input = (plan: Parameters<typeof toyDetail>[0]) =>
    toyInput({ calls: [toyCall()], units: [toyUnit({ unit: 'M9', place: [0.01, 0.01] })] }, { selection: selected, detail: toyDetail(plan) });

  it('are lines with their time at the start; those from one place share a label', () => {
    const features = suggestionFeatures(input({ runner_up: toyChoice({ unit: 'M2', eta_s: 367 }) }));
    expect(features.map(({ properties: { kind, label } }) => [kind, label])).toEqual([
      ['choice', undefined],
      ['runner-up', undefined],
      ['time', 'M1  4:16\nM2  6:07 runner-up'],
    ]);
  });

  it('without a road go straight from where the unit is', () => {
    const [way] = suggestionFeatures(input({ choices: [toyChoice({ unit: 'M9', by_road: false, path: [] })] }));
    expect(way?.geometry.coordinates).toEqual([
      [0.01, 0.01],
      [0.05, 0.05],
    ]);
  });

  it('of another call than the selected one are not drawn', () => {
    const stale = { ...input({}), detail: toyDetail({}, toyCall({ call: 'c2' })) };
    expect(suggestionFeatures(stale)).toEqual([]);
  });
});

describe('the ring', () => {
  it('stands around what is drawn, sized by its symbol', () => {
    const input = toyInput({ calls: [toyCall()] }, { selection: selected });
    const [ring] = selectionFeatures(input, callFeatures(input, input.nowMs()));
    expect(ring?.properties).toMatchObject({ id: 'c1', icon: 'ring-52' });
    expect(ring?.geometry.coordinates).toEqual([0.05, 0.05]);
    expect(ringSize('call-circle-past')).toBe(60);
  });

  it('does not mistake a unit for a call of the same name, nor ring what is not drawn', () => {
    const input = toyInput({ calls: [toyCall()] }, { selection: { type: 'unit', id: 'c1' } });
    expect(selectionFeatures(input, callFeatures(input, input.nowMs()))).toEqual([]);
  });
});
