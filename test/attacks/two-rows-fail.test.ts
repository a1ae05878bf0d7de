/**
 * An upstream that reports two failures in one list, one of a row and one of a field of another
 * row: the reference engine's executor gave up the list at the first and left the promise of the
 * other to nobody, which would end the process. An upstream must not be able to do that.
 */
import { describe, expect, it } from 'vitest';
import {
  removeGatewayFiles,
  startGatewayProcess,
  writeGatewayFiles,
} from '../support/gateway-process.ts';
import { playUpstream, smallFiles } from '../support/served.ts';

const hostile = JSON.stringify({
  data: { staff: [0, 1].map((id) => ({ __typename: 'Person', id: `${id}`, name: 'Ada' })) },
  errors: [
    { message: 'a text of the upstream', path: ['staff', 0, 'name'] },
    { message: 'a text of the upstream', path: ['staff', 1] },
  ],
});

describe.each(['compiled', 'reference'])('the %s engine', (engine) => {
  it('answers, and goes on answering', async () => {
    const upstream = await playUpstream((_request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(hostile);
    });
    const files = smallFiles(upstream.url);
    const config = `${files['gateway.yaml']}engine: ${engine}\n`;
    const directory = await writeGatewayFiles({ ...files, 'gateway.yaml': config });
    const gateway = await startGatewayProcess(directory);
    try {
      for (let count = 0; count < 3; count += 1) {
        const response = await fetch(gateway.url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ query: '{ staff { id name } }' }),
        });
        const { data, errors } = await response.json();
        expect({ status: response.status, data }).toEqual({ status: 200, data: { staff: null } });
        expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_FAILED' } }]);
      }
      expect(gateway.printed()).not.toContain('a text of the upstream');
      // Every failure is awaited: none is left to what keeps the process up.
      expect(gateway.printed()).not.toContain('nobody waits for');
      expect(await gateway.end('SIGTERM')).toEqual({ code: 0, signal: null });
    } finally {
      await gateway.end('SIGKILL');
      await upstream.close();
      await removeGatewayFiles(directory);
    }
  });
});
