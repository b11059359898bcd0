/** The desk as this screen knows it: city, picture, connection, and what is selected. The one place that changes it. */
import {
  actOnAlarm,
  askWhatIf,
  Failed,
  getArea,
  getCall,
  getCity,
  getCover,
  getForecast,
  orderMove,
  orderPlan,
  orderWarning,
  setClock,
} from '../api/client';
import type {
  Alarm,
  AlarmAction,
  AreaDetail,
  CallDetail,
  City,
  Clock,
  ClockAction,
  CoverLate,
  Forecast,
  MoveOrder,
  Picture,
  PlanOrder,
  Warning,
  WarningOrder,
  WhatIf,
  WhatIfQuestion,
} from '../api/types';
import type { Connection } from '../live/stream';
import type { Selection } from '../map/types';
import { needsYou } from './alarms';
import { patch } from './patch';

/** A detail is asked for again at most so often while the picture moves; forecasts change by the hour. */
const DETAIL_EVERY_MS = { call: 1_500, area: 5_000, warning: 5_000 } as const;
type Detailed = Selection & { type: keyof typeof DETAIL_EVERY_MS };
/** Expected late calls are asked for again at most so often. */
const COVER_EVERY_MS = 10_000;
/** Between pictures the clock runs on by itself, but never farther than this. */
const RUN_ON_MS = 1_500;

export class Desk {
  city = $state.raw<City | null>(null);
  picture = $state.raw<Picture | null>(null);
  connection = $state.raw<Connection>({ state: 'connecting' });
  selection = $state.raw<Selection | null>(null);
  call = $state.raw<CallDetail | null>(null);
  area = $state.raw<AreaDetail | null>(null);
  /** The forecast that the selected warning rests on. */
  forecast = $state.raw<Forecast | null>(null);
  /** Expected late calls of the next hour; asked for while somebody looks at them. */
  cover = $state.raw<CoverLate | null>(null);
  detailFailed = $state.raw<Failed | null>(null);
  /** The alarm that keys act on. */
  alarmId = $state<string | null>(null);
  /** The time shown, in whole seconds' steps. */
  shownMs = $state(Date.now());
  /** The wall clock, for ages and countdowns. */
  wallMs = $state(Date.now());
  /** Said once to everybody, also to screen readers. */
  said = $state('');
  orderFailed = $state.raw<Failed | null>(null);

  #receivedMs = 0;
  #lastMs = 0;
  #detailMs = 0;
  #detailTimer: ReturnType<typeof setTimeout> | null = null;
  #asking = 0;
  #coverWanted = false;
  #coverMs = Number.NEGATIVE_INFINITY;
  #coverAsking = false;

  readonly needs = $derived(needsYou(this.picture?.alarms ?? [], this.shownMs));
  readonly calls = $derived(new Map((this.picture?.calls ?? []).map((c) => [c.call, c])));
  readonly units = $derived(new Map((this.picture?.units ?? []).map((u) => [u.unit, u])));
  readonly areas = $derived(new Map((this.picture?.areas ?? []).map((a) => [a.area, a])));
  readonly alarms = $derived(new Map((this.picture?.alarms ?? []).map((a) => [a.alarm, a])));
  readonly warnings = $derived(new Map((this.picture?.warnings ?? []).map((w) => [w.warning, w])));
  readonly moves = $derived(new Map((this.picture?.moves.moves ?? []).map((m) => [m.move, m])));
  /** What the map marks: a warning has no place of its own, but its area may; a move-up stands where its unit is. */
  readonly onMap = $derived.by((): Selection | null => {
    if (this.selection?.type === 'move') {
      const move = this.moves.get(this.selection.id);
      return move ? { type: 'unit', id: move.unit } : null;
    }
    if (this.selection?.type !== 'warning') return this.selection;
    const area = this.warnings.get(this.selection.id)?.area;
    return area ? { type: 'area', id: area } : null;
  });
  readonly areaNames = $derived(new Map((this.city?.areas ?? []).map((a) => [a.area, a.name])));
  readonly kindNames = $derived(new Map((this.city?.unit_kinds ?? []).map((k) => [k.kind, k.name])));
  readonly stations = $derived(new Map((this.city?.stations ?? []).map((s) => [s.station, s])));
  readonly hospitals = $derived(new Map((this.city?.hospitals ?? []).map((h) => [h.hospital, h])));

