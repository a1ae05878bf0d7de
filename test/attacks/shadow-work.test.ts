/**
 * What a caller can make rules in shadow mode work: an operation over many types, which is planned anew for
 * each of them. Together they plan as much as one operation may be, and say which were left out.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RequestRecord } from '../../gateway/request.ts';
import { type TestGateway, testGateway } from '../support/gateway.ts';
import { played } from './obvious.ts';

const types = Array.from({ length: 20 }, (_, index) => `T${index}`);
const names = Array.from({ length: 40 }, (_, index) => `f${index}`);
const fields = names.map((name) => `${name}: String`).join(' ');
const sdl = `
  type Query { any: Node one: T0 }
  interface Node { ${fields} n: Node }
  ${types.map((type) => `type ${type} implements Node { ${fields} n: Node }`).join('\n')}
`;
const written = names.slice(0, 20).map((name, index) => {
  const covered = types.map((type) => `${type}: [${name}]`).join(', ');
  return `  - { name: t${index}, fields: { ${covered} }, require: { scopes: [s] }, shadow: { until: 2999-12-31 } }`;
});
const rules = `
version: 1
rules:
  - { name: all, fields: { Query: ["*"], Node: ["*"], ${types.map((type) => `${type}: ["*"]`).join(', ')} }, allow: everyone }
${written.join('\n')}
`;
const node = { __typename: 'T0', f0: 'x' };

let gateway: TestGateway;
beforeAll(async () => {
  const answer = { any: { ...node, n: node }, one: node };
  gateway = await testGateway({ upstreams: { hr: played(sdl, answer) }, rules });
});
afterAll(() => gateway.close());

async function shadowsOf(query: string): Promise<RequestRecord['shadows']> {
  const { status } = await gateway.query(query);
  expect(status).toBe(200);
  return gateway.records.at(-1)?.shadows;
}

it('an operation of usual size is planned for each', async () => {
  const shadows = await shadowsOf(`{ one { ${names.join(' ')} } any { f0 f1 } }`);
  expect(shadows?.map(({ effect }) => effect)).toEqual(written.map(() => 'refuse'));
});

it('of the largest, what was not worked out is said, and each time alike', async () => {
  const all = names.join(' ');
  const large = `{ any { ${all} n { ${all} } } }`;
  for (let turn = 0; turn < 3; turn += 1) {
    const shadows = await shadowsOf(large);
    expect(shadows?.map(({ rule }) => rule)).toEqual(written.map((_, index) => `t${index}`));
    expect(shadows?.map(({ effect }) => effect)).toEqual([
      'refuse',
      ...written.slice(1).map(() => 'unknown'),
    ]);
  }
});
