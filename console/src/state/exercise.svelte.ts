/** The exercise that this page is in, and the real city beside it. Everything here is read; orders go through the desk. */
import { branchExercise, endExercise, Failed, getExercise, getRealAlarms, getRealClock, listBranches, listInjects, noteInject } from '../api/client';
import type { Alarm, Branch, BranchBegin, Clock, Exercise, Inject } from '../api/types';
import { breaksIn, waitingThere } from './exercise';

const LOOK_EVERY_MS = 3_000;

export class ExerciseRoom {
  readonly id: string;
  now = $state.raw<Exercise | null>(null);
  injects = $state.raw<Inject[]>([]);
  branches = $state.raw<Branch[]>([]);
  failed = $state.raw<Failed | null>(null);
  /** The real city. */
  realAlarms = $state.raw<Alarm[] | null>(null);
  realClock = $state.raw<Clock | null>(null);
  realFailed = $state(false);

  readonly breaksIn = $derived(breaksIn(this.realAlarms ?? []));
  readonly waitingThere = $derived(waitingThere(this.realAlarms ?? []));

  constructor(id: string) {
    this.id = id;
  }

  start(): () => void {
    void this.look();
    void this.#lookOutside();
    const looking = setInterval(() => {
      void this.look();
      void this.#lookOutside();
    }, LOOK_EVERY_MS);
    return () => clearInterval(looking);
  }

  async look(): Promise<void> {
    try {
      [this.now, this.injects] = await Promise.all([getExercise(this.id), listInjects(this.id)]);
      this.branches = await listBranches(this.id);
      this.failed = null;
    } catch (error) {
      if (error instanceof Failed) this.failed = error;
    }
  }

  async #lookOutside(): Promise<void> {
    try {
      [this.realAlarms, this.realClock] = await Promise.all([getRealAlarms(), getRealClock()]);
      this.realFailed = false;
    } catch {
      // Whoever rehearses must know that nobody tells them of the real city.
      this.realFailed = true;
    }
  }

  end = (): Promise<Failed | null> => this.#try(() => endExercise(this.id));
  branch = (branch: BranchBegin): Promise<Failed | null> => this.#try(() => branchExercise(this.id, branch));
  note = (inject: string, met: boolean): Promise<Failed | null> => this.#try(() => noteInject(this.id, inject, { met }));

  async #try(act: () => Promise<unknown>): Promise<Failed | null> {
    try {
      await act();
      await this.look();
      return null;
    } catch (error) {
      return error as Failed;
    }
  }
}
