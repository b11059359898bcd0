import { validateStyleMin } from '@maplibre/maplibre-gl-style-spec';
import { describe, expect, it } from 'vitest';
import { extentOf } from './basemap';
import { zoomToFit } from './camera';
import { metresPerPixel, scaleBar } from './furniture';
import { along, bearingDeg, distanceM, type Place } from './geometry';
import { Glides } from './glides';
import { nearestMark } from './hit';
import { callFeatures } from './layers/calls';
import { point } from './layers/features';
import { RINGS } from './symbols';
import { ringSize } from './layers/selection';
import { newCalls } from './pulses';
import { baseZoom, EMPTY, mapStyle } from './style';
import { listSymbols, symbolSvg } from './symbols';
import { at, NOW, toyArea, toyCall, toyCity, toyInput, toyPicture } from './testing';
import { captionOf, creditText, labelText } from './texts';
import { intervalMs } from './ticker';
import { paletteOf } from './tokens';

describe('symbols', () => {
  it('are whole documents of one size in every theme', () => {
    const size = (svg: string): string | undefined => /^<svg [^>]*width="(\d+)"/.exec(svg)?.[1];
    for (const name of listSymbols()) {
      const [dark, light] = [symbolSvg(name, 'dark'), symbolSvg(name, 'light')];
      expect(size(dark), name).toBeDefined();
      expect(size(dark), name).toBe(size(light));
      expect(dark, name).not.toMatch(/NaN|undefined/);
    }
  });

  it('exist for whatever the layers ask for', () => {
    const known = listSymbols();
    for (const name of known.filter((each) => !each.startsWith('ring'))) {
      expect(RINGS as readonly number[]).toContain(ringSize(name));
    }
    const calls = (['waiting', 'under_way', 'at_scene', 'cleared'] as const).flatMap((phase) =>
      (['fire', 'medical', 'weather'] as const).map((service) => toyCall({ phase, service, closed: at(-60) })),
    );
    for (const { properties } of callFeatures(toyInput({ calls }), NOW)) expect(known).toContain(properties.icon);
  });

  it('refuse an unknown name', () => {
    expect(() => symbolSvg('call-star-waiting', 'dark')).toThrow(RangeError);
    expect(() => symbolSvg('nothing', 'dark')).toThrow('nothing');
  });
});

describe('the style', () => {
  it('is valid in every theme and has no glyph server', () => {
    for (const palette of [paletteOf('dark'), paletteOf('light'), paletteOf('light', true)]) {
      const style = mapStyle(EMPTY, 'http://localhost/streets', palette, 11);
      expect(validateStyleMin(style as never)).toEqual([]);
      expect(style).not.toHaveProperty('glyphs');
    }
  });

  it('draws in the order of the design page', () => {
    const order = mapStyle(EMPTY, '', paletteOf('dark'), 11).layers.map(({ id }) => id);
    const wanted = ['area-tint', 'street-residential', 'street-freeway', 'area-hatch', 'area-border', 'way', 'area-name', 'station', 'hospital', 'unit-label', 'call', 'urgent', 'ring', 'unit', 'minutes'];
    expect(order.filter((id) => wanted.includes(id))).toEqual(wanted);
  });

  it('lets minutes give way to minutes, but never those of the selected call', () => {
    const layers = mapStyle(EMPTY, '', paletteOf('dark'), 11).layers;
    const overlaps = (id: string): unknown => layers.find((layer) => layer.id === id)?.layout?.['text-allow-overlap' as never];
    expect([overlaps('minutes'), overlaps('minutes-selected')]).toEqual([false, true]);
    // The topmost layer finds its places first.
    expect(layers.at(-1)?.id).toBe('minutes-selected');
    for (const id of ['call', 'urgent', 'unit']) {
      expect(layers.find((layer) => layer.id === id)?.layout).toMatchObject({ 'icon-allow-overlap': true });
    }
  });

  it('shows the whole of a large city with its calls and units', () => {
    expect(baseZoom(12)).toBe(11);
    expect(baseZoom(10)).toBeLessThan(10);
  });
});

describe('ways', () => {
  const path: Place[] = [
    [0, 0],
    [0, 0.01],
    [0, 0.01],
    [0.01, 0.01],
  ];

  it('are walked by length, over points that repeat', () => {
    expect(along(path, 0.25)?.place[1]).toBeCloseTo(0.005, 4);
    expect(along(path, 1)?.place).toEqual([0.01, 0.01]);
    expect(along(path, -1)?.rest).toHaveLength(4);
    expect(along([], 0.5)).toBeNull();
    expect(along([[1, 2]], 0.5)?.place).toEqual([1, 2]);
  });

  it('have bearings clockwise from north and lengths in metres', () => {
    expect(bearingDeg([0, 0], [0.1, 0])).toBeCloseTo(90);
    expect(bearingDeg([0, 60], [0.1, 60.05])).toBeCloseTo(45, 0);
    expect(distanceM([0, 60], [1, 60])).toBeCloseTo(55_660, -2);
  });
});

