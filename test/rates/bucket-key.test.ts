/** Identity texts of buckets: two spellings of one thing meet, two things never do. */
import { describe, expect, test } from 'vitest';
import { createAnonymousCaller } from '../../gateway/identify/to-caller.ts';
import { bucketKeyOf, type Identities, toBucketKey } from '../../gateway/rates/bucket-key.ts';
import type { Identity, Rate } from '../../gateway/rates/rate.ts';
import type { Caller } from '../../gateway/request.ts';

const nobody = createAnonymousCaller();
const network = '192.0.2.1';
const email: Identity = { kind: 'argument', path: ['input', 'email'] };

const withEmail = (value: unknown): Identities => ({
  network,
  caller: nobody,
  args: { input: { email: value } },
});

function callerOf(about: Partial<Caller>): Caller {
  return { ...nobody, kind: 'token', issuer: 'https://idp.example', ...about };
}

const emailKey = (value: unknown) => toBucketKey([email], withEmail(value));

describe('one bucket for', () => {
  const cases: { name: string; given: unknown[] }[] = [
    { name: 'letter case', given: ['ada@x.test', 'ADA@X.TEST', 'aDa@x.Test'] },
    {
      name: 'blanks around',
      given: ['ada@x.test', ' ada@x.test', 'ada@x.test\t\n', '\u00a0ada@x.test'],
    },
    { name: 'compatible characters', given: ['ada', 'ａｄａ', '𝐚𝐝𝐚', 'ⓐⓓⓐ'] },
    { name: 'composed and decomposed', given: ['zoë', 'zoe\u0308', 'ZOË'] },
    { name: 'sharp s', given: ['straße', 'STRASSE', 'strasse', 'STRAẞE'] },
    { name: 'the sigmas', given: ['ΟΔΟΣ', 'οδος', 'οδοσ'] },
    { name: 'the Kelvin sign', given: ['K', 'k', '\u212a'] },
    { name: 'ligatures', given: ['fi', 'ﬁ', 'FI'] },
    {
      name: 'what nobody sees',
      given: [
        'ada',
        'a\u200bda',
        'ad\u00ada',
        'ada\u2060',
        '\ufeffada',
        'a\u{e0061}da',
        'ada\ufe0f',
      ],
    },
    {
      // MySQL's usual collation compares them as nothing: one account under endless names.
      name: 'controls',
      given: [
        'ada',
        'ada\u0000',
        'a\u0001da',
        '\u007fada',
        'ad\u0085a',
        'a\u001b\u0008da',
        'a\ufff9da',
      ],
    },
    { name: 'blanks that NFKC makes', given: ['a', 'a\u3000', '\u2003a'] },
    { name: 'nothing', given: [undefined, null, '', '   ', '\u200b'] },
    {
      name: 'texts in lists',
      given: [
        ['Ada', 'Bo'],
        ['ADA ', 'bo'],
      ],
    },
    {
      name: 'keys in another order',
      given: [
        { a: 1, b: 'X' },
        { b: 'x', a: 1 },
      ],
    },
    { name: 'a number and its text', given: [7, '7', 7n] },
    { name: 'the same in lists', given: [[7], ['7'], [7n]] },
    { name: 'the same in maps', given: [{ a: { b: true } }, { a: { b: 'true' } }] },
    {
      name: 'maps with nothing beside what they hold',
      given: [{ a: 1 }, { a: 1, b: null }, { a: 1, b: undefined }, { b: ' ', a: 1, c: '\u200b' }],
    },
    { name: 'the same in lists of maps', given: [[{ a: 1, b: null }], [{ a: 1 }]] },
    {
      name: 'what is too long to be a name',
      given: ['a'.repeat(1_025), 'b'.repeat(5_000), '\u0300'.repeat(2_000)],
    },
    {
      name: 'a name, however long what nobody sees is',
      given: ['ada', `${' '.repeat(2_000)}a${'\u200b'.repeat(2_000)}da`],
    },
    {
      name: 'lists that are too long to be names',
      given: [Array(9_000).fill(1), Array(9_000).fill(2), Array(100).fill('a'.repeat(100))],
    },
    {
      name: 'maps that are too long to be names',
      given: [1, 2].map((value) =>
        Object.fromEntries(Array.from({ length: 9_000 }, (_, n) => [`key${n}`, value])),
      ),
    },
    { name: 'a blank that NFKC makes of a mark', given: [' \u0308a', '\u00a8a'] },
    {
      name: 'rows of marks, in any order',
      given: [
        `a${'\u0315\u0300'.repeat(20)}b`,
        `a${'\u0300\u0315'.repeat(20)}b`,
        `a${'\u0300\u0315'.repeat(200)}b`,
        'ab',
      ],
    },
    {
      name: 'a row of marks, composed and decomposed',
      given: [`\u1e69${'\u0315'.repeat(30)}`, `s\u0323\u0307${'\u0315'.repeat(30)}`],
    },
    {
      name: 'marks that are letters before they are decomposed',
      given: [`\u30ab${'\uff9e\u0315'.repeat(20)}`, `\u30ab${'\u0315\uff9e'.repeat(20)}`],
    },
  ];
  test.each(cases)('$name', ({ given }) => {
    expect(new Set(given.map(emailKey)).size).toBe(1);
  });
});

