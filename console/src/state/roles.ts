/** Roles: as somebody types them, and those in which one decides. Pure. */

import type { Page } from './route';

/** Ids apart by commas or spaces. */
export const rolesOf = (text: string): string[] => [...new Set(text.toLowerCase().split(/[\s,;]+/).filter(Boolean))];

/** Roles of the house that look on, administer or play: nobody decides about a call in one of them. */
const BESIDE = new Set(['administrator', 'auditor', 'data_protection_officer', 'analyst', 'resident', 'feed', 'demo']);
const USUAL = 'watch_officer';

/** Held roles in which one may decide, those that a protocol names first. */
export function decidingRoles(held: readonly string[], named: readonly string[] = []): string[] {
  const may = held.filter((role) => !BESIDE.has(role));
  return [...new Set([...named.filter((role) => may.includes(role)), ...may])];
}

/** Roles that Tocsin's own rules let review a use, the usual one first. A house with other rules names an account. */
const REVIEWERS = [USUAL, 'incident_commander', 'operations_chief', 'data_protection_officer'] as const;

/** Roles that may look at what somebody in the role worn opens. */
export const reviewersBeside = (worn: string): string[] => REVIEWERS.filter((role) => role !== worn);

/** Where a role begins that does not see the city: at what it is there for, else at its own account. */
const HOMES: Readonly<Record<string, Page>> = {
  administrator: 'accounts',
  auditor: 'reviews',
  data_protection_officer: 'reviews',
  liaison: 'exports',
};

/** Whether Tocsin's own rules keep the city from a role. It is not even asked for then: a refusal is public. */
export const worksWithoutCity = (role: string): boolean => role in HOMES || role === 'resident';

export const homeOf = (role: string): Page => HOMES[role] ?? 'me';

/** The one that stands there unless another is chosen: the role worn, else the usual one, else the first. */
export function firstRole(roles: readonly string[], worn: string): string {
  return roles.find((role) => role === worn) ?? roles.find((role) => role === USUAL) ?? roles[0] ?? USUAL;
}
