/** One screen: the desk it shows, what its person chose, and the verbs that keys and buttons share. */
import { getContext, setContext } from 'svelte';
import { STREAM } from '../api/client';
import type { Alarm, Change, Mode, Sentence } from '../api/types';
import { browserWorld, LiveStream } from '../live/stream';
import type { AreaLayer, CityMap, LayerSwitches, Selection } from '../map/types';
import { Desk } from '../state/desk.svelte';
import { readRoute, writeRoute, type Route } from '../state/route';
import { Settings } from '../state/settings.svelte';
import { addressTime, clockMinute, clockSecond } from '../state/time';
import { count, say, sayOr, sentence, type Key, type Values } from '../texts';

export type Panel = 'overview' | 'help' | 'table' | 'record';
export type Tab = 'now' | 'map' | 'units' | 'changes';
export const LAYERS: readonly (keyof LayerSwitches)[] = [
  'calls',
  'units',
  'stations',
  'hospitals',
  'areas',
  'uncovered',
  'streets',
];
const AREA_LAYERS: readonly AreaLayer[] = ['expected', 'cover', 'none'];
const ADDRESS_EVERY_MS = 2_000;
/** How long the reason stands why one can't go to a mode. */
const REFUSED_MS = 8_000;

export class Screen {
  readonly desk = new Desk();
  readonly settings: Settings;
  readonly wall: boolean;
  panel = $state<Panel>('overview');
  tab = $state<Tab>('now');
  menuOpen = $state(false);
  /** What a person chose with W; null lets the panel decide. */
  wideChosen = $state<boolean | null>(null);
  layers = $state.raw<LayerSwitches>({
    calls: true,
    units: true,
    stations: true,
    hospitals: true,
    areas: true,
    uncovered: true,
    streets: true,
  });
  areaLayerChosen = $state<AreaLayer>('expected');
  choosingUnits = $state(false);
  dismissing = $state(false);
  copied = $state(false);
  modeRefused = $state<Mode | null>(null);
  mapFailed = $state<string | null>(null);
  map: CityMap | null = null;