describe('two buckets for', () => {
  const cases: { name: string; given: [unknown, unknown] }[] = [
    { name: 'two texts', given: ['ada@x.test', 'bo@x.test'] },
    { name: 'an accent', given: ['zoe', 'zoë'] },
    { name: 'blanks inside', given: ['a b', 'ab'] },
    { name: 'a control and nothing else', given: ['\u0000', '0'] },
    {
      name: 'lists in another order',
      given: [
        ['a', 'b'],
        ['b', 'a'],
      ],
    },
    { name: 'maps of other values', given: [{ a: 1 }, { a: 2 }] },
    { name: 'maps of other keys', given: [{ a: 1 }, { b: 1 }] },
    { name: 'a map and none', given: [{ a: 1 }, {}] },
    { name: 'a list and one of its entries', given: [['a'], 'a'] },
    { name: 'a nothing in a list and none', given: [[1, null], [1]] },
    { name: 'numbers', given: [1, 2] },
    { name: 'no and 0', given: [false, 0] },
    { name: 'marks that a script has', given: ['\u0e01\u0e35\u0e48', '\u0e01\u0e35\u0e49'] },
    { name: 'long names', given: ['a'.repeat(1_024), 'b'.repeat(1_024)] },
    {
      name: 'long lists',
      given: [Array(200).fill('a'.repeat(30)), Array(200).fill('b'.repeat(30))],
    },
    { name: 'a name that is too long and nothing', given: ['a'.repeat(1_025), ''] },
  ];
  test.each(cases)('$name', ({ given: [one, other] }) => {
    expect(emailKey(one)).not.toBe(emailKey(other));
  });
});

describe('a path', () => {
  const key = (args: unknown) =>
    toBucketKey([email], { network, caller: nobody, args: args as Record<string, unknown> });
  const absent = emailKey(undefined);
  const cases: { name: string; given: unknown }[] = [
    { name: 'of no arguments', given: undefined },
    { name: 'through nothing', given: { input: null } },
    { name: 'through a text', given: { input: 'email' } },
    { name: 'through the prototype', given: { input: Object.create({ email: 'ada' }) } },
    { name: 'of another name', given: { input: { mail: 'ada' } } },
  ];
  test.each(cases)('$name is absent', ({ given }) => expect(key(given)).toBe(absent));

  test('does not read what all objects have', () => {
    const path = ['__proto__', 'constructor'];
    const proto: Identity = { kind: 'argument', path };
    expect(toBucketKey([proto], withEmail('a'))).toBe(
      toBucketKey([{ ...proto, path: ['no'] }], withEmail('a')),
    );
  });
});

