/**
 * Two callers send the same query at the same moment; only a header tells them apart. A request
 * in flight that is shared by URL and body would give one caller the other's data.
 */
import { buildSchema } from 'graphql';
import { expect, it } from 'vitest';
import { composeSchema } from '../../gateway/delegate/stitch/stitch.ts';
import { createTransport } from '../../gateway/delegate/transport/transport.ts';
import { newCaller, newContext, newRecord, run, seen, startHttp } from '../support/delegation.ts';
import { toSubgraph } from '../support/staff.ts';

const sdl = buildSchema('type Query { me: Me } type Me { ssn: String, tenant: String }');

it('gives each caller the answer to their own headers', async () => {
  const waiting: (() => void)[] = [];
  const upstream = await startHttp(({ headers }, response) => {
    const me = { ssn: `ssn of ${headers['x-user']}`, tenant: headers['x-tenant'] };
    waiting.push(() => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ data: { me } }));
    });
    // All are in flight together before any is answered.
    if (waiting.length === 4) for (const answer of waiting.reverse()) answer();
  });
  const transport = createTransport(
    {
      upstream: 'hr',
      url: upstream.url,
      headers: { 'x-tenant': '{claims.tenant}' },
      forward: ['x-user'],
      timeoutMs: 5000,
      responseBytesMax: 1000,
    },
    { now: Date.now },
  );
  const { schema } = composeSchema({ subgraphs: [toSubgraph('hr', sdl, transport)] });
  const ask = async (user: string, tenant: string) => {
    const context = newContext({
      inboundHeaders: { 'x-user': user },
      record: newRecord(newCaller({ tenant })),
    });
    return seen(await run(schema, '{ me { ssn tenant } }', { context, rootValue: schema })).data;
  };
  const who: [string, string][] = [
    ['alice', 't1'],
    ['bob', 't1'],
    ['alice', 't2'],
    ['bob', 't2'],
  ];
  const answers = await Promise.all(who.map(([user, tenant]) => ask(user, tenant)));
  expect(answers).toEqual(who.map(([user, tenant]) => ({ me: { ssn: `ssn of ${user}`, tenant } })));
  expect(upstream.requests).toHaveLength(4);
  await transport.close();
  await upstream.close();
});

it('does not let one caller’s cancellation take another’s answer', async () => {
  const answers: (() => void)[] = [];
  const upstream = await startHttp((_request, response) => {
    answers.push(() => {
      response.setHeader('content-type', 'application/json');
      response.end('{"data":{"me":{"ssn":"1"}}}');
    });
    if (answers.length < 2) return;
    controller.abort();
    for (const answer of answers) answer();
  });
  const controller = new AbortController();
  const transport = createTransport(
    { upstream: 'hr', url: upstream.url, timeoutMs: 5000, responseBytesMax: 1000 },
    { now: Date.now },
  );
  const { schema } = composeSchema({ subgraphs: [toSubgraph('hr', sdl, transport)] });
  const [gone, staying] = await Promise.all(
    [newContext({ signal: controller.signal }), newContext()].map((context) =>
      run(schema, '{ me { ssn } }', { context }).then(seen),
    ),
  );
  expect(gone).toEqual({ data: { me: null }, errors: ['me: cancelled'] });
  expect(staying).toEqual({ data: { me: { ssn: '1' } }, errors: [] });
  await transport.close();
  await upstream.close();
});
