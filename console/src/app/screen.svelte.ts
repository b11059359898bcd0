/** One screen: the desk it shows, what its person chose, and the verbs that keys and buttons share. */
import { getContext, setContext } from 'svelte';
import { atDesk, streamUrl, talkTo } from '../api/client';
import { Failed, whenSignedOut } from '../api/http';
import type { Alarm, Change, Mode, Sentence } from '../api/types';
import { browserWorld, LiveStream } from '../live/stream';
import type { AreaLayer, CityMap, LayerSwitches, Selection } from '../map/types';
import { lateByArea, lateKind } from '../state/lateness';
import { Desk } from '../state/desk.svelte';
import { marked } from '../state/exercise';
import { ExerciseRoom } from '../state/exercise.svelte';
import { signInFrom } from '../state/next';
import { PAGES, readRoute, writeRoute, type Page, type Route } from '../state/route';
import { decidingRoles, firstRole, homeOf, worksWithoutCity } from '../state/roles';
import { plainName } from '../state/gate';
import { Session } from '../state/session.svelte';
import { Settings } from '../state/settings.svelte';
import { addressTime, clockMinute, clockSecond } from '../state/time';
import { Question } from '../state/whatif.svelte';
import { count, say, sayOr, sentence, type Key, type Values } from '../texts';

export type Panel = 'overview' | 'help' | 'rehearse' | Page;
/** Panels that want room. */
const WIDE: readonly Panel[] = ['table', 'record', 'exports', 'reviews', 'accounts'];
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
export const AREA_LAYERS: readonly AreaLayer[] = ['expected', 'late', 'cover', 'none'];
const ms = (time: string | number): number => (typeof time === 'string' ? Date.parse(time) : time);
const ADDRESS_EVERY_MS = 2_000;
/** How long the reason stands why one can't go to a mode. */
const REFUSED_MS = 8_000;

export class Screen {
  readonly desk = new Desk();
  readonly settings: Settings;
  readonly question = new Question(this.desk);
  readonly session = new Session();
  readonly wall: boolean;
  /** The exercise that this page is in; null beside one. It never changes: going in or out loads a page. */
  readonly exercise: ExerciseRoom | null;
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
  /** Which kind of unit the late calls of the layer wait for; null: the first. */
  lateKindChosen = $state<string | null>(null);
  choosingUnits = $state(false);
  /** Units picked instead of those proposed. */
  picked = $state.raw<string[]>([]);
  /** The role that decides here, as chosen; kept for this page. */
  role = $state('');
  asking = $state<boolean | null>(null);
  /** Leaving an exercise was asked for once. */
  leaving = $state(false);
  dismissing = $state(false);
  copied = $state(false);
  modeRefused = $state<Mode | null>(null);
  mapFailed = $state<string | null>(null);
  /** Why this role does not see the city; null where it does. */
  blind = $state<string | null>(null);
  /** The city was not even asked for, since the role works without it. */
  unasked = $state(false);
  map: CityMap | null = null;

