/** Limits that need a new start: whoever changes them while the gateway runs is told, and told when they are back. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { serveFiles, smallFiles } from '../support/served.ts';

const file = 'policies/limits/default.yaml';
const withLimits = (limits: string): string => `version: 1\nlimits: { ${limits} }\n`;

test('a limit that is not in force is not taken up in silence', async () => {
  await using gateway = await serveFiles({
    ...smallFiles('http://127.0.0.1:1'),
    [file]: withLimits('inFlightPerCaller: 50'),
  });
  const reloaded = async (limits: string) => {
    await writeFile(join(gateway.directory, file), withLimits(limits));
    await gateway.reload();
    const { kind, level, notes } = gateway.lines.at(-1) ?? {};
    return { kind, level, notes };
  };
  expect(await reloaded('inFlightPerCaller: 5, depth: 9')).toEqual({
    kind: 'policy-reloaded',
    level: 'warning',
    notes: ['limits.inFlightPerCaller: 5 from the next start, 50 until then'],
  });
  // Still so, though these policies have what those before them had.
  expect(await reloaded('inFlightPerCaller: 5, inFlight: 900')).toEqual({
    kind: 'policy-reloaded',
    level: 'warning',
    notes: [
      'limits.inFlight: 900 from the next start, 2000 until then',
      'limits.inFlightPerCaller: 5 from the next start, 50 until then',
    ],
  });
  const back = { kind: 'policy-reloaded', level: undefined, notes: undefined };
  expect(await reloaded('inFlightPerCaller: 50, depth: 8')).toEqual(back);
});