describe('callers', () => {
  const key = (caller: Caller, at = network) =>
    toBucketKey([{ kind: 'caller' }], { network: at, caller });
  const ada = callerOf({ subject: 'ada' });
  const apart: { name: string; one: string; other: string }[] = [
    { name: 'by subject', one: key(ada), other: key(callerOf({ subject: 'bo' })) },
    { name: 'by letter case', one: key(ada), other: key(callerOf({ subject: 'Ada' })) },
    { name: 'by issuer', one: key(ada), other: key({ ...ada, issuer: 'https://other.example' }) },
    {
      name: 'by client without a subject',
      one: key(callerOf({ client: 'a' })),
      other: key(callerOf({ client: 'b' })),
    },
    {
      name: 'a client from a subject of its name',
      one: key(ada),
      other: key(callerOf({ client: 'ada' })),
    },
    { name: 'strangers by address', one: key(nobody), other: key(nobody, '192.0.2.2') },
    { name: 'a stranger from anybody', one: key(nobody), other: key(callerOf({})) },
  ];
  test.each(apart)('are told apart $name', ({ one, other }) => expect(one).not.toBe(other));

  const same: { name: string; one: string; other: string }[] = [
    { name: 'from two addresses', one: key(ada), other: key(ada, '192.0.2.2') },
    {
      name: 'through two apps',
      one: key({ ...ada, client: 'web' }),
      other: key({ ...ada, client: 'phone' }),
    },
    {
      name: 'with two tokens',
      one: key({ ...ada, credentialHash: 'a' }),
      other: key({ ...ada, credentialHash: 'b' }),
    },
  ];
  test.each(same)('are one $name', ({ one, other }) => expect(one).toBe(other));
});

describe('compound keys', () => {
  const per: Identity[] = [
    { kind: 'argument', path: ['a'] },
    { kind: 'argument', path: ['b'] },
  ];
  const key = (a: unknown, b: unknown) =>
    toBucketKey(per, { network, caller: nobody, args: { a, b } });

  test('cannot imitate each other', () => {
    const parts = [
      '',
      'x',
      '|',
      '|argument1:x',
      'x|argument0:',
      '0:',
      '1:x',
      'x|',
      ':',
      '[]',
      '{}',
    ];
    const pairs = parts.flatMap((a) => parts.map((b) => key(a, b)));
    expect(new Set(pairs).size).toBe(parts.length ** 2);
  });

  test('share a bucket where a part is absent', () => {
    expect(key('x', undefined)).toBe(key('x', null));
    expect(key('x', undefined)).not.toBe(key(undefined, 'x'));
  });
});

test('client, token and claim are read from the caller alone', () => {
  const caller = callerOf({ client: 'web', credentialHash: 'h', claims: { org: { id: 'Acme ' } } });
  const key = (identity: Identity, from = caller) =>
    toBucketKey([identity], { network, caller: from });
  expect(key({ kind: 'client' })).not.toBe(key({ kind: 'client' }, callerOf({ client: 'phone' })));
  // Any issuer can name any client: it must not spend for another issuer's.
  expect(key({ kind: 'client' })).not.toBe(
    key({ kind: 'client' }, { ...caller, issuer: 'https://other.example' }),
  );
  expect(key({ kind: 'client' }, callerOf({}))).toBe(key({ kind: 'client' }, nobody));
  expect(key({ kind: 'token' })).not.toBe(
    key({ kind: 'token' }, callerOf({ credentialHash: 'i' })),
  );
  const org: Identity = { kind: 'claim', path: ['org', 'id'] };
  expect(key(org)).toBe(key(org, callerOf({ claims: { org: { id: 'ACME' } } })));
  expect(key(org)).not.toBe(key(org, callerOf({ claims: {} })));
  // As rules and headers read it: the whole name first.
  const both = { 'org.id': 'other', org: { id: 'acme' } };
  expect(key(org, callerOf({ claims: both }))).toBe(
    key(org, callerOf({ claims: { org: { id: 'other' } } })),
  );
  const url: Identity = { kind: 'claim', path: ['https://acme', 'example/tenant'] };
  const ofUrl = (tenant: string) =>
    key(url, callerOf({ claims: { 'https://acme.example/tenant': tenant } }));
  expect(ofUrl('one')).not.toBe(ofUrl('two'));
});

