/**
 * An upstream's error texts, extensions, status and headers try to reach the caller: a database
 * message, an internal URL, `extensions.http` that would set the gateway's status and cookies.
 */
import { buildSchema, type GraphQLError } from 'graphql';
import { describe, expect, it } from 'vitest';
import { composeSchema } from '../../gateway/delegate/stitch/stitch.ts';
import { createTransport } from '../../gateway/delegate/transport/transport.ts';
import { UpstreamFailure } from '../../gateway/errors.ts';
import { newContext, run, seen, startHttp } from '../support/delegation.ts';
import { toSubgraph } from '../support/staff.ts';

const sdl = buildSchema(
  'type Query { a: A, b: Int } type A { c: Int, colour: Colour } enum Colour { RED }',
);
const marker = 'ORA-00942';

async function ask(answer: { status?: number; headers?: Record<string, string>; body: string }) {
  const upstream = await startHttp((_request, response) => {
    response.writeHead(answer.status ?? 200, {
      'content-type': 'application/json',
      ...answer.headers,
    });
    response.end(answer.body);
  });
  const transport = createTransport(
    { upstream: 'db', url: upstream.url, timeoutMs: 5000, responseBytesMax: 10_000 },
    { now: Date.now },
  );
  const { schema } = composeSchema({ subgraphs: [toSubgraph('db', sdl, transport)] });
  const context = newContext();
  const result = await run(schema, '{ a { c colour } b }', { context });
  await transport.close();
  await upstream.close();
  return { result, record: context.record };
}

/** Everything that hangs on an error, as far as anybody could print it. */
function everythingIn(error: unknown, depth = 0): string {
  if (typeof error !== 'object' || error === null || depth > 6) return String(error);
  const held = Reflect.ownKeys(error).map((key) => [String(key), Reflect.get(error, key)] as const);
  return held
    .filter(([key]) => !['nodes', 'source', 'positions'].includes(key))
    .map(([key, value]) => `${key}=${everythingIn(value, depth + 1)}`)
    .join('\n');
}

const http = {
  status: 418,
  headers: { 'set-cookie': `s=${marker}`, 'access-control-allow-origin': '*' },
};
const cases: { name: string; given: Parameters<typeof ask>[0]; expect: string[] }[] = [
  {
    name: 'messages and extensions of errors',
    given: {
      body: JSON.stringify({
        data: { _v0_a: null, _v1_b: 1 },
        errors: [
          {
            message: marker,
            path: ['_v0_a'],
            extensions: { http, stacktrace: [marker], url: `http://${marker}` },
          },
        ],
        extensions: { http, tracing: marker },
      }),
    },
    expect: ['a: reported an error'],
  },
  {
    name: 'text in an error path',
    given: {
      body: JSON.stringify({
        data: { _v0_a: null, _v1_b: 1 },
        errors: [{ message: 'x', path: [marker, 'a'] }],
      }),
    },
    expect: ['a: reported an error'],
  },
  {
    name: 'values that do not fit',
    given: {
      body: JSON.stringify({ data: { _v0_a: { c: marker, colour: marker }, _v1_b: marker } }),
    },
    expect: ['a.c', 'a.colour', 'b'].map((path) => `${path}: answer does not fit the schema`),
  },
  {
    name: 'an error page',
    given: {
      status: 500,
      headers: { 'content-type': 'text/html', 'x-error': marker },
      body: `<p>${marker}</p>`,
    },
    expect: ['a: status 500', 'b: status 500'],
  },
  {
    name: 'a body that does not parse',
    given: { headers: http.headers, body: `{"data": ${marker}` },
    expect: ['a: answer is not GraphQL', 'b: answer is not GraphQL'],
  },
];

describe('what an upstream says of its errors', () => {
  it.each(cases)('stays inside: $name', async ({ given, expect: wanted }) => {
    const { result, record } = await ask(given);
    expect(seen(result).errors).toEqual(wanted);
    expect(result.extensions).toBeUndefined();
    const told = (result.errors ?? []).map((error: GraphQLError) => everythingIn(error)).join('\n');
    expect(told + JSON.stringify(result) + JSON.stringify(record)).not.toContain(marker);
    for (const error of result.errors ?? []) {
      expect(error.originalError).toBeInstanceOf(UpstreamFailure);
      expect(error.extensions).toEqual({});
    }
  });
});
