/** Whatever engine the tests are to run with, they do: in memory and on sockets. */
import { expect, test } from 'vitest';
import { testGateway } from '../support/gateway.ts';
import { playUpstream, serveFiles, smallFiles } from '../support/served.ts';
import { testEngine } from '../support/test-engine.ts';

test('in memory', async () => {
  const sdl = 'type Query { a: String }';
  const gateway = await testGateway({
    upstreams: { one: { sdl, answer: () => ({ data: { a: 'x' } }) } },
    rules: '{ version: 1, rules: [{ name: a, fields: { Query: [a] }, allow: everyone }] }',
  });
  expect((await gateway.query('{ a }')).body).toEqual({ data: { a: 'x' } });
  expect(gateway.records.map(({ engine }) => engine)).toEqual([testEngine]);
  await gateway.close();
});

test('on sockets', async () => {
  const asked: string[] = [];
  const upstream = await playUpstream((_request, response, body) => {
    asked.push(JSON.parse(body).query);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ data: { staff: [] } }));
  });
  await using gateway = await serveFiles(smallFiles(upstream.url));
  await fetch(gateway.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ staff { id } }' }),
  });
  // Printed by graphql-js, over several lines, or written by the compiler.
  expect(asked.map((text) => text.includes('\n'))).toEqual([testEngine === 'reference']);
  await upstream.close();
});
