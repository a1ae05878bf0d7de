/**
 * Several issuers: a token of one must not pass as another's, whatever it says, and no issuer may
 * say more than its ceiling lets it. Also what two readers of one token would read differently.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Condition } from '../../gateway/conditions/condition.ts';
import { compileCriterion } from '../../gateway/conditions/criterion.ts';
import { Refusal } from '../../gateway/decision.ts';
import { createIdentify } from '../../gateway/identify/caller.ts';
import type { JwtConfig } from '../../gateway/identify/jwt-config.ts';
import { toCaller } from '../../gateway/identify/to-caller.ts';
import type { Caller } from '../../gateway/request.ts';
import {
  createSigningKey,
  type Issuer,
  type SigningKey,
  signTexts,
  signToken,
  startIssuer,
  startMs,
  toVerdict,
} from '../identify/loopback-issuer.ts';

const own = 'https://own.example';
const partner = 'https://partner.example';
/** The same `kid` at both: a key is nobody's by its name. */
let keys: Record<'own' | 'partner', SigningKey>;
let issuers: Record<'own' | 'partner', Issuer>;
let step: ReturnType<typeof createIdentify>;

beforeAll(async () => {
  const [first, second] = await Promise.all([
    createSigningKey('k1', 'RS256'),
    createSigningKey('k1', 'RS256'),
  ]);
  keys = { own: first, partner: second };
  issuers = {
    own: await startIssuer([first.jwk]),
    partner: await startIssuer([second.jwk]),
  };
  const common = {
    algorithms: ['RS256'],
    scopes: 'scope',
    roles: 'realm_access.roles',
    client: 'azp',
    leewayMs: 0,
  };
  const jwt: JwtConfig[] = [
    { ...common, issuer: own, audience: 'graph', jwks: issuers.own.url },
    {
      ...common,
      issuer: partner,
      audience: 'partners',
      jwks: issuers.partner.url,
      may: { scopes: ['hr:*', 'directory'], roles: ['guest'] },
    },
  ];
  step = createIdentify({ jwt, anonymous: 'allow', now: () => startMs });
});
afterAll(async () => {
  await step.close();
  await Promise.all([issuers.own.close(), issuers.partner.close()]);
});

const use = (token: string): Promise<Caller | Refusal> | Caller | Refusal =>
  step.identify({ raw: ['Authorization', `Bearer ${token}`] });

const mine = { iss: own, aud: 'graph' };
const theirs = { iss: partner, aud: 'partners' };

const mixUps = [
  { name: 'control: own', key: 'own', claims: mine, expect: 'caller' },
  { name: 'control: partner', key: 'partner', claims: theirs, expect: 'caller' },
  {
    name: 'the partner signs as us',
    key: 'partner',
    claims: mine,
    expect: 'identify/token-signature',
  },
  {
    name: 'we sign as the partner',
    key: 'own',
    claims: theirs,
    expect: 'identify/token-signature',
  },
  {
    name: 'the partner signs for our audience',
    key: 'partner',
    claims: { ...theirs, aud: 'graph' },
    expect: 'identify/token-claims',
  },
  {
    name: 'an issuer nobody configured',
    key: 'partner',
    claims: { ...theirs, iss: 'https://third.example' },
    expect: 'identify/token-claims',
  },
  {
    name: 'an issuer in another spelling',
    key: 'own',
    claims: { ...mine, iss: `${own}/` },
    expect: 'identify/token-claims',
  },
  {
    name: 'an issuer named like a property',
    key: 'own',
    claims: { ...mine, iss: '__proto__' },
    expect: 'identify/token-claims',
  },
] as const;

