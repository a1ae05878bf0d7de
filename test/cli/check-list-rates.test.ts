/** `check`: a rate by an argument that holds a list or an object bounds nothing that is in it. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { peopleWith, runCommand } from './run-command.ts';

const rates = (per: string): string =>
  `version: 1\nrates:\n  - { name: pairs, fields: { Query: [accounts] }, per: ${per}, limit: 5, window: 1m }\n`;

async function found(per: string) {
  const withMore = (text: string) =>
    `${text.replace('ibans: [String!])', 'ibans: [String!], more: JSON)')}scalar JSON\n`;
  const files = { ...peopleWith({ 'pay.graphql': withMore }), 'policies/rates/a.yaml': rates(per) };
  const { stdout, directory } = await runCommand(['check', '--json'], files);
  const file = join(directory, 'policies/rates/a.yaml');
  return { listRates: JSON.parse(stdout).listRates, file, files };
}

test.each([
  { per: 'args.ibans', argument: 'ibans', holds: 'list' },
  { per: '[caller, args.ibans]', argument: 'ibans', holds: 'list' },
  { per: 'args.filter.any', argument: 'filter.any', holds: 'list' },
  { per: 'args.filter', argument: 'filter', holds: 'object' },
  { per: 'args.more', argument: 'more', holds: 'structure' },
  { per: 'args.more.email', argument: 'more.email', holds: 'structure' },
])('per: $per', async ({ per, argument, holds }) => {
  const { listRates, file } = await found(per);
  expect(listRates).toEqual([
    { rate: 'pairs', file, line: 3, argument, holds, coordinates: ['Query.accounts'] },
  ]);
});

test.each(['args.orderBy', 'args.filter.note', 'caller'])('not per: %s', async (per) => {
  expect((await found(per)).listRates).toEqual([]);
});

test('for people', async () => {
  const { files } = await found('args.ibans');
  const { stdout } = await runCommand(['check'], files);
  expect(stdout).toMatch(
    /^list-rate +pairs \(\S+a\.yaml:3\): ibans of Query\.accounts is a list, /m,
  );
  const other = await runCommand(['check'], (await found('args.filter')).files);
  expect(other.stdout).toMatch(/: filter of Query\.accounts is an object, /);
  expect(other.stdout).toMatch(/, 1 rates by lists or objects, /);
});
