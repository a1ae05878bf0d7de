/**
 * The form of the rule files: the parts of the Sigma specification 2.1.0 that they use, and what its
 * tools ask beyond that of rules that stand together.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  isCorrelation,
  loadSigmaRules,
  parseSigma,
  ruleFiles,
  sigmaFolder,
  toSigmaRule,
} from '../../support/sigma/sigma-document.ts';

const textOf = (file: string): string => readFileSync(join(sigmaFolder, 'rules', file), 'utf8');
const rules = loadSigmaRules();
const each = <Value>(values: readonly Value[]) =>
  expect(values.toSorted()).toEqual([...new Set(values)].sort());

describe('the files', () => {
  it('are as many as are meant to ship', () => expect(ruleFiles).toHaveLength(13));

  it.each(ruleFiles)('%s is of the form', (file) => {
    expect(file).toMatch(/^fieldgate_[a-z_]{4,60}\.yml$/);
    expect(parseSigma(textOf(file)).length).toBeGreaterThan(0);
  });

  it('share no id, no title and no name', () => {
    each(rules.map(({ id }) => id));
    each(rules.map(({ title }) => title));
    each(rules.flatMap(({ name }) => (name === undefined ? [] : [name])));
  });

  it.each(ruleFiles)(
    '%s counts only what it defines itself, and defines nothing in vain',
    (file) => {
      const own = parseSigma(textOf(file));
      const counted = own.filter(isCorrelation).flatMap((rule) => rule.correlation.rules);
      const named = own.flatMap(({ name }) => (name === undefined ? [] : [name]));
      expect([...new Set(counted)].sort()).toEqual(named.sort());
    },
  );

  it('what is only counted wakes nobody', () => {
    const counted = rules.filter(({ name }) => name !== undefined);
    expect(counted.length).toBeGreaterThan(5);
    expect(counted.filter(({ level }) => level !== 'informational')).toEqual([]);
    const own = rules.filter(({ name }) => name === undefined);
    expect(own.filter(({ level }) => level === 'informational')).toEqual([]);
  });

  it('name a tactic and a technique', () => {
    for (const { title, tags } of rules) {
      expect(
        tags.some((tag) => /^attack\.t\d/.test(tag)),
        title,
      ).toBe(true);
      expect(
        tags.some((tag) => /^attack\.[a-z-]{3,}$/.test(tag)),
        title,
      ).toBe(true);
    }
  });
});

it.each(ruleFiles)('README.md tells of %s and of its levels', (file) => {
  const readme = readFileSync(join(sigmaFolder, 'README.md'), 'utf8');
  const [, told = ''] =
    new RegExp(`^\\| \`${file}\` \\| .* \\| ([a-z, ]+) \\|$`, 'm').exec(readme) ?? [];
  const levels = parseSigma(textOf(file)).map(({ level }) => level);
  const own = new Set(levels.filter((level) => level !== 'informational'));
  expect(told.split(', ').sort()).toEqual([...own].sort());
});

describe('the check refuses', () => {
  const [text = ''] = textOf('fieldgate_credentials_guessed.yml').split('\n---\n');
  const wholeText = textOf('fieldgate_credentials_guessed.yml');
  const correlation = wholeText.split('\n---\n')[2] ?? '';
  it('nothing in the rule that the others are made from', () => {
    expect(parseSigma(text)).toHaveLength(1);
    expect(parseSigma(correlation).filter(isCorrelation)).toHaveLength(1);
  });

  it.each([
    { name: 'a key that it does not know', from: 'level:', to: 'lvl: low\nlevel:' },
    { name: 'a key that stands twice', from: 'level:', to: 'level: low\nlevel:' },
    { name: 'no id', from: /^id: .*\n/m, to: '' },
    { name: 'an id that is none', from: /^id: .*/m, to: 'id: 7' },
    { name: 'another level', from: /^level: .*/m, to: 'level: urgent' },
    { name: 'a tag of no kind', from: 'attack.t1110', to: 'attack.T1110' },
    { name: 'no false positives', from: /falsepositives:\n {2}- .*/, to: 'falsepositives: []' },
    { name: 'another log source', from: 'product: fieldgate', to: 'product: other' },
    { name: 'a modifier that is not evaluated', from: '|exists', to: '|re' },
    { name: 'two modifiers', from: '|exists', to: '|contains|all' },
    { name: 'a field in capitals', from: 'gateway.decision', to: 'gateway.Decision' },
    { name: 'a selection without items', from: /single:\n.*\n/, to: 'single: {}\n' },
    { name: 'no condition', from: /condition: .*\n/, to: '\n' },
    { name: 'another date', from: /^date: .*/m, to: 'date: 2026/11/30' },
  ])('$name', ({ from, to }) => {
    const changed = text.replace(from, to);
    expect(changed).not.toBe(text);
    expect(() => parseSigma(changed)).toThrow();
  });

  it.each([
    { name: 'another type', from: 'value_count', to: 'value_sum' },
    { name: 'a count without a field', from: 'field: src_endpoint.ip, ', to: '' },
    { name: 'another comparison', from: 'gte: 20', to: 'lte: 20' },
    { name: 'a count of one', from: 'gte: 20', to: 'gte: 1' },
    { name: 'another span of time', from: 'timespan: 10m', to: 'timespan: 10M' },
    { name: 'no rules', from: /rules: .*/, to: 'rules: []' },
    { name: 'a log source', from: 'correlation:', to: 'logsource: {}\ncorrelation:' },
  ])('$name in a correlation', ({ from, to }) => {
    const changed = correlation.replace(from, to);
    expect(changed).not.toBe(correlation);
    expect(() => parseSigma(changed)).toThrow();
  });

  it.each([undefined, null, 'x', [], {}])('%j', (document) => {
    expect(() => toSigmaRule(document)).toThrow();
  });
});
