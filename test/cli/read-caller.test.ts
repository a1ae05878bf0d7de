/** Who `--as` stands for, whatever form it is written in. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isLetIn, readCaller } from '../../gateway/cli/read-caller.ts';
import type { IdentityConfig } from '../../gateway/config.ts';
import { writeFiles } from '../support/config-files.ts';

const nothing = {
  jwt: [],
  introspection: [],
  apiKeys: undefined,
  revoked: undefined,
  dpop: undefined,
} as const;
const issuer = {
  issuer: 'https://idp.example.com',
  audience: ['graph'],
  jwks: 'keys.json',
  algorithms: ['ES256'],
  scopes: 'scope',
  roles: 'realm_access.roles',
  client: 'azp',
  leewayMs: 0,
  may: undefined,
  privateNetwork: false,
} as const;
const identity: IdentityConfig = { ...nothing, anonymous: 'refuse', jwt: [issuer] };
const open: IdentityConfig = { ...nothing, anonymous: 'allow' };

const read = async (as: string | undefined, from: IdentityConfig = identity) => {
  const { kind, scopes, roles, client, subject, claims } = await readCaller(as, from);
  return { kind, scopes: [...scopes], roles: [...roles], client, subject, claims: { ...claims } };
};

const none = { scopes: [], roles: [], client: undefined, subject: undefined, claims: {} };

const cases = [
  {
    name: 'claims through the configured names',
    given: { scope: 'a b', realm_access: { roles: ['r'] }, azp: 'app', sub: 's' },
    expect: { scopes: ['a', 'b'], roles: ['r'], client: 'app', subject: 's' },
  },
  {
    name: 'a case',
    given: { scopes: ['a'], roles: ['r'], claims: { sub: 's', team: 'x' }, client: 'app' },
    expect: {
      scopes: ['a'],
      roles: ['r'],
      client: 'app',
      subject: 's',
      claims: { sub: 's', team: 'x' },
    },
  },
  { name: 'roles of a case alone', given: { roles: ['r'] }, expect: { roles: ['r'], claims: {} } },
  { name: 'claims of a case alone', given: { claims: { a: 1 } }, expect: { claims: { a: 1 } } },
  {
    name: 'a token with a claim that a case has too',
    given: { sub: 's', scope: 'a', scopes: ['b'] },
    expect: { scopes: ['a'], claims: { sub: 's', scope: 'a', scopes: ['b'] } },
  },
  {
    name: 'a word of cases with another form is a claim',
    given: { scope: 'a', client: { id: 1 } },
    expect: { scopes: ['a'], client: undefined },
  },
  { name: 'no claims at all', given: {}, expect: none },
];
test.each(cases)('$name', async ({ given, expect: expected }) => {
  expect(await read(JSON.stringify(given))).toMatchObject({ kind: 'token', ...expected });
});

test('a configured name wins over the word of cases', async () => {
  const renamed: IdentityConfig = { ...identity, jwt: [{ ...issuer, scopes: 'scopes' }] };
  const given = JSON.stringify({ scopes: ['a'], team: 'x' });
  expect(await read(given, renamed)).toMatchObject({
    scopes: ['a'],
    claims: { scopes: ['a'], team: 'x' },
  });
});

test('claims are read as the issuer they name would be, under its ceiling', async () => {
  const partner = {
    ...issuer,
    issuer: 'https://partner.example.com',
    scopes: 'scp',
    may: { scopes: ['hr:*'], roles: [] },
  };
  const both: IdentityConfig = { ...identity, jwt: [issuer, partner] };
  const given = { iss: partner.issuer, scp: ['hr:read', 'payroll:read'], scope: 'root' };
  expect(await read(JSON.stringify(given), both)).toMatchObject({ scopes: ['hr:read'] });
  expect(await read('{"scope":"payroll:read"}', both)).toMatchObject({ scopes: ['payroll:read'] });
});

test('@FILE is read', async () => {
  const directory = await writeFiles({ 'caller.json': '{ "scope": "a" }' });
  expect(await read(`@${join(directory, 'caller.json')}`)).toMatchObject({ scopes: ['a'] });
});

const wrong = [
  { name: 'nothing, where anonymous callers are refused', as: undefined },
  { name: 'no JSON', as: 'hr:read' },
  { name: 'a list', as: '[]' },
  { name: 'a number', as: '1' },
  { name: 'null', as: 'null' },
  { name: 'a file that is not there', as: '@/nowhere/caller.json' },
  { name: 'a case with a claim beside its words', as: '{"scopes":["a"],"team":"x"}' },
  { name: 'a case with scopes as text', as: '{"scopes":"a","client":"app"}' },
];
test.each(wrong)('refused: $name', async ({ as }) => {
  await expect(readCaller(as, identity)).rejects.toThrow(/^--as/);
});

const anonymous = [
  { name: 'by name', as: 'anonymous', identity: open, letIn: true },
  { name: 'by default', as: undefined, identity: open, letIn: true },
  { name: 'by name, where refused', as: 'anonymous', identity, letIn: false },
];
test.each(anonymous)('anonymous $name', async (given) => {
  expect(await read(given.as, given.identity)).toEqual({ kind: 'anonymous', ...none });
  expect(isLetIn(await readCaller(given.as, given.identity), given.identity)).toBe(given.letIn);
});

test('without an issuer the usual claim names are read', async () => {
  const caller = await read('{"scope":"a","roles":["r"],"azp":"app"}', open);
  expect(caller).toMatchObject({ scopes: ['a'], roles: ['r'], client: 'app' });
});