  get zone(): string {
    return this.city?.timezone ?? 'UTC';
  }

  get stale(): boolean {
    return this.connection.state === 'lost';
  }

  get alarm(): Alarm | null {
    return (this.alarmId === null ? undefined : this.alarms.get(this.alarmId)) ?? null;
  }

  stationName(station: string | null | undefined): string {
    return station ? (this.stations.get(station)?.name ?? station) : '';
  }

  areaName(area: string | null | undefined): string {
    return area ? (this.areaNames.get(area) ?? area) : '';
  }

  kindName(kind: string): string {
    return this.kindNames.get(kind) ?? kind;
  }

  /** The desk's time now, running on between pictures; never back while it plays. */
  nowMs(): number {
    const clock = this.picture?.clock;
    if (!clock) return Date.now();
    const base = Date.parse(clock.now);
    if (!clock.playing || clock.busy || clock.ended || this.connection.state !== 'live') return (this.#lastMs = base);
    const ahead = Math.min(performance.now() - this.#receivedMs, RUN_ON_MS) * clock.speed;
    const next = base + Math.max(0, ahead);
    const slip = this.#lastMs - next;
    if (slip > 0 && slip < 3_000 * clock.speed) return this.#lastMs;
    return (this.#lastMs = next);
  }

  /** Let time pass on screen. Cheap: nothing changes while the second is the same. */
  tick(): void {
    this.shownMs = Math.floor(this.nowMs() / 1000) * 1000;
    this.wallMs = Math.floor(Date.now() / 1000) * 1000;
  }

  takePicture(picture: Picture): void {
    this.picture = picture;
    this.#receivedMs = performance.now();
    this.tick();
    if (this.alarmId !== null && !this.alarms.has(this.alarmId)) this.alarmId = null;
    this.#refresh(false);
    this.#refreshCover();
  }

  takeDelta(delta: Parameters<typeof patch>[1]): void {
    if (this.picture === null) return;
    this.takePicture(patch(this.picture, delta));
  }

  async loadCity(): Promise<void> {
    if (this.city !== null) return;
    this.city = await getCity();
  }

  select(selection: Selection | null): void {
    const same = selection?.type === this.selection?.type && selection?.id === this.selection?.id;
    this.selection = selection;
    if (!same) {
      this.call = null;
      this.area = null;
      this.forecast = null;
      this.detailFailed = null;
    }
    const alarm = selection?.type === 'call' ? this.#alarmOf(selection.id) : null;
    if (alarm) this.alarmId = alarm.alarm;
    else if (selection !== null && this.alarm?.call != null) this.alarmId = null;
    this.#refresh(true);
  }

  #alarmOf(call: string): Alarm | null {
    return this.needs.lines.flatMap((line) => line.all).find((a) => a.call === call) ?? null;
  }

  /** Make an alarm the one that keys act on, and select what it is about. */
  focusAlarm(alarm: Alarm): void {
    this.alarmId = alarm.alarm;
    if (alarm.call) this.select({ type: 'call', id: alarm.call });
    else if (alarm.warning) this.select({ type: 'warning', id: alarm.warning });
    else if (alarm.area) this.select({ type: 'area', id: alarm.area });
    else this.select(null);
    this.alarmId = alarm.alarm;
  }

  /** The next or previous alarm in the list. */
  nextAlarm(step: 1 | -1): void {
    const all = this.needs.lines.flatMap((line) => line.all);
    if (all.length === 0) return;
    const at = all.findIndex((a) => a.alarm === this.alarmId);
    const from = at < 0 ? (step > 0 ? -1 : 0) : at;
    const next = all[(from + step + all.length) % all.length];
    if (next) this.focusAlarm(next);
  }

  /** Ask for the selected call or area again. */
  refreshDetail(): void {
    this.#refresh(true);
  }

  #refresh(now: boolean): void {
    const selection = this.selection;
    if (selection?.type !== 'call' && selection?.type !== 'area' && selection?.type !== 'warning') return;
    const since = performance.now() - this.#detailMs;
    const every = DETAIL_EVERY_MS[selection.type];
    if (now || since >= every) {
      void this.#fetchDetail(selection as Detailed);
    } else {
      this.#askLater(every - since);
    }
  }

  #askLater(ms: number): void {
    this.#detailTimer ??= setTimeout(() => this.#refresh(true), ms);
  }