  #stream: LiveStream | null = null;
  #route: Route;
  #addressMs = 0;
  #refusedTimer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.#route = readRoute(location.pathname, location.search);
    const { exercise } = this.#route;
    talkTo(exercise);
    this.exercise = exercise === null ? null : new ExerciseRoom(exercise);
    this.settings = new Settings(this.#route.lang);
    this.wall = this.#route.wall;
    if (this.#route.page !== null) this.panel = this.#route.page;
    if (this.#route.mode === 'exercise' && exercise === null) this.panel = 'rehearse';
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
  minute = (time: string | number): string => this.mark(clockMinute(ms(time), this.desk.zone));
  second = (time: string | number): string => this.mark(clockSecond(ms(time), this.desk.zone));
  /** An id or a time as it is shown: in an exercise with its mark. */
  mark = (text: string): string => marked(this.exercise !== null, text);
  /** Why something was not done, and what to do; nothing where it was. */
  failure = (failed: Failed | null): string => {
    if (failed === null) return '';
    if (failed.network) return this.say('problem.network');
    return [failed.message, failed.problem?.do].filter(Boolean).join(' ');
  };
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
    if (this.exercise !== null) return 'exercise';
    return this.desk.picture?.clock.mode ?? this.desk.city?.mode ?? 'replay';
  }

  get wide(): boolean {
    const chart = this.desk.selection?.type === 'area' || this.desk.selection?.type === 'warning';
    return this.wideChosen ?? (WIDE.includes(this.panel) || (this.panel === 'overview' && chart));
  }

  /** The kind whose late calls the layer shows. */
  get lateKind(): ReturnType<typeof lateKind> {
    return lateKind(this.desk.cover, this.lateKindChosen);
  }

  get late(): Map<string, number> | null {
    return lateByArea(this.lateKind);
  }

  /** Somebody looks at expected late calls. */
  get wantsCover(): boolean {
    return this.areaLayerChosen === 'late' || (this.panel === 'overview' && this.desk.selection?.type === 'area');
  }

  /** What if is open: as chosen, else whenever the panel was made wide by hand. */
  get whatIfOpen(): boolean {
    return this.asking ?? (this.wideChosen === true && this.panel === 'overview');
  }

  get areaLayer(): AreaLayer {
    const choosing = this.desk.selection?.type === 'call' && (this.desk.call?.plan?.uncovers.length ?? 0) > 0;
    return choosing && this.areaLayerChosen !== 'none' ? 'uncovers' : this.areaLayerChosen;
  }

  // Beginning

  start(): () => void {
    whenSignedOut(() => this.#signIn());
    void this.#loadSession().then(() => this.#begin());
    const suspect = (): void => this.#stream?.suspect();
    const back = (): void => this.#readAddress();
    addEventListener('offline', suspect);
    addEventListener('popstate', back);
    const ticking = setInterval(() => this.desk.tick(), 200);
    return () => {
      this.#stopped = true;
      clearInterval(ticking);
      removeEventListener('offline', suspect);
      removeEventListener('popstate', back);
      this.#stopRoom?.();
      this.#stream?.close();
      this.map?.destroy();
    };
  }

  #stopped = false;
  #stopRoom: (() => void) | undefined;

  /** Every refusal is written into the public ledger: nothing is asked for that the role works without, nor twice. */
  async #begin(): Promise<void> {
    if (this.session.now?.signed_in === false) return;
    if (worksWithoutCity(this.session.role)) {
      this.unasked = true;
      this.#withoutCity(this.say('map.blind.role', { role: this.#roleName() }));
      return;
    }
    await this.askCity();
  }

  #roleName(): string {
    return this.sayOr(`role.${this.session.role}`, plainName(this.session.role));
  }

  /** Ask for the city, then for its live picture. */
  async askCity(): Promise<void> {
    this.unasked = false;
    this.blind = null;
    await this.#loadCity();
    if (this.#stopped || this.blind !== null) return;
    this.#stopRoom ??= this.exercise?.start();
    this.#listen();
  }

  #listen(): void {
    this.#stream?.close();
    this.#stream = new LiveStream(
      streamUrl(),
      {
        picture: (picture) => {
          this.desk.takePicture(picture);
          void this.#firstPicture();
        },
        delta: (delta) => this.desk.takeDelta(delta),
        connection: (connection) => {
          this.desk.connection = connection;
          // The stream says nothing of why it was cut: a session that ended is one reason.
          if (connection.state === 'lost') void this.#loadSession();
          if (connection.state !== 'live') return;
          // That the desk did not answer is over.
          if (this.desk.orderFailed?.network) this.desk.orderFailed = null;
          void this.#loadCity();
        },
      },
      browserWorld(() => this.#ping()),
    );
  }

  /** Whether the desk answers. The stream itself cannot say that it was refused, this can. */
  async #ping(): Promise<void> {
    const answer = await fetch(atDesk('/clock'), { signal: AbortSignal.timeout(2_000), cache: 'no-store' });
    if (answer.status === 403) this.#withoutCity(this.say('map.blind.role', { role: this.#roleName() }));
  }

