/** Plain connections share the block that they read into: no answer may hold bytes of another. */
import { expect, it, onTestFinished } from 'vitest';
import { createTransport } from '../../gateway/delegate/transport/transport.ts';
import { newContext, startHttp } from '../support/delegation.ts';

/** Past what one read takes, and what a stream holds; different at every place, and for each call. */
const bodyOf = (call: string): string =>
  JSON.stringify(Array.from({ length: 60_000 }, (_, index) => `é ${call} ${index}`));

it.each([1, 8, 24])(
  'answers of %i calls at once are each their own, to the last byte',
  async (count) => {
    const upstream = await startHttp((request, response) => {
      response.setHeader('content-type', 'application/json');
      // At once, so that many reads are made before any of them is looked at.
      response.end(bodyOf(request.url ?? ''));
    });
    onTestFinished(() => upstream.close());
    const transport = createTransport(
      { upstream: 'up', url: upstream.url, timeoutMs: 20_000, responseBytesMax: 10_000_000 },
      { now: Date.now },
    );
    onTestFinished(() => transport.close());
    const calls = Array.from({ length: count }, (_, at) => `/call-${at}`);
    const answers = await Promise.all(
      calls.map((path) => transport.send({ method: 'GET', path, label: 'GET' }, newContext())),
    );
    for (const [at, { body }] of answers.entries())
      expect(body === bodyOf(calls[at] ?? '')).toBe(true);
  },
);