describe('issuer mix-up', () => {
  test.each(mixUps)('$name', async ({ key, claims, expect: expected }) => {
    const token = await signToken({ key: keys[key], claims });
    // Twice: the second look-up is the cache's.
    expect(toVerdict(await use(token))).toBe(expected);
    expect(toVerdict(await use(token))).toBe(expected);
  });

  test('one subject at two issuers is two callers', async () => {
    const callers = await Promise.all([
      use(await signToken({ key: keys.own, claims: { ...mine, sub: 'ada' } })),
      use(await signToken({ key: keys.partner, claims: { ...theirs, sub: 'ada' } })),
    ]);
    const names = callers.map((one) => (one instanceof Refusal ? one.reason : one.issuer));
    expect(names).toEqual([own, partner]);
  });

  test('the same issuer twice is refused', () => {
    const one: JwtConfig = {
      issuer: own,
      audience: 'a',
      jwks: 'k.json',
      algorithms: ['RS256'],
      scopes: 'scope',
      roles: 'roles',
      client: 'azp',
      leewayMs: 0,
    };
    const jwt = [one, { ...one, audience: 'b' }];
    expect(() => createIdentify({ jwt, anonymous: 'refuse', now: () => 0 })).toThrow(TypeError);
  });
});

const ceilings: {
  name: string;
  given: Record<string, unknown>;
  expect: { scopes: string[]; roles?: string[]; claim?: unknown; dropped?: unknown };
}[] = [
  {
    name: 'what is under it stays',
    given: { scope: 'hr:read hr:ssn:read directory' },
    expect: {
      scopes: ['hr:read', 'hr:ssn:read', 'directory'],
      claim: 'hr:read hr:ssn:read directory',
    },
  },
  {
    name: 'what is above it goes, from the claims too',
    given: { scope: 'hr:read payroll:read hr' },
    expect: {
      scopes: ['hr:read'],
      claim: 'hr:read',
      dropped: { scopes: ['payroll:read', 'hr'], roles: [] },
    },
  },
  {
    name: 'a list',
    given: { scope: ['payroll:read', 'directory'] },
    expect: {
      scopes: ['directory'],
      claim: ['directory'],
      dropped: { scopes: ['payroll:read'], roles: [] },
    },
  },
  {
    name: 'other letters are other scopes',
    given: { scope: 'HR:read Directory' },
    expect: { scopes: [] },
  },
  { name: 'the pattern itself', given: { scope: '*' }, expect: { scopes: [] } },
  {
    name: 'roles along a path',
    given: { scope: '', realm_access: { roles: ['admin', 'guest'], other: 1 } },
    expect: { scopes: [], roles: ['guest'], dropped: { scopes: [], roles: ['admin'] } },
  },
  {
    name: 'one role as text',
    given: { scope: '', realm_access: { roles: 'admin' } },
    expect: { scopes: [], roles: [] },
  },
  {
    name: 'roles under the literal name of the path',
    given: { scope: '', 'realm_access.roles': ['admin'] },
    expect: { scopes: [], roles: [] },
  },
  {
    name: 'roles in both places: the one that goes does not uncover the other',
    given: { scope: '', 'realm_access.roles': ['admin'], realm_access: { roles: ['admin'] } },
    expect: { scopes: [], roles: [], dropped: { scopes: [], roles: ['admin'] } },
  },
  {
    name: 'roles in both places: the one that is read does not hide the other from headers',
    given: {
      scope: '',
      'realm_access.roles': ['guest'],
      realm_access: { roles: 'admin' },
    },
    expect: { scopes: [], roles: ['guest'], dropped: { scopes: [], roles: ['admin'] } },
  },
];

