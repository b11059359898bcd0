/** Who sits here: the session, the role worn, the purpose stated, and what was opened with it. */
import { Failed } from '../api/client';
import { beginTask, breakGlass, disclose, endTask, getPurposes } from '../api/gate';
import { changeRole, getSession, signOut } from '../api/identity';
import type { BreakGlassAsk, Disclosure, DisclosureAsk, Purposes, SessionNow, SessionTask } from '../api/types';
import { SHOWN_MS } from './gate';

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** What was opened of one call, or of one entry of the ledger. Kept in memory only, and not for long. */
export interface Opened {
  subject: string;
  field: string;
  at: number;
  until: number;
  disclosure: Disclosure;
  brokeGlass: boolean;
}

/** Under what name the opened values of an ask are kept. */
export const subjectOf = ({ scope }: Pick<DisclosureAsk, 'scope'>): string => scope.calls?.[0] ?? `entry ${scope.entries?.[0] ?? ''}`;

export class Session {
  now = $state.raw<SessionNow | null>(null);
  /** Until when the task holds, where this page stated it. */
  taskUntil = $state<string | null>(null);
  purposes = $state.raw<Purposes | null>(null);
  opened = $state.raw<Opened[]>([]);
  failed = $state.raw<Failed | null>(null);
  /** The form in which a purpose is stated is open. */
  stating = $state(false);
  #closing: ReturnType<typeof setTimeout> | undefined;
  #ending: ReturnType<typeof setTimeout> | undefined;

  get task(): SessionTask | null {
    return this.now?.task ?? null;
  }

  /** What the task is for, as the rules call it. */
  get taskTitle(): string {
    return this.purposes?.offers.find((offer) => offer.purpose === this.task?.purpose)?.title ?? this.task?.purpose ?? '';
  }

  get role(): string {
    return this.now?.principal?.role ?? '';
  }

  /** Ask who sits here and what they may state. */
  async load(): Promise<void> {
    try {
      this.#take(await getSession());
      if (this.now?.signed_in) this.purposes = await getPurposes();
      this.failed = null;
    } catch (error) {
      if (!(error instanceof Failed)) throw error;
      this.failed = error;
    }
  }

  #take(now: SessionNow): void {
    if (now.task?.task !== this.task?.task) this.#holdsUntil(null);
    this.now = now;
  }

  #holdsUntil(until: string | null): void {
    this.taskUntil = until;
    clearTimeout(this.#ending);
    const left = until ? Date.parse(until) - Date.now() : null;
    // Longer than a timer can wait is longer than anybody looks at one page.
    if (left !== null && left < LONGEST_TIMER_MS) this.#ending = setTimeout(() => this.#over(), Math.max(0, left));
  }

  /** The task ran out: what it opened goes with it. */
  #over(): void {
    this.#holdsUntil(null);
    if (this.now) this.now = { ...this.now, task: null };
    this.hide();
  }

  state = (purpose: string, basis: string): Promise<Failed | null> =>
    this.#try(async () => {
      const { task, until } = await beginTask({ purpose, basis });
      this.hide();
      if (this.now) this.#take({ ...this.now, task: { task, purpose, basis } });
      this.#holdsUntil(until);
      this.stating = false;
    });

  endTask = (): Promise<Failed | null> =>
    this.#try(async () => {
      const task = this.task;
      this.#over();
      if (task) await endTask(task.task);
    });

  wear = (role: string): Promise<Failed | null> =>
    this.#try(async () => {
      this.hide();
      this.#take(await changeRole(role));
      this.purposes = await getPurposes();
    });

  leave = (): Promise<Failed | null> =>
    this.#try(async () => {
      this.hide();
      await signOut();
    });

  open = (ask: DisclosureAsk): Promise<Failed | null> =>
    this.#try(async () => this.#show(subjectOf(ask), ask.fields, await disclose(ask), false));

  breakGlass = (ask: BreakGlassAsk): Promise<Failed | null> =>
    this.#try(async () => this.#show(subjectOf(ask), ask.fields, await breakGlass(ask), true));

  #show(subject: string, fields: readonly string[], disclosure: Disclosure, brokeGlass: boolean): void {
    const at = Date.now();
    const others = this.opened.filter((one) => one.subject !== subject || !fields.includes(one.field));
    const fresh = fields.map((field) => ({ subject, field, at, until: at + SHOWN_MS, disclosure, brokeGlass }));
    this.opened = [...others, ...fresh];
    this.#closeLater();
  }

  #closeLater(): void {
    clearTimeout(this.#closing);
    if (this.opened.length === 0) return;
    const next = Math.min(...this.opened.map((one) => one.until));
    this.#closing = setTimeout(() => {
      this.opened = this.opened.filter((one) => one.until > Date.now());
      this.#closeLater();
    }, Math.max(0, next - Date.now()));
  }

  /** Show nothing of it any more; of all but `besides` where one is named. */
  hide(besides: string | null = null): void {
    if (this.opened.length === 0) return;
    this.opened = this.opened.filter((one) => one.subject === besides);
    this.#closeLater();
  }

  async #try(act: () => Promise<unknown>): Promise<Failed | null> {
    try {
      await act();
      return null;
    } catch (error) {
      if (!(error instanceof Failed)) throw error;
      return error;
    }
  }
}
