/** What a plan hangs on takes its part of the cache: rows, pins, and what is read before a write. */
import { expect, it } from 'vitest';
import { bytesOf } from '../../gateway/authorize/operation/plan-bytes.ts';
import { accepted, callerWith, planning } from './policy-rig.ts';

const sdl = `
  type Query { box(id: ID, of: ID): Box }
  type Mutation { change(id: ID): Box }
  type Box { id: ID name: String }
`;
const caller = callerWith({ claims: { sub: 'a' } });

async function bytes(query: string, given: { box?: string; change?: string; name?: string }) {
  const { box = '', change = '', name = '' } = given;
  const { plan } = planning(
    sdl,
    `  - { name: box, fields: { Query: [box] }, allow: everyone${box} }
  - { name: change, fields: { Mutation: [change] }, allow: ${change || 'everyone'} }
  - { name: id, fields: { Box: [id] }, allow: everyone }
  - { name: name, fields: { Box: [name] }, allow: ${name || 'everyone'} }
`,
  );
  return bytesOf(accepted(await plan({ query, caller })));
}

const cases = [
  {
    name: 'a field that its object decides',
    query: '{ box { name } }',
    given: { name: '{ when: object.id == claims.sub }' },
    least: 1_800,
  },
  {
    name: 'a pinned argument',
    query: '{ box { id } }',
    given: { box: ', pin: { "Query.box(of:)": claims.sub }' },
    least: 900,
  },
  {
    name: 'a write that an object decides',
    query: 'mutation { change(id: "1") { id } }',
    given: { change: '{ when: object.id == claims.sub }, object: "Query.box(id: args.id)"' },
    least: 5_000,
  },
];

it.each(cases)('$name', async ({ query, given, least }) => {
  expect((await bytes(query, given)) - (await bytes(query, {}))).toBeGreaterThanOrEqual(least);
});
