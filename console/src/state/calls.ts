/** What a call's panel works out. Pure. */
import type { Call, Choice, Plan, Unit } from '../api/types';
import type { Key, Values } from '../texts';

const secondsBetween = (from: string, to: string | number): number =>
  ((typeof to === 'number' ? to : Date.parse(to)) - Date.parse(from)) / 1000;

export interface Wait {
  /** Until somebody was there, else until it closed, else until now. */
  waited_s: number;
  sent_s: number | null;
  there_s: number | null;
}

export function waitOf(call: Call, nowMs: number): Wait {
  const end = call.first_on_scene ?? call.closed ?? nowMs;
  return {
    waited_s: Math.max(0, secondsBetween(call.received, end)),
    sent_s: call.first_dispatched ? secondsBetween(call.received, call.first_dispatched) : null,
    there_s: call.first_on_scene ? secondsBetween(call.received, call.first_on_scene) : null,
  };
}

/**
 * When the first unit would be there, in seconds after the call: of those sent the one that is expected first, else
 * the first proposed, were it sent now. Null when all that were sent are overdue or have no way.
 */
export function etaOf(call: Call, plan: Plan | null, units: Iterable<Unit>, nowMs: number): { unit: string; at: number } | null {
  if (call.first_dispatched === null) {
    const first = [...(plan?.choices ?? [])].sort((a, b) => a.eta_s - b.eta_s)[0];
    if (!plan || !first) return null;
    const sentMs = Math.max(nowMs, Date.parse(plan.made));
    return { unit: first.unit, at: secondsBetween(call.received, sentMs) + first.eta_s };
  }
  let first: { unit: string; at: number } | null = null;
  for (const unit of units) {
    if (unit.call !== call.call || unit.movement === null) continue;
    const at = secondsBetween(call.received, unit.movement.arrive);
    if (Date.parse(unit.movement.arrive) > nowMs && (first === null || at < first.at)) first = { unit: unit.unit, at };
  }
  return first;
}

/** What is left of the target when the plan was made; null without a target. */
export function leftOf(call: Call, plan: Plan): number | null {
  return call.target_s === null ? null : call.target_s - secondsBetween(call.received, plan.made);
}

/** The time axis that all range bars of a plan share. */
export function rangeMost(plan: Plan, left: number | null): number {
  const all = [...plan.choices, ...(plan.runner_up ? [plan.runner_up] : [])];
  return Math.max(60, ...all.map((c) => c.eta_high_s), left ?? 0) * 1.12;
}

export function unitsText(choices: readonly Choice[]): string {
  return choices.map((c) => c.unit).join(', ');
}

type Say = (key: Key, values?: Values) => string;

/** `1 engine or truck, 1 ambulance`. */
export function cardText(card: readonly Record<string, unknown>[], name: (kind: string) => string, say: Say): string {
  if (card.length === 0) return say('call.card.none');
  const items = card.map((need) => {
    const n = typeof need['count'] === 'number' ? need['count'] : 1;
    const item = say('call.card.item', { n, kind: name(String(need['kind'] ?? '')) });
    const substitutes = Array.isArray(need['substitutes']) ? need['substitutes'].map((s) => name(String(s))) : [];
    return substitutes.length > 0 ? `${item} ${say('call.card.or', { kinds: substitutes.join(', ') })}` : item;
  });
  return say('call.card', { card: items.join(', ') });
}
