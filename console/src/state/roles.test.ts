import { describe, expect, it } from 'vitest';
import { decidingRoles, firstRole, homeOf, reviewersBeside, rolesOf, worksWithoutCity } from './roles';

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

it('asks nothing of the city for a role that works without it', () => {
  const roles = ['administrator', 'auditor', 'data_protection_officer', 'liaison', 'resident'];
  expect(roles.filter(worksWithoutCity)).toEqual(roles);
  expect(['watch_officer', 'analyst', 'demo', 'harbour_master', ''].some(worksWithoutCity)).toBe(false);
});

it('names the usual reviewer first, and never the role that is worn', () => {
  expect(reviewersBeside('dispatcher')[0]).toBe('watch_officer');
  expect(reviewersBeside('watch_officer')[0]).toBe('incident_commander');
  expect(reviewersBeside('watch_officer')).not.toContain('watch_officer');
});
