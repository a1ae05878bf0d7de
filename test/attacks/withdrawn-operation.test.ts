/**
 * An operation that is taken out of the manifest of trusted documents must not run any longer, also
 * where no policy beside it changes: whoever withdraws one does it for a reason.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { playUpstream, serveFiles, smallFiles } from '../support/served.ts';

const kept = '{ staff { id } }';
const withdrawn = '{ staff { name } }';
const limits = 'version: 1\ndocuments: trusted\nmanifest: ../../allowed.json\n';

test('an operation that was taken out of the manifest is refused', async () => {
  const upstream = await playUpstream((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end('{ "data": { "staff": [{ "id": "1", "name": "Ada" }] } }');
  });
  const gateway = await serveFiles({
    ...smallFiles(upstream.url),
    'policies/limits/default.yaml': limits,
    'allowed.json': JSON.stringify({ kept, withdrawn }),
  });
  const send = async (query: string): Promise<number> => {
    const answer = await fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ query }),
    });
    const { data } = (await answer.json()) as { data?: { staff: object[] } };
    return data?.staff.length ?? 0;
  };
  try {
    expect([await send(kept), await send(withdrawn)]).toEqual([1, 1]);
    await writeFile(join(gateway.directory, 'allowed.json'), JSON.stringify({ kept }));
    await gateway.reload();
    expect([await send(kept), await send(withdrawn)]).toEqual([1, 0]);
  } finally {
    await gateway[Symbol.asyncDispose]();
    await upstream.close();
  }
});
