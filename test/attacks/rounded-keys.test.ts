/**
 * Ids of 64 bits as JSON numbers: past 2^53 they are rounded when they are read, and a rounded id is
 * somebody else's. Neither what a link follows nor what a row says it is may be such a number.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { playUpstream, type Served, serveFiles } from '../support/served.ts';

const own = '9007199254740993';
/** What is read where `own` stands as a number. */
const neighbour = '9007199254740992';

let gateway: Served;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  // Each asks as one would whose numbers are not rounded: `staff` has both, `pay` has `own` alone.
  const staff = await play((body) => {
    const bossOf = (id: string) => `{"_fgKey":"${id}","id":"${id}","name":"${id}"}`;
    if (body.includes('person')) return `{"person":{"id":"1","bossId":${own}}}`;
    if (body.includes('boss(')) {
      return `{"${keyOf(body, 'boss')}":${bossOf(body.includes(own) ? own : neighbour)}}`;
    }
    return `{"people":[{"id":"${neighbour}"}]}`;
  });
  const pay = await play((body) => {
    const row = `{"_fgKey":${own},"id":${own},"salary":"of ${own}"}`;
    return `{"${keyOf(body, 'paid')}":[${row}]}`;
  });
  gateway = await serveFiles({
    'gateway.yaml': `
version: 1
listen: { port: 0 }
admin: { port: 0 }
upstreams:
  staff: { graphql: staff.graphql, url: ${staff} }
  pay: { graphql: pay.graphql, url: ${pay} }
joins:
  Person:
    key: id
    staff: { field: boss, argument: id }
    pay: { field: paid, argument: ids, batch: true }
links:
  Employee.boss: { upstream: staff, field: boss, argument: id, from: bossId }
identity: { anonymous: allow }
`,
    'staff.graphql': `scalar Long
type Query { person: Employee boss(id: ID!): Person people: [Person] }
type Employee { id: ID! bossId: Long }
type Person { id: ID! name: String }
`,
    'pay.graphql': `scalar Long
type Query { paid(ids: [ID!]!): [Person] }
type Person { id: Long! salary: String }
`,
    'policies/access/all.yaml': `version: 1
rules:
  - name: all
    fields: { Query: [person, people], Employee: [id, boss], Person: [id, name, salary] }
    allow: everyone
`,
  });
});
afterAll(async () => {
  await gateway?.close();
  await Promise.all(closing.map((close) => close()));
});

async function play(answer: (body: string) => string): Promise<string> {
  const upstream = await playUpstream((_request, response, body) => {
    response.setHeader('content-type', 'application/json');
    response.end(`{"data":${answer(body)}}`);
  });
  closing.push(upstream.close);
  return upstream.url;
}

/** Under which key of the answer a root field is asked for. */
const keyOf = (body: string, field: string): string =>
  new RegExp(`(\\w+)\\s*:\\s*${field}\\(`).exec(body)?.[1] ?? field;

async function ask(query: string) {
  const answer = await fetch(gateway.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return answer.json();
}

it('a link does not follow a number that was rounded', async () => {
  expect(await ask('{ person { id boss { name } } }')).toMatchObject({
    data: { person: { id: '1', boss: null } },
    errors: [{ path: ['person', 'boss'], extensions: { code: 'UPSTREAM_FAILED' } }],
  });
});

it('a row is not taken for whom its rounded number says', async () => {
  expect(await ask('{ people { id salary } }')).toMatchObject({
    data: { people: [{ id: neighbour, salary: null }] },
    errors: [{ path: ['people', 0, 'salary'], extensions: { code: 'UPSTREAM_FAILED' } }],
  });
});
