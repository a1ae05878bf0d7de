/**
 * What a caller sent as variables, and what upstreams answered, must not stay in memory: a cache
 * that holds it could give it to somebody else. A heap snapshot of the process is searched after
 * requests with secrets, and some without. What is cached on purpose is found: documents with their
 * literals.
 */
import { open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import {
  removeGatewayFiles,
  startGatewayProcess,
  writeGatewayFiles,
} from '../support/gateway-process.ts';
import { playUpstream, smallFiles } from '../support/served.ts';

const literal = 'literal-5d1f0c77';
const secrets = (count: number) => ({
  variable: `variable-77aa01-${count}-`,
  unused: `unused-12bc9f-${count}-`,
  data: `data-9e8d7c-${count}-`,
  unasked: `unasked-40fe21-${count}-`,
  error: `error-62d0e4-${count}-`,
  header: `header-1b93aa-${count}-`,
});
const kinds = Object.values(secrets(0)).map((text) => text.slice(0, text.indexOf('-') + 7));

/** Everything reachable is in it, and nothing else: it is written after a collection. */
async function snapshotOf(pid: number, directory: string): Promise<string> {
  process.kill(pid, 'SIGWINCH');
  for (;;) {
    const [name] = (await readdir(directory)).filter((one) => one.endsWith('.heapsnapshot'));
    if (name !== undefined && (await isWhole(join(directory, name)))) {
      const text = await readFile(join(directory, name), 'utf8');
      // The texts are its last part.
      if (text.includes('"strings":[')) return text;
    }
    await wait(50);
  }
}

/** Asked of its end alone: the whole of it is large, and takes a while to be written. */
async function isWhole(file: string): Promise<boolean> {
  await using handle = await open(file);
  const { size } = await handle.stat();
  const { buffer, bytesRead } = await handle.read({
    buffer: Buffer.alloc(4),
    position: Math.max(0, size - 4),
  });
  return buffer.toString('utf8', 0, bytesRead).trimEnd().endsWith(']}');
}

it.each(['compiled', 'reference'])(
  'the %s engine keeps nothing of a request',
  async (engine) => {
    let asked = 0;
    const upstream = await playUpstream((_request, response, body) => {
      asked += 1;
      const { variable: _, data, unasked, error } = secrets(asked);
      const isQuiet = body.includes('quiet');
      const value = isQuiet ? 'quiet' : `${data} of the upstream`;
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({
          data: { person: { __typename: 'Person', id: '1', name: value, ssn: unasked } },
          ...(!isQuiet && { errors: [{ message: error, path: ['person', 'nowhere'] }] }),
        }),
      );
    });
    const files = smallFiles(upstream.url);
    const directory = await writeGatewayFiles({
      ...files,
      'gateway.yaml': `${files['gateway.yaml']}engine: ${engine}\n`,
    });
    const gateway = await startGatewayProcess(directory, [
      '--heapsnapshot-signal=SIGWINCH',
      `--diagnostic-dir=${directory}`,
    ]);
    try {
      const send = async (query: string, variables: object, header: string): Promise<string> => {
        const response = await fetch(gateway.url, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-note': header },
          body: JSON.stringify({ query, variables }),
        });
        return response.text();
      };
      for (let count = 1; count <= 20; count += 1) {
        const { variable, unused, header } = secrets(count);
        await send(
          'query ($id: ID!) { person(id: $id) { name } }',
          { id: variable, unused },
          header,
        );
        await send(`{ person(id: "${literal}") { id name } }`, {}, header);
      }
      for (let count = 0; count < 20; count += 1) {
        await send('query ($id: ID!) { person(id: $id) { name } }', { id: 'quiet' }, 'quiet');
      }
      const heap = await snapshotOf(gateway.pid, directory);
      expect(heap).toContain(literal);
      for (const kind of kinds) expect(heap.includes(kind), kind).toBe(false);
    } finally {
      await gateway.end('SIGKILL');
      await upstream.close();
      await removeGatewayFiles(directory);
    }
  },
  120_000,
);
