/** The stand-in accounts service over a real socket: who is signed in, and what its log shows. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type RunningAccounts, startAccounts } from '../../subgraphs/accounts/server.ts';

let accounts: RunningAccounts;
let lines: string[] = [];

beforeAll(async () => {
  accounts = await startAccounts({ port: 0, host: '127.0.0.1', log: (line) => lines.push(line) });
});
beforeEach(() => {
  lines = [];
});
afterAll(() => accounts.close());

async function post(body: string, path = '/sign-in', authorization = 'Bearer demo') {
  const headers = { 'content-type': 'application/json', authorization };
  const response = await fetch(accounts.url + path, { method: 'POST', headers, body });
  return { status: response.status, body: await response.json() };
}

const email = 'ada@example.test';
const password = 'correct horse battery staple';

test('the right password gets a new session each time', async () => {
  const body = JSON.stringify({ email, password });
  const [one, other] = [await post(body), await post(body)];
  expect(one).toMatchObject({ status: 200, body: { displayName: 'Ada' } });
  expect(one.body).not.toEqual(other.body);
  expect(lines).toEqual(['POST /sign-in', 'POST /sign-in']);
});

const cases = [
  { name: 'a wrong password', given: { email, password: 'x' }, expect: 401 },
  { name: "another's password", given: { email: 'bo@example.test', password }, expect: 401 },
  { name: 'nobody', given: { email: 'no@example.test', password }, expect: 401 },
  { name: 'no password', given: { email }, expect: 400 },
  { name: 'an empty password', given: { email, password: '' }, expect: 400 },
  { name: 'a list', given: { email, password: [password] }, expect: 400 },
  { name: 'something more', given: { email, password, admin: true }, expect: 400 },
  { name: 'a long password', given: { email, password: 'x'.repeat(201) }, expect: 400 },
];
test.each(cases)('refuses $name', async ({ given, expect: status }) => {
  expect((await post(JSON.stringify(given))).status).toBe(status);
});

test('says the same of a wrong password and of nobody', async () => {
  const wrong = await post(JSON.stringify({ email, password: 'x' }));
  expect(await post(JSON.stringify({ email: 'no@example.test', password: 'x' }))).toEqual(wrong);
});

const requests = [
  { name: 'a body that is no JSON', given: ['{'], expect: 400 },
  {
    name: 'a body of 5 KB',
    given: [JSON.stringify({ email, password: 'x'.repeat(5_000) })],
    expect: 400,
  },
  { name: 'another path', given: ['{}', '/'], expect: 404 },
  { name: 'other credentials', given: ['{}', '/sign-in', 'Bearer x'], expect: 401 },
] as const;
test.each(requests)(
  'refuses $name',
  async ({ given: [body, path, authorization], expect: status }) => {
    expect((await post(body, path, authorization)).status).toBe(status);
  },
);
