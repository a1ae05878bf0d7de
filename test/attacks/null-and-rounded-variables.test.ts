/** Variables that only fail when the operation already runs, or that reach an upstream as something else. */
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import type { RequestRecord } from '../../gateway/request.ts';
import { toLogLine } from '../../gateway/watch/log-line.ts';
import { testGateway } from '../support/gateway.ts';
import { played } from './obvious.ts';

const sdl = `
scalar Long
type Query { one(id: ID, ssn: String): E far(at: Float): E }
type Mutation { drop(id: ID!): E  pay(id: ID!): E  close(number: Long!): E  up(id: ID!, input: In!): E }
input In { name: String numbers: [Long!] role: String = "user" }
type E { id: ID! }
`;
const row = { __typename: 'E', id: '1' };
const open = () =>
  testGateway({
    upstreams: {
      hr: played(sdl, { one: row, far: row, drop: row, pay: row, close: row, up: row }),
    },
    rules: `
version: 1
rules:
  - { name: a, fields: { Query: [one, far], Mutation: [drop, pay, close, up], In: [name, numbers], E: [id] }, allow: everyone }
`,
  });
it('null where a default stands is no 500 in introspection', async () => {
  const g = await open();
  const a = await g.query('query($n: String = "E") { __type(name: $n) { name } }', {
    variables: { n: null },
  });
  expect(a.status).not.toBe(500);
});
it('an argument that cannot be is refused before its neighbour has run', async () => {
  const g = await open();
  await g.query('mutation($n: ID = "1") { drop(id: "7") { id } pay(id: $n) { id } }', {
    variables: { n: null },
  });
  expect(g.requests).toEqual([]);
});
it('a closed input field is not written by its default', async () => {
  const g = await open();
  await g.query('mutation { up(id: 1, input: { name: "x" }) { id } }');
  expect(JSON.stringify(g.requests)).not.toContain('role');
});
it('a number that JSON cannot hold is no other row’s id', async () => {
  const g = await open();
  await g.send({
    headers: { 'content-type': 'application/json' },
    body: (async function* () {
      yield new TextEncoder().encode(
        '{"query":"mutation($i: ID!) { drop(id: $i) { id } }","variables":{"i":9007199254740993}}',
      );
    })(),
  });
  expect(JSON.stringify(g.requests)).not.toContain('9007199254740992');
});
it.each([
  { name: 'one', query: 'mutation($i: Long!) { close(number: $i) { id } }', i: '9007199254740993' },
  {
    name: 'one with a default',
    query: 'mutation($i: Long! = 1) { close(number: $i) { id } }',
    i: '9007199254740993',
  },
  {
    name: 'one in an input',
    query: 'mutation($i: In!) { up(id: 1, input: $i) { id } }',
    i: '{"numbers":[1,-9007199254740993]}',
  },
  {
    name: 'one in a list',
    query: 'mutation($i: [Long!]) { up(id: 1, input: { numbers: $i }) { id } }',
    i: '[9007199254740993]',
  },
])('a number that JSON cannot hold is no other account either: $name', async ({ query, i }) => {
  const g = await open();
  const send = (value: string) =>
    g.send({
      headers: { 'content-type': 'application/json' },
      body: (async function* () {
        yield new TextEncoder().encode(
          `{"query":${JSON.stringify(query)},"variables":{"i":${value}}}`,
        );
      })(),
    });
  expect((await send(i)).body.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  expect(g.requests).toEqual([]);
  await send(i.replaceAll('9007199254740993', '9007199254740991'));
  expect(JSON.stringify(g.requests)).toContain('9007199254740991');
  g.requests.length = 0;
  await send(i.replaceAll(/-?9007199254740993/g, '"9007199254740993"'));
  expect(JSON.stringify(g.requests)).toContain('9007199254740993');
});
it('a number that may be as large as it likes goes on', async () => {
  const g = await open();
  await g.query('query($at: Float) { far(at: $at) { id } }', { variables: { at: 1e300 } });
  expect(JSON.stringify(g.requests)).toContain('1e+300');
});
it('a log line is no oracle for a literal', async () => {
  const g = await open();
  const text = '{ one(ssn: "900-11-1111") { id } }';
  await g.query(text);
  expect(toLogLine(g.records[0] as RequestRecord)).not.toContain(
    createHash('sha256').update(text).digest('hex'),
  );
});
