/** What `serve` writes on its standard output: JSON, a line each, and every line says when. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseCommand } from '../../gateway/cli/command-line.ts';
import { writeFiles } from '../support/config-files.ts';
import { testKeys } from '../support/tokens.ts';
import { peopleWith } from './run-command.ts';

test('a request, a warning and what was loaded all have their time', async () => {
  const ports = 'listen: { port: 0 }\nadmin: { port: 0 }\naudit: { directory: audit }\nupstreams:';
  const directory = await writeFiles({
    ...peopleWith({ 'gateway.yaml': (text) => text.replace('upstreams:', ports) }),
    'keys.json': (await testKeys()).text,
    'policies/network/a.yaml': 'version: 1\nlists: { office: { file: office.txt } }\n',
    'policies/network/office.txt': '192.0.2.0/24\n',
  });
  const stop = new AbortController();
  const url = Promise.withResolvers<string>();
  let stdout = '';
  const ended = parseCommand(['serve', '--config', join(directory, 'gateway.yaml')], {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => url.resolve(/http\S+(?=,)/.exec(text)?.[0] ?? text) },
    env: {},
    stop: stop.signal,
  });
  const answer = await fetch(await url.promise, { method: 'POST' });
  expect(answer.ok).toBe(false);
  stop.abort();
  expect(await ended).toBe(0);
  const lines: { kind: string; time?: string }[] = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(new Set(lines.map(({ kind }) => kind))).toEqual(
    new Set(['audit', 'network-loaded', 'request']),
  );
  for (const { time } of lines) expect(time).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]{12}Z$/);
});
