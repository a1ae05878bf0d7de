/** The guide has every word that a line of `check` begins with, and no other. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { checkWords } from '../../gateway/cli/check/check-line.ts';

const gateway = new URL('../../gateway/', import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, gateway), 'utf8');

it('the guide has the words', () => {
  const [, section = ''] = read('policies-tools.md').split('\n## What `check` says\n');
  const [table = ''] = section.split('\n## ');
  const words = [...table.matchAll(/^\| (`.*?`) \|/gm)].flatMap(([, cell = '']) =>
    cell.split(', ').map((word) => word.replaceAll('`', '')),
  );
  expect(words.toSorted()).toEqual([...checkWords].toSorted());
});

it('lines begin with each of them', () => {
  const files = readdirSync(new URL('cli/check/', gateway));
  const text = files.map((name) => read(`cli/check/${name}`)).join('\n');
  const used = [...text.matchAll(/(?:toCheckLine|toLines)\(\s*'([a-z-]+)'/g)].map(
    ([, word]) => word,
  );
  expect([...new Set(used)].toSorted()).toEqual([...checkWords].toSorted());
});