describe('a ceiling', () => {
  test.each(ceilings)('$name', async ({ given, expect: expected }) => {
    const caller = await use(
      await signToken({ key: keys.partner, claims: { ...theirs, ...given } }),
    );
    if (caller instanceof Refusal) throw new Error(caller.reason);
    expect([...caller.scopes]).toEqual(expected.scopes);
    expect([...caller.roles]).toEqual(expected.roles ?? []);
    if ('claim' in expected) expect(caller.claims.scope).toEqual(expected.claim);
    if ('dropped' in expected) expect(caller.dropped).toEqual(expected.dropped);
    expect(JSON.stringify(caller.claims)).not.toMatch(/payroll|admin/);
  });

  test('scopes whose claim has dots in its name are nowhere else either', async () => {
    const claims = { 'acme.scopes': 'hr:read payroll:read', acme: { scopes: ['payroll:read'] } };
    const config = {
      issuer: partner,
      scopes: 'acme.scopes',
      roles: 'roles',
      client: 'azp',
      may: { scopes: ['hr:*'], roles: [] },
    };
    for (const given of [claims, { acme: claims.acme }]) {
      const caller = toCaller({ claims: given, expiresAt: undefined, credentialHash: 'x' }, config);
      expect(JSON.stringify(caller.claims)).not.toContain('payroll');
      expect(caller.dropped?.scopes).toEqual(['payroll:read']);
    }
  });

  test('is not one of clients: an issuer names the clients of another, but not the other', async () => {
    const forged = { ...theirs, azp: 'payroll-app', department: 'hr' };
    const caller = await use(await signToken({ key: keys.partner, claims: forged }));
    if (caller instanceof Refusal) throw new Error(caller.reason);
    const holds = (condition: Condition): boolean => compileCriterion(condition)(caller);
    const issuedBy = (issuer: string): Condition => ({
      kind: 'claims',
      claim: 'iss',
      values: [issuer],
    });
    expect(holds({ kind: 'clients', clients: ['payroll-app'] })).toBe(true);
    expect([holds(issuedBy(own)), holds(issuedBy(partner))]).toEqual([false, true]);
  });

  test('an issuer without one says what it likes, and nothing is dropped', async () => {
    const claims = { ...mine, scope: 'payroll:read', realm_access: { roles: ['admin'] } };
    const caller = await use(await signToken({ key: keys.own, claims }));
    if (caller instanceof Refusal) throw new Error(caller.reason);
    expect([[...caller.scopes], [...caller.roles]]).toEqual([['payroll:read'], ['admin']]);
    expect(caller.dropped).toBeUndefined();
  });
});

const claims = JSON.stringify({ ...mine, sub: 'me', exp: startMs / 1000 + 300 });
const header = '{"alg":"RS256","kid":"k1"}';
const add = (text: string, more: string): string => text.replace(/\}$/, `,${more}}`);
const deep = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;

const ambiguous = [
  { name: 'control', header, claims, expect: 'caller' },
  { name: 'two subjects', header, claims: add(claims, '"sub":"you"') },
  { name: 'two issuers', header, claims: add(claims, `"iss":"${partner}"`) },
  { name: 'two issuers, the right one last', header, claims: `{"iss":"x",${claims.slice(1)}` },
  { name: 'two equal members', header, claims: add(claims, '"aud":"graph"') },
  { name: 'a name and its escaped twin', header, claims: add(claims, '"su\\u0062":"you"') },
  { name: 'twins inside a claim', header, claims: add(claims, '"a":{"b":1,"b":2}') },
  { name: 'twins inside a list', header, claims: add(claims, '"a":[{"b":1,"b" :2}]') },
  { name: 'two algorithms', header: add(header, '"alg":"RS256"'), claims },
  { name: 'two kids', header: add(header, '"kid":"k1"'), claims },
  { name: 'a byte order mark', header, claims: `\ufeff${claims}` },
  { name: 'depth that overflows', header, claims: add(claims, `"a":${deep(2000)}`) },
  {
    name: 'equal texts that are values',
    header,
    claims: add(claims, '"a":["b","b"]'),
    expect: 'caller',
  },
  {
    name: 'one name at two depths',
    header,
    claims: add(claims, '"a":{"sub":1}'),
    expect: 'caller',
  },
];

describe('tokens that two readers read differently', () => {
  test.each(ambiguous)('$name', async ({ header: head, claims: body, expect: expected }) => {
    const token = await signTexts(keys.own, head, body);
    expect(toVerdict(await use(token))).toBe(expected ?? 'identify/token-malformed');
  });

  test('bytes that are no UTF-8', async () => {
    const token = await signTexts(keys.own, header, claims);
    const [head = '', , signature = ''] = token.split('.');
    const body = Buffer.concat([Buffer.from(claims.slice(0, -1)), Buffer.from([0x2c, 0x22, 0xff])]);
    const forged = `${head}.${body.toString('base64url')}.${signature}`;
    expect(toVerdict(await use(forged))).toBe('identify/token-malformed');
  });
});
