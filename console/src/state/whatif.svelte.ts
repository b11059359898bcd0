/** One question about the present: what is supposed, and the desk's answer. Nothing of it is kept anywhere. */
import { Failed } from '../api/client';
import type { WhatIf } from '../api/types';
import type { Desk } from './desk.svelte';
import { question, withSupposed, type Supposed } from './whatif';

export class Question {
  supposed = $state.raw<Supposed[]>([]);
  answer = $state.raw<WhatIf | null>(null);
  failed = $state.raw<Failed | null>(null);
  busy = $state(false);
  /** The next press on the map names the street. */
  pointing = $state(false);
  #desk: Desk;
  #asked = 0;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  suppose(one: Supposed): Promise<void> {
    this.supposed = withSupposed(this.supposed, one);
    return this.ask();
  }

  drop(one: Supposed): Promise<void> {
    this.supposed = this.supposed.filter((other) => other !== one);
    return this.ask();
  }

  clear(): void {
    this.#asked += 1;
    this.supposed = [];
    this.answer = null;
    this.failed = null;
    this.busy = false;
  }

  async ask(): Promise<void> {
    if (this.supposed.length === 0) {
      this.clear();
      return;
    }
    const asked = ++this.#asked;
    this.busy = true;
    const selection = this.#desk.selection;
    try {
      const answer = await this.#desk.whatIf(question(this.supposed, selection?.type === 'call' ? selection.id : null));
      if (asked !== this.#asked) return;
      this.answer = answer;
      this.failed = null;
    } catch (error) {
      if (asked !== this.#asked || !(error instanceof Failed)) return;
      this.failed = error;
    } finally {
      if (asked === this.#asked) this.busy = false;
    }
  }
}
