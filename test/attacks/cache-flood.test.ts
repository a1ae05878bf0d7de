/**
 * Whoever sends documents that nobody sends twice must not push out what others rely on: a caller's
 * own rates allow them hundreds a minute, and each may be as large as the limits let it.
 */
import { expect, test } from 'vitest';
import { decide } from '../../gateway/authorize/decide.ts';
import { testGateway } from '../support/gateway.ts';
import { played } from './obvious.ts';

const upstreams = {
  hr: played('type Query { me: Employee } type Employee { id: ID! name: String }', {
    me: { id: '1', name: 'Ada' },
  }),
};
const rules = `
version: 1
rules:
  - { name: open, fields: { Query: [me], Employee: [id, name] }, allow: everyone }
`;
const large = 450;

test('a flood of documents that come once pushes no plan out', async () => {
  let decided = 0;
  const gateway = await testGateway({
    upstreams,
    rules,
    limits: {
      tokens: 20_000,
      aliases: 10_000,
      fields: 10_000,
      cost: 1_000_000,
      bodyBytes: 1_000_000,
    },
    decide: (...about) => {
      decided += 1;
      return decide(...about);
    },
  });
  const decisionsOf = async (query: string): Promise<number> => {
    const before = decided;
    const { status, text } = await gateway.query(query);
    expect([status, text.slice(0, 200)]).toEqual([200, expect.stringContaining('"data"')]);
    return decided - before;
  };
  const relied = '{ me { id name } }';
  for (let warm = 0; warm < 3; warm += 1) await decisionsOf(relied);
  expect(await decisionsOf(relied)).toBe(0);
  // By weight more than the cache of documents holds.
  for (let sent = 0; sent < 80; sent += 1) {
    const fields = Array.from({ length: large }, (_, at) => `a${sent}_${at}: name`);
    expect(await decisionsOf(`{ me { ${fields.join(' ')} } }`)).toBeGreaterThan(0);
  }
  expect(await decisionsOf(relied)).toBe(0);
  await gateway.close();
}, 60_000);
