import { describe, expect, it } from 'vitest';
import { decidingRoles, firstRole, homeOf, rolesOf } from './roles';

it('reads roles as they are typed', () => {
  expect(rolesOf(' Watch_officer, dispatcher;dispatcher ')).toEqual(['watch_officer', 'dispatcher']);
});

describe('the role that decides', () => {
  const held = ['demo', 'dispatcher', 'auditor', 'watch_officer', 'duty_chief'];

  it('is one that is held and decides, those of the protocol first', () => {
    expect(decidingRoles(held)).toEqual(['dispatcher', 'watch_officer', 'duty_chief']);
    expect(decidingRoles(held, ['duty_chief', 'elsewhere'])).toEqual(['duty_chief', 'dispatcher', 'watch_officer']);
  });

  it('is the one that is worn, else the usual one', () => {
    const roles = decidingRoles(held);
    expect([firstRole(roles, 'dispatcher'), firstRole(roles, 'demo'), firstRole(['x'], 'y'), firstRole([], '')]).toEqual([
      'dispatcher',
      'watch_officer',
      'x',
      'watch_officer',
    ]);
  });
});

it('gives a role that does not see the city a place to begin', () => {
  expect(['administrator', 'auditor', 'liaison', 'harbour_master'].map(homeOf)).toEqual(['accounts', 'reviews', 'exports', 'me']);
});
