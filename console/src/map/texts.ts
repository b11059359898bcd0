/** What the map says in words. */
import type { City, Picture } from '../api/types';
import { needsYou } from './layers/calls';
import type { AreaLayer, MapInput } from './types';
import { minutesText } from './layers/features';

export function mapLabel(city: City): string {
  return `Map of ${city.title}`;
}

/** What a reader who does not see the map should know of it. */
export function mapDescription(picture: Picture): string {
  const urgent = picture.calls.filter(needsYou).length;
  const moving = picture.units.filter(({ movement }) => movement !== null).length;
  return (
    `${count(picture.calls.length, 'call')}, ${urgent} of them waiting or past the target; ` +
    `${count(moving, 'unit')} moving. All of it is also in the lists and tables beside the map. ` +
    'Arrow keys move the map, plus and minus zoom, 0 shows the whole city.'
  );
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

/** Where streets and areas come from, and what is estimated. */
export function creditText(city: City): string {
  const ground = city.licences.filter(({ file }) => /^(areas|streets)/.test(file));
  const sources = [...new Set(ground.map(({ attribution }) => attribution))].filter((name) => name !== '');
  const from = sources.length > 0 ? ` · streets and areas: ${sources.join(', ')}` : '';
  return `Positions between marks are estimated${from}`;
}

export interface Caption {
  title: string;
  text: string;
}

/** The map's caption, where the areas show something else than usual or one of them is selected. */
export function captionOf(input: MapInput): Caption | null {
  const chosen = input.selection?.type === 'area' ? input.selection.id : null;
  if (input.areaLayer === 'expected' && chosen === null) return null;
  const name = input.city.areas.find(({ area }) => area === chosen)?.name;
  const hatched = input.layers.uncovered || input.areaLayer === 'uncovers' ? hatchText(input) : null;
  const text = [name === undefined ? null : `${name} selected`, hatched].filter((part) => part !== null).join(' · ');
  return { title: titleOf(input.areaLayer, input), text };
}

function titleOf(layer: AreaLayer, input: MapInput): string {
  if (layer === 'expected') return `Expected calls, ${hoursText(input)}`;
  if (layer === 'cover') return `Share of street corners in reach${reachText(input)}`;
  return layer === 'uncovers' ? 'What the choice leaves uncovered' : 'No area layer';
}

function hoursText(input: MapInput): string {
  const format = new Intl.DateTimeFormat('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    timeZone: input.city.timezone,
  });
  const now = Date.parse(input.picture.clock.now);
  return `${format.format(now)}–${format.format(now + 3_600_000)}`;
}

/** The kind and time that reach is counted for: those of the first cover figure. */
function leading(input: MapInput): { name: string; within: string } | null {
  const cover = input.picture.areas.find(({ cover: all }) => all.length > 0)?.cover[0];
  if (cover === undefined) return null;
  const name = input.city.unit_kinds.find(({ kind }) => kind === cover.kind)?.name ?? cover.kind;
  return { name, within: minutesText(cover.within_s) };
}

function reachText(input: MapInput): string {
  const lead = leading(input);
  return lead === null ? '' : ` of a free ${lead.name.toLowerCase()} within ${lead.within}`;
}

function hatchText(input: MapInput): string {
  if (input.areaLayer === 'uncovers') return 'hatched: loses cover';
  const lead = leading(input);
  return lead === null ? 'hatched: not in reach' : `hatched: ${lead.name.toLowerCase()} within ${lead.within} for under half`;
}
