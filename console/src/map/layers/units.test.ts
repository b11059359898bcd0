import { describe, expect, it } from 'vitest';
import { at, NOW, toyCall, toyInput, toyUnit } from '../testing';
import { CALM, type LineFeature, type PointFeature } from './features';
import { anyMoves, unitFeatures } from './units';

const movement = {
  path: [
    [0, 0],
    [0.1, 0],
    [0.1, 0.1],
  ],
  depart: at(-60),
  arrive: at(60),
};
const isPoint = (feature: PointFeature | LineFeature): feature is PointFeature => feature.geometry.type === 'Point';
const draw = (...units: ReturnType<typeof toyUnit>[]) => unitFeatures(toyInput({ units, calls: [toyCall()] }), NOW);

describe('units', () => {
  it('slide along their way between its ends, turned along it', () => {
    const input = toyInput({ units: [toyUnit({ movement })] });
    const placed = (seconds: number) => unitFeatures(input, NOW + seconds * 1000).filter(isPoint)[0];
    expect(placed(-60)?.geometry.coordinates).toEqual([0, 0]);
    expect(placed(-30)?.geometry.coordinates[0]).toBeCloseTo(0.05, 4);
    expect(placed(-30)?.properties.bearing).toBe(0);
    expect(placed(30)?.geometry.coordinates[1]).toBeCloseTo(0.05, 4);
    expect(placed(30)?.properties.bearing).toBe(-90);
    expect(placed(600)?.geometry.coordinates).toEqual([0.1, 0.1]);
    expect([placed(30)?.properties.long, placed(90)?.properties.long]).toEqual(['M1 0:30', 'M1']);
  });

  it('draw what is left of their way, to a call only', () => {
    const [way, arrow] = draw(toyUnit({ movement }));
    expect(way?.properties).toMatchObject({ kind: 'way', id: 'M1' });
    expect(way?.geometry.coordinates[0]).toEqual(arrow?.geometry.coordinates);
    expect(draw(toyUnit({ movement, status: 'transporting' })).map(({ properties }) => properties.kind)).toEqual(['unit']);
  });

  it('have a symbol for each state that is between places', () => {
    const icons = (status: ReturnType<typeof toyUnit>['status']) =>
      draw(toyUnit({ status })).map(({ properties }) => properties.icon);
    expect(icons('dispatched')).toEqual(['unit-to_call']);
    expect(icons('transporting')).toEqual(['unit-patient']);
    expect(icons('returning')).toEqual(['unit-returning']);
    expect(icons('out_of_service')).toEqual(['unit-out']);
    for (const status of ['on_scene', 'at_hospital', 'available_at_station', 'off_duty', 'available_place_unknown'] as const) {
      expect(icons(status)).toEqual([]);
    }
  });

  it('that stand posted at one place share a disc', () => {
    const posted = (unit: string, lon: number) => toyUnit({ unit, status: 'available_posted', call: null, place: [lon, 0] });
    const discs = draw(posted('A', 0.01), posted('B', 0.01), posted('C', 0.02)).map(({ properties }) => properties);
    expect(discs.map(({ icon, inside, long }) => [icon, inside, long])).toEqual([
      ['unit-posted_many', '2', ''],
      ['unit-posted', '', 'C'],
    ]);
  });

  it('that are unconfirmed say so', () => {
    expect(draw(toyUnit({ unconfirmed: true }))[0]?.properties.label).toBe('M1 ?');
  });

  it('without a movement point to their call', () => {
    expect(draw(toyUnit({ place: [0.05, 0.02] }))[0]?.properties.bearing).toBe(-90);
    expect(draw(toyUnit({ place: [0.05, 0.05], status: 'transporting' }))[0]?.properties.bearing).toBe(0);
    expect(draw(toyUnit({ place: null }))).toEqual([]);
  });

  it('that have come to their call by estimate stand behind it, so that they do not hide it', () => {
    const near = { ...movement, path: [[0, 0.05], [0.05, 0.05]] };
    const input = toyInput({ units: [toyUnit({ movement: near })], calls: [toyCall()] });
    const back = (seconds: number) => unitFeatures(input, NOW + seconds * 1000).filter(isPoint)[0]?.properties.back;
    expect([back(0), back(60), back(600)]).toEqual([false, true, true]);
  });

  it('are calmed unless they belong to what is selected', () => {
    const call = toyCall({ units: [{ unit: 'M1', kind: 'medic', marks: {}, inferred: [], hospital: null, over: false }] });
    const input = toyInput(
      { calls: [call], units: [toyUnit(), toyUnit({ unit: 'M2' })] },
      { selection: { type: 'call', id: 'c1' } },
    );
    expect(unitFeatures(input, NOW).map(({ properties }) => properties.o)).toEqual([1, CALM]);
  });

  it('keep the clock drawing only while one of them moves', () => {
    expect(anyMoves(toyInput({ units: [toyUnit({ movement })] }))).toBe(true);
    expect(anyMoves(toyInput({ units: [toyUnit()] }))).toBe(false);
    expect(anyMoves(toyInput({ units: [toyUnit({ movement, status: 'on_scene' })] }))).toBe(false);
  });
});