  #stream: LiveStream | null = null;
  #route: Route;
  #addressMs = 0;
  #refusedTimer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.#route = readRoute(location.pathname, location.search);
    this.settings = new Settings(this.#route.lang);
    this.wall = this.#route.wall;
    if (this.#route.table) this.panel = 'table';
    if (this.#route.record) this.panel = 'record';
    this.desk.selection = this.#route.selection;
  }

  // Words

  say = (key: Key, values?: Values): string => say(this.settings.lang, key, values);
  count = (key: string, n: number, values?: Values): string => count(this.settings.lang, key, n, values);
  sayOr = (key: string, otherwise: string, values?: Values): string =>
    sayOr(this.settings.lang, key, otherwise, values);
  sentence = (s: Sentence | null | undefined): string => sentence(this.settings.lang, s);
  /** What changed, in a word or two. */
  change = (c: Change): string =>
    this.settings.lang === 'en' ? c.text : sayOr(this.settings.lang, `say.${c.code}`, c.text);
  minute = (time: string | number): string => clockMinute(typeof time === 'string' ? Date.parse(time) : time, this.desk.zone);
  second = (time: string | number): string => clockSecond(typeof time === 'string' ? Date.parse(time) : time, this.desk.zone);
  number = (n: number, digits = 0): string =>
    n.toLocaleString(this.settings.lang === 'en' ? 'en-GB' : this.settings.lang, {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
  age = (ms: number): string => {
    const s = Math.max(0, Math.round(ms / 1000));
    if (s < 120) return this.say('age.s', { n: s });
    return s < 7200
      ? this.say('age.min', { n: Math.floor(s / 60) })
      : this.say('age.h', { n: Math.floor(s / 3600) });
  };

  // What stands where

  get mode(): Mode {
    return this.desk.picture?.clock.mode ?? this.desk.city?.mode ?? 'replay';
  }

  get wide(): boolean {
    const chart = this.desk.selection?.type === 'area' || this.desk.selection?.type === 'warning';
    return this.wideChosen ?? (this.panel === 'table' || this.panel === 'record' || (this.panel === 'overview' && chart));
  }

  get areaLayer(): AreaLayer {
    const choosing = this.desk.selection?.type === 'call' && (this.desk.call?.plan?.uncovers.length ?? 0) > 0;
    return choosing && this.areaLayerChosen !== 'none' ? 'uncovers' : this.areaLayerChosen;
  }

  // Beginning

  start(): () => void {
    void this.#loadCity();
    this.#stream = new LiveStream(
      STREAM,
      {
        picture: (picture) => {
          this.desk.takePicture(picture);
          void this.#firstPicture();
        },
        delta: (delta) => this.desk.takeDelta(delta),
        connection: (connection) => {
          this.desk.connection = connection;
          if (connection.state !== 'live') return;
          // That the desk did not answer is over.
          if (this.desk.orderFailed?.network) this.desk.orderFailed = null;
          void this.#loadCity();
        },
      },
      browserWorld(() => fetch('/api/clock', { signal: AbortSignal.timeout(2_000), cache: 'no-store' })),
    );
    const suspect = (): void => this.#stream?.suspect();
    const back = (): void => this.#readAddress();
    addEventListener('offline', suspect);
    addEventListener('popstate', back);
    const ticking = setInterval(() => this.desk.tick(), 200);
    return () => {
      clearInterval(ticking);
      removeEventListener('offline', suspect);
      removeEventListener('popstate', back);
      this.#stream?.close();
      this.map?.destroy();
    };
  }

  async #loadCity(): Promise<void> {
    try {
      await this.desk.loadCity();
    } catch {
      // The lost connection says it; the next connection asks again.
    }
  }

  #began = false;

  /** An address with a time takes the clock there, once. */
  async #firstPicture(): Promise<void> {
    if (this.#began) return;
    this.#began = true;
    const { time, selection } = this.#route;
    const clock = this.desk.picture?.clock;
    if (time !== null && clock?.mode === 'replay' && Math.abs(Date.parse(time) - Date.parse(clock.now)) >= 1000) {
      await this.desk.jumpTo(Date.parse(time));
    }
    if (selection) this.desk.select(selection);
  }

  // Addresses

  /** The address of what is shown. The time stands in it while the clock stands: else it would never be right. */
  address(withTime = false): string {
    const clock = this.desk.picture?.clock;
    const fixed = clock && (withTime || !clock.playing) && this.mode === 'replay';
    return writeRoute({
      mode: this.mode,
      time: fixed ? addressTime(this.desk.nowMs(), this.desk.zone) : null,
      selection: this.desk.selection,
      wall: this.wall,
      table: this.panel === 'table',
      record: this.panel === 'record',
      lang: this.#route.lang,
    });
  }

  /** Keep the address true. A new selection becomes a step of the history, the time does not. */
  keepAddress(step: boolean): void {
    // Without the city its time zone is unknown, and the address would be written in another.
    if (!this.#began || this.desk.city === null) return;
    const next = this.address();
    if (next === location.pathname + location.search) return;
    if (step) {
      history.pushState(null, '', next);
    } else if (performance.now() - this.#addressMs > ADDRESS_EVERY_MS || !this.desk.picture?.clock.playing) {
      this.#addressMs = performance.now();
      history.replaceState(null, '', next);
    }
  }

  #readAddress(): void {
    const route = readRoute(location.pathname, location.search);
    this.panel = route.record ? 'record' : route.table ? 'table' : 'overview';
    this.desk.select(route.selection);
  }

  async copyAddress(): Promise<void> {
    const address = location.origin + this.address(true);
    try {
      await navigator.clipboard.writeText(address);
      this.desk.said = this.say('said.copied', { address });
      this.copied = true;
      setTimeout(() => (this.copied = false), 2_000);
    } catch (error) {
      this.desk.said = this.say('said.failed', { why: String(error) });
    }
  }

  // Verbs

  select(selection: Selection | null): void {
    this.panel = 'overview';
    this.choosingUnits = false;
    this.dismissing = false;
    if (selection === null || selection.type !== this.desk.selection?.type) this.wideChosen = null;
    this.desk.select(selection);
    this.keepAddress(true);
  }

  showAlarm(alarm: Alarm): void {
    this.panel = 'overview';
    this.dismissing = false;
    this.desk.focusAlarm(alarm);
    this.keepAddress(true);
  }

  nextAlarm(step: 1 | -1): void {
    this.panel = 'overview';
    this.dismissing = false;
    this.desk.nextAlarm(step);
    this.keepAddress(true);
  }

  close(): void {
    if (this.dismissing) this.dismissing = false;
    else if (this.choosingUnits) this.choosingUnits = false;
    else if (this.menuOpen) this.menuOpen = false;
    else if (this.panel !== 'overview') this.show('overview');
    else if (this.desk.selection !== null) this.select(null);
    else this.desk.alarmId = null;
  }

  show(panel: Panel): void {
    this.panel = this.panel === panel ? 'overview' : panel;
    this.wideChosen = null;
    this.keepAddress(false);
  }

  toggleLayer(layer: keyof LayerSwitches): void {
    this.layers = { ...this.layers, [layer]: !this.layers[layer] };
  }

  nextAreaLayer(): void {
    const at = AREA_LAYERS.indexOf(this.areaLayerChosen);
    this.areaLayerChosen = AREA_LAYERS[(at + 1) % AREA_LAYERS.length] ?? 'expected';
  }

  async playOrPause(): Promise<void> {
    await this.desk.order({ action: this.desk.picture?.clock.playing ? 'pause' : 'play' });
    this.keepAddress(false);
  }

  step = (): Promise<boolean> => this.desk.order({ action: 'step' });

  moveBy = (minutes: number): Promise<boolean> => this.desk.jumpTo(this.desk.nowMs() + minutes * 60_000);

  tryNow(): void {
    this.#stream?.retry();
  }

  async acknowledge(): Promise<void> {
    await this.#answer({ action: 'acknowledge' }, 'said.acknowledged');
  }

  async shelve(): Promise<void> {
    await this.#answer({ action: 'shelve', minutes: 15 }, 'said.shelved');
  }

  async dismiss(reason: string): Promise<void> {
    await this.#answer({ action: 'dismiss', reason }, 'said.dismissed');
    this.dismissing = false;
  }

  /** Ask for the reason, or leave it. */
  startDismissing(): void {
    if (this.#mayAnswer()) this.dismissing = !this.dismissing;
  }

  /** What stood in the past can't be answered, and nothing can while the line is down. */
  #mayAnswer(): boolean {
    if (this.desk.alarm === null) return false;
    if (this.desk.stale) this.desk.said = this.say('said.failed', { why: this.say('problem.network') });
    else if (this.desk.picture?.clock.past) this.desk.said = this.say('alarm.past');
    else return true;
    return false;
  }

  async #answer(action: Parameters<Desk['answerAlarm']>[1], said: Key): Promise<void> {
    const alarm = this.desk.alarm;
    if (alarm === null || !this.#mayAnswer()) return;
    const failed = await this.desk.answerAlarm(alarm.alarm, action);
    this.desk.said = failed ? this.say('said.failed', { why: failed.message }) : this.say(said);
  }

  /** Whether one can go to `mode`; if not, why is shown under the switch. */
  goTo(mode: Mode): void {
    this.modeRefused = mode === this.mode ? null : mode;
    clearTimeout(this.#refusedTimer);
    if (this.modeRefused === null) return;
    this.desk.said = this.say(`mode.no.${mode}` as Key);
    this.#refusedTimer = setTimeout(() => (this.modeRefused = null), REFUSED_MS);
  }

}

const KEY = Symbol('screen');

export const provideScreen = (screen: Screen): Screen => setContext(KEY, screen);
export const useScreen = (): Screen => getContext<Screen>(KEY);