  /** Somebody looks at expected late calls, or no longer. */
  wantCover(wanted: boolean): void {
    this.#coverWanted = wanted;
    this.#refreshCover();
  }

  #refreshCover(): void {
    if (!this.#coverWanted || this.#coverAsking || this.picture === null) return;
    if (performance.now() - this.#coverMs < COVER_EVERY_MS && this.cover !== null) return;
    void this.#fetchCover();
  }

  async #fetchCover(): Promise<void> {
    this.#coverAsking = true;
    this.#coverMs = performance.now();
    try {
      this.cover = await getCover();
    } catch {
      // The next picture asks again; until then the layer shows what it had.
    } finally {
      this.#coverAsking = false;
    }
  }

  async #fetchDetail(selection: Detailed): Promise<void> {
    if (this.#detailTimer !== null) clearTimeout(this.#detailTimer);
    this.#detailTimer = null;
    this.#detailMs = performance.now();
    const asked = ++this.#asking;
    try {
      const found = await this.#ask(selection);
      if (asked !== this.#asking) return;
      if ('facts' in found) this.area = found;
      else if ('hours' in found) this.forecast = found;
      else this.call = found;
      this.detailFailed = null;
    } catch (error) {
      if (asked !== this.#asking || !(error instanceof Failed)) return;
      this.detailFailed = error;
      // Before a call came in nobody knew of it: what was fetched later must not stand in an earlier picture.
      if (error.problem?.status === 404 && selection.type === 'call' && !this.calls.has(selection.id)) this.call = null;
      // The picture has it, so the desk will: it may be a moment behind its own stream.
      const known = selection.type !== 'call' || this.calls.has(selection.id);
      if (known && !error.network) this.#askLater(DETAIL_EVERY_MS[selection.type]);
    }
  }

  #ask({ type, id }: Detailed): Promise<CallDetail | AreaDetail | Forecast> {
    if (type === 'call') return getCall(id);
    return type === 'area' ? getArea(id) : getForecast(this.warnings.get(id)?.area ?? null);
  }

  /** Order the clock. What can't be done is said in the panel of the time controls. */
  async order(action: Partial<ClockAction> & Pick<ClockAction, 'action'>): Promise<boolean> {
    try {
      const clock = await setClock(action as ClockAction);
      this.orderFailed = null;
      this.#takeOrder(clock);
      return true;
    } catch (error) {
      this.orderFailed = error as Failed;
      return false;
    }
  }

  /** How the clock runs is shown at once; what time it is comes with the picture of that time, never before it. */
  #takeOrder({ playing, speed, busy }: Clock): void {
    if (this.picture === null) return;
    this.picture = { ...this.picture, clock: { ...this.picture.clock, playing, speed, busy } };
    this.tick();
  }

  /** To a time in ms, or to one as the desk wrote it: its microseconds matter at the head of the log. */
  jumpTo(to: number | string): Promise<boolean> {
    return this.order({ action: 'jump', to: typeof to === 'string' ? to : new Date(to).toISOString() });
  }

  async answerAlarm(alarm: string, action: Pick<AlarmAction, 'action'> & Partial<AlarmAction>): Promise<Failed | null> {
    try {
      await actOnAlarm(alarm, { minutes: 15, ...action });
      return null;
    } catch (error) {
      return error as Failed;
    }
  }

  /** Whom a named role chooses for a call. */
  async choose(call: string, order: PlanOrder): Promise<Failed | null> {
    try {
      const found = await orderPlan(call, order);
      if (this.selection?.type === 'call' && this.selection.id === call) this.call = found;
      return null;
    } catch (error) {
      return error as Failed;
    }
  }

  /** What a named role decides about a move-up. */
  async move(move: string, order: MoveOrder): Promise<Failed | null> {
    try {
      await orderMove(move, order);
      return null;
    } catch (error) {
      return error as Failed;
    }
  }

  /** A question about the present. Nothing is kept. Throws Failed. */
  whatIf(question: WhatIfQuestion): Promise<WhatIf> {
    return askWhatIf(question);
  }

  /** What a named role decides about a warning. */
  async decide(warning: Warning, order: WarningOrder): Promise<Failed | null> {
    try {
      await orderWarning(warning.warning, order);
      return null;
    } catch (error) {
      return error as Failed;
    }
  }
}
