/** How well names are told, over some hundred that people have labelled: what is found, and what is found wrongly. */
import { expect, test } from 'vitest';
import { atLeast, judgeName } from '../../gateway/authorize/sensitive-names.ts';
import { labelledNames } from '../cases/labelled-names.ts';

const table = Object.entries(labelledNames).flatMap(([label, names]) =>
  names.split(' ').map((name) => ({ name, label })),
);

/** As `scan` proposes unless told otherwise. */
function told(name: string): string {
  const verdict = judgeName(name);
  return verdict && atLeast(verdict.confidence, 'medium') ? verdict.class : '';
}

test('the table is what it says: hundreds of names, each once, a good part of them harmless', () => {
  expect(table.length).toBeGreaterThan(700);
  expect(new Set(table.map(({ name }) => name)).size).toBe(table.length);
  expect(table.filter(({ label }) => label === '').length).toBeGreaterThan(400);
});

test('precision and recall', () => {
  const found = table.map((one) => ({ ...one, told: told(one.name) }));
  const right = found.filter(({ label, told }) => told !== '' && told === label).length;
  const wrong = found.filter(({ label, told }) => told !== '' && told !== label);
  const missed = found.filter(({ label, told }) => label !== '' && told !== label);
  const precision = right / (right + wrong.length);
  const recall = right / (right + missed.length);
  const said = JSON.stringify({ precision, recall, wrong, missed }, null, 1);
  expect(precision, said).toBeGreaterThan(0.95);
  expect(recall, said).toBeGreaterThan(0.95);
});