test('a list or map that stands at many fields is looked through once', () => {
  let looked = 0;
  const part = {
    get email() {
      looked += 1;
      return 'Ada@x.test';
    },
  };
  const list = [part];
  const keys = Array.from({ length: 20 }, () => emailKey(list));
  expect(looked).toBe(1);
  expect(new Set([...keys, emailKey([{ email: 'ada@x.test' }])]).size).toBe(1);
});

describe('a key that is kept', () => {
  const rateOf = (name: string, ...kinds: Identity[]): Rate => ({
    name,
    per: kinds,
    counts: 'requests',
    limit: 5,
    windowMs: 60_000,
  });
  const ofCaller: Identity[] = [
    { kind: 'caller' },
    { kind: 'client' },
    { kind: 'token' },
    { kind: 'claim', path: ['org'] },
  ];

  test.each(ofCaller)('is made once for a caller: $kind', (identity) => {
    const caller = callerOf({ subject: 'ada', claims: { org: 'acme' } });
    const rate = rateOf('one', identity);
    const first = bucketKeyOf(rate, { network, caller });
    expect(first.key).toBe(toBucketKey(rate.per, { network, caller }));
    expect(bucketKeyOf(rate, { network: '192.0.2.9', caller })).toBe(first);
    expect(bucketKeyOf(rateOf('one', identity), { network, caller }).memo).not.toBe(first.memo);
    expect(bucketKeyOf(rate, { network, caller: { ...caller } }).memo).not.toBe(first.memo);
  });

  test.each<Identity>([{ kind: 'address' }, email])('is none of $kind', (identity) => {
    const caller = callerOf({ subject: 'ada' });
    const rate = rateOf('one', { kind: 'caller' }, identity);
    const from = (about: string): Identities => ({
      network: about,
      caller,
      args: { input: { email: about } },
    });
    const [one, other] = ['192.0.2.1', '192.0.2.2'].map((about) => bucketKeyOf(rate, from(about)));
    expect(one?.key).not.toBe(other?.key);
    expect([one?.memo, other?.memo]).toEqual([undefined, undefined]);
  });

  test('is none of a stranger, who is told by the address', () => {
    const rate = rateOf('one', { kind: 'caller' });
    const [one, other] = ['192.0.2.1', '192.0.2.2'].map((from) =>
      bucketKeyOf(rate, { network: from, caller: nobody }),
    );
    expect(one?.key).not.toBe(other?.key);
    expect([one?.memo, other?.memo]).toEqual([undefined, undefined]);
  });

  test('takes the place of one that a reload has made anew', () => {
    const caller = callerOf({ subject: 'ada' });
    const fill = () =>
      Array.from({ length: 8 }, (_, at) => {
        const rate = rateOf(`rate-${at}`, { kind: 'caller' });
        return { rate, first: bucketKeyOf(rate, { network, caller }) };
      });
    fill();
    for (const { rate, first } of fill()) {
      expect(bucketKeyOf(rate, { network, caller })).toBe(first);
    }
  });

  test('is one of few, however many rates there are', () => {
    const caller = callerOf({ subject: 'ada' });
    const rates = Array.from({ length: 20 }, (_, at) => rateOf(`rate-${at}`, { kind: 'caller' }));
    const keys = rates.map((rate) => bucketKeyOf(rate, { network, caller }));
    expect(rates.filter((rate, at) => bucketKeyOf(rate, { network, caller }) === keys[at])).toEqual(
      rates.slice(0, 8),
    );
  });
});