describe('the camera', () => {
  it('fits the tighter side', () => {
    const wide = zoomToFit([-0.1, -0.01, 0.1, 0.01], 800, 600);
    const tall = zoomToFit([-0.01, -0.1, 0.01, 0.1], 800, 600);
    expect(wide).toBeGreaterThan(tall);
    expect(zoomToFit([-0.05, -0.01, 0.05, 0.01], 800, 600)).toBeCloseTo(wide + 1, 5);
  });

  it('frames the areas, and the pack’s bounds without any', () => {
    expect(extentOf(EMPTY, toyCity())).toEqual([0, 0, 0.1, 0.1]);
    const geometry = { type: 'Polygon', coordinates: [[[1, 2], [3, 2], [3, 4], [1, 2]]] } as const;
    const areas = { type: 'FeatureCollection', features: [{ type: 'Feature', properties: {}, geometry }] } as never;
    expect(extentOf(areas, toyCity())).toEqual([1, 2, 3, 4]);
  });
});

describe('the scale', () => {
  it('is the longest round bar that fits', () => {
    expect(scaleBar(19.4)).toEqual({ text: '2 km', widthPx: 103 });
    expect(scaleBar(4.83)).toEqual({ text: '1 km', widthPx: 207 });
    expect(scaleBar(1).text).toBe('200 m');
    expect(metresPerPixel(0, 0)).toBeCloseTo(78_271.5, 0);
  });
});

describe('a click', () => {
  it('means the call before the unit, and of one kind the nearest', () => {
    const unit = { layer: 'unit', id: 'M1', distancePx: 1 };
    const far = { layer: 'call', id: 'far', distancePx: 11 };
    const near = { layer: 'urgent', id: 'near', distancePx: 8 };
    expect(nearestMark([unit, far, near])).toEqual({ type: 'call', id: 'near' });
    expect(nearestMark([{ layer: 'station', id: 's', distancePx: 1 }, unit])).toEqual({ type: 'unit', id: 'M1' });
    expect(nearestMark([{ layer: 'cleared', id: 'old', distancePx: 0 }, unit])?.id).toBe('M1');
    expect(nearestMark([])).toBeNull();
  });
});

describe('drawing again', () => {
  it('is as seldom as the eye allows', () => {
    expect(intervalMs(1, 19.4, false)).toBeCloseTo(646.7, 1);
    expect(intervalMs(60, 19.4, false)).toBe(100);
    expect(intervalMs(60, 19.4, true)).toBe(500);
    expect(intervalMs(0, 19.4, false)).toBe(1000);
  });
});

describe('glides', () => {
  const unit = (lon: number) => [point([lon, 0], { kind: 'unit', id: 'M1', o: 1 })];
  const lon = (glides: Glides, to: number, ms: number): number | undefined =>
    glides.apply(unit(to), ms)[0]?.geometry.coordinates[0];

  it('take a second from where a unit was drawn to where it is', () => {
    const glides = new Glides();
    lon(glides, 0, 0);
    glides.start(unit(0.01), 0);
    expect(lon(glides, 0.01, 0)).toBeCloseTo(0);
    expect(lon(glides, 0.01, 500)).toBeGreaterThan(0.005);
    expect(glides.active).toBe(true);
    expect(lon(glides, 0.01, 1000)).toBe(0.01);
    expect(glides.active).toBe(false);
  });

  it('are not for small steps, other ends of town or other times', () => {
    for (const to of [0.0001, 0.2]) {
      const glides = new Glides();
      lon(glides, 0, 0);
      glides.start(unit(to), 0);
      expect(lon(glides, to, 0)).toBe(to);
    }
    const glides = new Glides();
    lon(glides, 0, 0);
    glides.forget();
    glides.start(unit(0.01), 0);
    expect(lon(glides, 0.01, 0)).toBe(0.01);
  });
});

describe('a new call', () => {
  const clock = (seconds: number) => ({ ...toyPicture().clock, now: at(seconds) });
  const before = toyInput({ clock: clock(0) });

  it('grows a ring once, not after a jump in time and not for who wants no motion', () => {
    const calls = [toyCall()];
    expect(newCalls(before, toyInput({ calls, clock: clock(1) }))).toEqual([[0.05, 0.05]]);
    expect(newCalls(before, toyInput({ calls, clock: clock(-1) }))).toEqual([]);
    expect(newCalls(before, toyInput({ calls, clock: clock(600) }))).toEqual([]);
    expect(newCalls(before, toyInput({ calls, clock: clock(1) }, { reducedMotion: true }))).toEqual([]);
    expect(newCalls(toyInput({ calls, clock: clock(0) }), toyInput({ calls, clock: clock(1) }))).toEqual([]);
  });
});

describe('words', () => {
  it('name the sources of the ground, each once', () => {
    expect(creditText(toyInput())).toBe('Positions between marks are estimated · streets and areas: City of Toy');
    expect(creditText({ city: toyCity({ licences: [] }) })).toBe('Positions between marks are estimated');
    expect(labelText(toyInput({ calls: [toyCall()] }))).toContain('Map of Toy. 1 calls');
  });

  it('caption the map only where it shows something else than usual', () => {
    expect(captionOf(toyInput())).toBeNull();
    const areas = [toyArea({ cover: [{ kind: 'pump', within_s: 300, share: 1, certain: 1 }] })];
    expect(captionOf(toyInput({ areas }, { selection: { type: 'area', id: 'east' } }))).toEqual({
      title: 'Expected calls, 12:00–13:00',
      text: 'East selected · hatched: pump within 5:00 for under half',
    });
    expect(captionOf(toyInput({}, { areaLayer: 'none' }))?.text).toBe('hatched: not in reach');
  });
});
