import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chooseLang, count, say, sentence } from '.';
import de from './de.json';
import en from './en.json';

const gaps = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1] ?? '').sort();

function sources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return sources(path);
    return /\.(ts|svelte)$/.test(name) && !/\.test\.ts$/.test(name) ? [readFileSync(path, 'utf8')] : [];
  });
}

describe('catalogues', () => {
  it('have the same keys, but for the sentences of the API, which come in English', () => {
    const german = Object.keys(de).filter((key) => !key.startsWith('say.'));
    expect(german.sort()).toEqual(Object.keys(en).sort());
  });

  it('have the same gaps', () => {
    const german: Record<string, string> = de;
    for (const [key, text] of Object.entries(en)) expect([key, gaps(german[key] ?? '')]).toEqual([key, gaps(text)]);
  });

  it('fill only what the API’s own sentences have', () => {
    const toml = readFileSync(join(import.meta.dirname, '../../../src/tocsin/texts/en.toml'), 'utf8');
    const english = new Map([...toml.matchAll(/^(\w+) = "(.*)"$/gm)].map((m) => [m[1], m[2] ?? '']));
    const named = (text: string): string[] => [...text.matchAll(/\{(\w+)/g)].map((m) => m[1] ?? '');
    for (const [key, text] of Object.entries(de)) {
      if (!key.startsWith('say.')) continue;
      const code = key.slice(4);
      expect([code, english.has(code)]).toEqual([code, true]);
      const allowed = named(english.get(code) ?? '');
      expect([code, named(text).filter((gap) => !allowed.includes(gap))]).toEqual([code, []]);
    }
  });

  it('say nothing twice over: every key is used', () => {
    const code = sources(join(import.meta.dirname, '..')).join('\n');
    const made = [...code.matchAll(/`([a-zA-Z0-9_.]+\.)\$\{/g)].map((m) => m[1] ?? '');
    const unused = Object.keys(en).filter((key) => {
      const stem = key.replace(/\.(one|other)$/, '');
      return !code.includes(`'${stem}'`) && !code.includes(`'${key}'`) && !made.some((start) => key.startsWith(start));
    });
    expect(unused).toEqual([]);
  });
});

describe('say', () => {
  it('fills gaps and chooses the form', () => {
    expect(say('en', 'age.s', { n: 4 })).toBe('4 s');
    expect(count('en', 'needs.shelved', 1, { time: '02:15' })).toBe('1 shelved until 02:15');
    expect(count('de', 'needs.shelved', 2, { time: '02:15' })).toContain('2');
  });

  it('shapes durations, shares and counts as the API does', () => {
    const s = { code: 'alarm_surge_text', values: { area: 'X', observed: 1, hour: '02:00', low: 2, high: 4 }, text: '' };
    expect(sentence('de', s)).toBe('X: 1 Einsatz in der Stunde ab 02:00; erwartet waren 2 bis 4.');
    const wait = { code: 'sub_longest_wait', values: { waited: 87, limit: 3720 }, text: '' };
    expect(sentence('de', wait)).toBe('1:27 gewartet · Grenze 1:02:00');
  });

  it('writes German figures and the desk’s own words in German', () => {
    const said = { code: 'evidence_surge', values: { calls: 102, usual: 44.8, since: '23:14' }, text: '' };
    expect(sentence('de', said)).toBe('102 Einsätze seit 23:14, wo 44,8 üblich wären.');
    expect(sentence('de', { code: 'evidence_once', values: { once: 3032 }, text: '' })).toContain('1 zu 3.032.');
    expect(sentence('de', { code: 'evidence_short_history', values: { days: 1 }, text: '' })).toContain('einem Tag.');
    const place = { code: 'warning_text_plain', values: { place: 'Whole city', start: '1', end: '2', chance: 0.7 }, text: '' };
    expect(sentence('de', place)).toBe('Ganze Stadt, 1 bis 2: Wahrscheinlichkeit 70 %.');
  });

  it('keeps the API’s English and falls back to it', () => {
    const s = { code: 'nowhere', values: {}, text: 'As it came.' };
    expect([sentence('en', s), sentence('de', s), sentence('de', null)]).toEqual(['As it came.', 'As it came.', '']);
  });

  it('chooses the language', () => {
    expect(chooseLang([null, 'de-AT', 'en'])).toBe('de');
    expect(chooseLang(['fr', undefined])).toBe('en');
  });
});
