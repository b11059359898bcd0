/** What the map says in words, in the language of its input. */
import { minutesText, sayOn } from './layers/features';
import type { MapInput } from './types';

/** The map in a sentence, and where the same can be read. */
export function labelText(input: MapInput): string {
  const { city, picture } = input;
  const units = picture.units.filter(({ movement }) => movement !== null).length;
  return sayOn(input, 'map.label', { city: city.title, calls: picture.calls.length, units });
}

/** Where streets and areas come from, and what is estimated. */
export function creditText(input: Pick<MapInput, 'city' | 'lang'>): string {
  const ground = input.city.licences.filter(({ file }) => /^(areas|streets)/.test(file));
  const sources = [...new Set(ground.map(({ attribution }) => shortName(attribution)))].filter((name) => name !== '');
  if (sources.length === 0) return sayOn(input, 'map.credit');
  return sayOn(input, 'map.credit.from', { sources: sources.join(', ') });
}

/** Whose it is, without which of their data: that stands with the pack. */
function shortName(attribution: string): string {
  return attribution.split(/[,;(]/)[0]?.trim() ?? '';
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
  const selected = name === undefined ? null : sayOn(input, 'map.caption.selected', { name });
  const text = [selected, hatchedText(input)].filter((part) => part !== null).join(' · ');
  return { title: titleOf(input), text };
}

function titleOf(input: MapInput): string {
  if (input.areaLayer !== 'expected') return sayOn(input, `map.caption.${input.areaLayer}`);
  const format = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: input.city.timezone });
  const now = Date.parse(input.picture.clock.now);
  return sayOn(input, 'map.caption.expected', { from: format.format(now), to: format.format(now + 3_600_000) });
}

/** What the hatching means; null where nothing is hatched. Reach is that of the first cover figure's kind. */
function hatchedText(input: MapInput): string | null {
  if (input.areaLayer === 'uncovers') return sayOn(input, 'map.caption.hatched', { line: sayOn(input, 'map.hatched.loses') });
  if (!input.layers.uncovered) return null;
  const cover = input.picture.areas.find(({ cover: all }) => all.length > 0)?.cover[0];
  if (cover === undefined) return sayOn(input, 'map.caption.hatched', { line: sayOn(input, 'map.hatched.unknown') });
  const kind = input.city.unit_kinds.find(({ kind: id }) => id === cover.kind)?.name ?? cover.kind;
  const line = sayOn(input, 'map.hatched.reach', { kind: input.lang === 'de' ? kind : kind.toLowerCase(), time: minutesText(cover.within_s) });
  return sayOn(input, 'map.caption.hatched', { line });
}
