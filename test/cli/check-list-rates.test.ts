/** `check`: a rate by an argument that holds a list bounds no entry of it. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { peopleWith, runCommand } from './run-command.ts';

const rates = (per: string): string =>
  `version: 1\nrates:\n  - { name: pairs, fields: { Query: [accounts] }, per: ${per}, limit: 5, window: 1m }\n`;

async function found(per: string) {
  const files = { ...peopleWith({}), 'policies/rates/a.yaml': rates(per) };
  const { stdout, directory } = await runCommand(['check', '--json'], files);
  const file = join(directory, 'policies/rates/a.yaml');
  return { listRates: JSON.parse(stdout).listRates, file, files };
}

test.each(['args.ibans', '[caller, args.ibans]', 'args.filter.any'])('per: %s', async (per) => {
  const { listRates, file } = await found(per);
  const argument = per.includes('filter') ? 'filter.any' : 'ibans';
  expect(listRates).toEqual([
    { rate: 'pairs', file, line: 3, argument, coordinates: ['Query.accounts'] },
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
});