  async #loadSession(): Promise<void> {
    await this.session.load();
    if (this.session.now?.signed_in === false) this.#signIn();
  }

  /** To the sign-in page, and from there back to what is shown now. */
  #signIn(): void {
    this.session.hide();
    location.assign(signInFrom(location.pathname + location.search));
  }

  async #loadCity(): Promise<void> {
    try {
      await this.desk.loadCity();
    } catch (error) {
      // A role that does not see the city is told so; all else the lost connection says, and the next one asks again.
      if (!(error instanceof Failed) || error.problem?.status !== 403) return;
      this.#withoutCity(error.message);
    }
  }

  #withoutCity(why: string): void {
    this.blind = why;
    this.#stream?.close();
    if (this.panel === 'overview') this.panel = homeOf(this.session.role);
    document.documentElement.dataset.ready = 'true';
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
      mode: this.panel === 'rehearse' ? 'exercise' : this.mode,
      exercise: this.exercise?.id ?? null,
      time: fixed ? addressTime(this.desk.nowMs(), this.desk.zone) : null,
      selection: this.desk.selection,
      wall: this.wall,
      page: PAGES.find((page) => page === this.panel) ?? null,
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
    const rehearse = route.mode === 'exercise' && route.exercise === null;
    this.panel = rehearse ? 'rehearse' : (route.page ?? 'overview');
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
    this.picked = [];
    this.dismissing = false;
    if (selection === null || selection.type !== this.desk.selection?.type) this.wideChosen = null;
    this.desk.select(selection);
    this.keepAddress(true);
  }

  /** A press on the map selects, but where what if asks for a street it names one. */
  pressMap(selection: Selection | null, place: [number, number]): void {
    if (this.question.pointing) {
      this.question.pointing = false;
      void this.question.suppose({ type: 'closed', place });
      return;
    }
    this.select(selection);
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
    if (this.leaving) this.leaving = false;
    else if (this.dismissing) this.dismissing = false;
    else if (this.session.stating) this.session.stating = false;
    else if (this.whatIfOpen) this.toggleWhatIf();
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

  /** Open or close the what-if drawer. It wants the wide panel. */
  toggleWhatIf(): void {
    const open = !this.whatIfOpen;
    this.asking = open;
    if (open) {
      if (this.panel !== 'overview') this.panel = 'overview';
      this.wideChosen = true;
    } else if (this.wideChosen) {
      this.wideChosen = null;
    }
  }

  /** W: the wide panel, with what if inside it. */
  toggleWide(): void {
    this.wideChosen = !this.wide;
    this.asking = null;
  }

  /** P: what one is at. On a phone the form stands in the menu. */
  statePurpose(): void {
    this.session.stating = !this.session.stating;
    if (this.session.stating && this.settings.narrow) this.menuOpen = true;
  }

  pick(unit: string): void {
    this.picked = this.picked.includes(unit) ? this.picked.filter((one) => one !== unit) : [...this.picked, unit];
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

  /** Roles in which whoever sits here may decide, those that a protocol names first. */
  rolesToDecide(named: readonly string[] = []): string[] {
    return decidingRoles(this.session.now?.principal?.roles ?? [], named);
  }

  /** The role that decides: as chosen, else the first that fits. */
  roleToDecide(named: readonly string[] = []): string {
    const roles = this.rolesToDecide(named);
    return roles.includes(this.role) ? this.role : firstRole(roles, named.find((role) => roles.includes(role)) ?? this.session.role);
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
    if (this.exercise === null && mode === 'exercise') {
      this.modeRefused = null;
      this.show('rehearse');
      return;
    }
    if (this.exercise !== null && mode === this.exercise.realClock?.mode) {
      this.askLeave();
      return;
    }
    this.modeRefused = mode === this.mode ? null : mode;
    clearTimeout(this.#refusedTimer);
    if (this.modeRefused === null) return;
    this.desk.said = this.say(`mode.no.${mode}` as Key);
    this.#refusedTimer = setTimeout(() => (this.modeRefused = null), REFUSED_MS);
  }

  // Exercises

  /** Into an exercise: another page, so that nothing of this one can be taken for it. */
  enter(exercise: string): void {
    location.assign(`/exercise/${encodeURIComponent(exercise)}${this.#route.lang ? `?lang=${this.#route.lang}` : ''}`);
  }

  /** Asked once it says what it wants, asked again it leaves. Two keys at once are enough: Shift and Esc. */
  askLeave(): void {
    if (this.exercise === null) return;
    if (this.leaving) this.leave();
    this.leaving = true;
    this.desk.said = this.say('exercise.leave.again');
  }

  leave(): void {
    if (this.exercise !== null) location.assign(this.#route.lang ? `/?lang=${this.#route.lang}` : '/');
  }
}

const KEY = Symbol('screen');

export const provideScreen = (screen: Screen): Screen => setContext(KEY, screen);
export const useScreen = (): Screen => getContext<Screen>(KEY);
