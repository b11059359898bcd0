/** Every command with its keys: the help panel lists them, the search finds them, the keyboard runs them. */
import type { Key } from '../texts';
import type { Screen } from './screen.svelte';
import { LAYERS } from './screen.svelte';
import { focusRegion, focusRow, focusSearch } from './focus';

export type Group = 'find' | 'act' | 'time' | 'see';

export interface Command {
  text: Key;
  group: Group;
  /** As shown. */
  keys: readonly string[];
  /** As pressed (keys.ts); `g l` is a sequence. */
  on: Record<string, (screen: Screen) => void>;
  /** Found by the search and run without a key. */
  offer?: boolean;
}

const PAN_PX = 96;

const layerKeys = Object.fromEntries(
  LAYERS.map((layer, i) => [`Alt+${i + 1}`, (s: Screen) => s.toggleLayer(layer)]),
);

/** The proposal's button, or ask again when it is stale. */
function first(screen: Screen): void {
  if (screen.desk.call?.plan?.stale) screen.desk.refreshDetail();
  document.querySelector<HTMLElement>('[data-proposal="1"]')?.focus();
}

/** The first sealed field of what is selected. */
function openSealed(): void {
  const button = document.querySelector<HTMLElement>('[data-open="first"]');
  button?.scrollIntoView({ block: 'center' });
  button?.click();
}

const proposal = (n: number) => (): void => document.querySelector<HTMLElement>(`[data-proposal="${n}"]`)?.focus();

export const COMMANDS: readonly Command[] = [
  { text: 'key.search', group: 'find', keys: ['/'], on: { '/': () => focusSearch() } },
  { text: 'key.help', group: 'find', keys: ['?'], on: { '?': (s) => s.show('help') }, offer: true },
  { text: 'key.close', group: 'find', keys: ['Esc'], on: { Escape: (s) => s.close() } },
  {
    text: 'key.region',
    group: 'find',
    keys: ['F6'],
    on: { F6: () => focusRegion(1), 'Shift+F6': () => focusRegion(-1) },
  },
  { text: 'key.copy', group: 'find', keys: ['Y'], on: { y: (s) => void s.copyAddress() }, offer: true },
  {
    text: 'key.next',
    group: 'act',
    keys: ['N', '⇧N'],
    on: { n: (s) => s.nextAlarm(1), 'Shift+n': (s) => s.nextAlarm(-1) },
    offer: true,
  },
  { text: 'key.first', group: 'act', keys: ['⏎'], on: { Enter: first } },
  { text: 'key.second', group: 'act', keys: ['2', '3'], on: { '2': proposal(2), '3': proposal(3) } },
  { text: 'key.others', group: 'act', keys: ['U'], on: { u: (s) => void (s.choosingUnits = !s.choosingUnits) } },
  { text: 'key.acknowledge', group: 'act', keys: ['A'], on: { a: (s) => void s.acknowledge() } },
  { text: 'key.shelve', group: 'act', keys: ['S'], on: { s: (s) => void s.shelve() } },
  { text: 'key.dismiss', group: 'act', keys: ['X'], on: { x: (s) => s.startDismissing() } },
  { text: 'key.purpose', group: 'act', keys: ['P'], on: { p: (s) => s.statePurpose() }, offer: true },
  { text: 'key.open', group: 'act', keys: ['O'], on: { o: openSealed } },
  { text: 'key.list', group: 'act', keys: ['J', 'K'], on: { j: () => focusRow(1), k: () => focusRow(-1) } },
  { text: 'key.pause', group: 'time', keys: ['␣'], on: { Space: (s) => void s.playOrPause() }, offer: true },
  {
    text: 'key.ten',
    group: 'time',
    keys: [',', '.'],
    on: { ',': (s) => void s.moveBy(-10), '.': (s) => void s.step() },
  },
  {
    text: 'key.hour',
    group: 'time',
    keys: ['[', ']'],
    on: { '[': (s) => void s.moveBy(-60), ']': (s) => void s.moveBy(60) },
  },
  {
    text: 'key.modes',
    group: 'time',
    keys: ['G', 'L', 'R', 'E'],
    on: { 'g l': (s) => s.goTo('live'), 'g r': (s) => s.goTo('replay'), 'g e': (s) => s.goTo('exercise') },
  },
  { text: 'key.leave', group: 'time', keys: ['⇧Esc'], on: { 'Shift+Escape': (s) => s.leave() } },
  { text: 'key.retry', group: 'time', keys: ['R'], on: { r: (s) => s.tryNow() } },
  { text: 'key.area', group: 'see', keys: ['M'], on: { m: (s) => s.nextAreaLayer() }, offer: true },
  { text: 'key.layers', group: 'see', keys: ['Alt 1…7'], on: layerKeys },
  { text: 'key.table', group: 'see', keys: ['T'], on: { t: (s) => s.show('table') }, offer: true },
  { text: 'key.record', group: 'see', keys: ['H'], on: { h: (s) => s.show('record') }, offer: true },
  { text: 'panel.exports', group: 'see', keys: ['G', 'X'], on: { 'g x': (s) => s.show('exports') }, offer: true },
  { text: 'panel.reviews', group: 'see', keys: ['G', 'V'], on: { 'g v': (s) => s.show('reviews') }, offer: true },
  { text: 'panel.accounts', group: 'see', keys: ['G', 'A'], on: { 'g a': (s) => s.show('accounts') }, offer: true },
  { text: 'panel.me', group: 'see', keys: ['G', 'M'], on: { 'g m': (s) => s.show('me') }, offer: true },
  { text: 'key.wide', group: 'see', keys: ['W'], on: { w: (s) => s.toggleWide() }, offer: true },
  { text: 'key.whatif', group: 'see', keys: ['I'], on: { i: (s) => s.toggleWhatIf() }, offer: true },
  {
    text: 'key.map',
    group: 'see',
    keys: ['← ↑ → ↓', '+', '−', '0'],
    on: {
      ArrowLeft: (s) => s.map?.pan(-PAN_PX, 0),
      ArrowRight: (s) => s.map?.pan(PAN_PX, 0),
      ArrowUp: (s) => s.map?.pan(0, -PAN_PX),
      ArrowDown: (s) => s.map?.pan(0, PAN_PX),
      '+': (s) => s.map?.zoom(1),
      '=': (s) => s.map?.zoom(1),
      '-': (s) => s.map?.zoom(-1),
      '0': (s) => s.map?.fit(),
    },
  },
];

export const BY_KEY: ReadonlyMap<string, (screen: Screen) => void> = new Map(
  COMMANDS.flatMap((command) => Object.entries(command.on)),
);
