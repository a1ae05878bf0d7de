/**
 * Data under a status that is none of success: in plain JSON it may be the word of whatever stands
 * before the service (GraphQL over HTTP, 6.4.1), and no value to show or to judge a write by.
 */
import { expect, it, onTestFinished } from 'vitest';
import { playUpstream, serveFiles, smallFiles } from '../support/served.ts';

const graphql = 'application/graphql-response+json';
const cases: { status: number; type: string; told: unknown }[] = [
  { status: 200, type: 'application/json', told: 'Ada' },
  { status: 203, type: 'application/json', told: 'Ada' },
  { status: 404, type: 'application/json', told: 'UPSTREAM_FAILED' },
  { status: 500, type: 'application/json', told: 'UPSTREAM_FAILED' },
  { status: 503, type: 'application/json; charset=utf-8', told: 'UPSTREAM_FAILED' },
  { status: 400, type: graphql, told: 'Ada' },
];

it.each(cases)('$status as $type', async ({ status, type, told }) => {
  const upstream = await playUpstream((_request, response) => {
    response.writeHead(status, { 'content-type': type });
    response.end('{"data":{"person":{"name":"Ada"}}}');
  });
  onTestFinished(() => upstream.close());
  await using gateway = await serveFiles(smallFiles(upstream.url));
  const answer = await fetch(gateway.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"query":"{ person(id: 1) { name } }"}',
  });
  const { data, errors } = (await answer.json()) as {
    data: { person: { name: string } | null };
    errors?: { extensions: { code: string } }[];
  };
  expect(errors?.[0]?.extensions.code ?? data.person?.name).toBe(told);
});
