/**
 * Rules that look at the object before a write, and what happens around it: other upstreams, types
 * that are kept apart, callers who leave, policies that change, and the locks behind the plan.
 */
import { describe, expect, it, vi } from 'vitest';
import { type Decide, decide } from '../../gateway/authorize/decide.ts';
import { Grants } from '../../gateway/authorize/grants.ts';
import { type TestGatewayOptions, testGateway } from '../support/gateway.ts';
import { played } from './obvious.ts';

const people = /* GraphQL */ `
  type Query { staff(id: ID!): Staff many(ids: [ID!]!): [Staff]! kept(id: ID!, tenant: ID!): Staff }
  type Mutation {
    rename(id: ID!, name: String): Staff
    drop(id: ID!): Boolean
    wrap(id: ID!): Wrap
    hire(tenant: ID): Staff
    join(id: ID!): Boolean
    count: Int!
    key(id: ID): String
  }
  type Wrap { staff: Staff }
  type Staff { id: ID! name: String boss: ID tenant: ID }
`;
const pay = /* GraphQL */ `
  type Query { payOf(ids: [ID!]!): [Staff]! }
  type Staff { id: ID! level: Int }
`;
const row = (id: string, about: object = {}) => ({
  id,
  name: `n-${id}`,
  boss: 'me',
  tenant: 'a',
  ...about,
});

async function open(
  rules: string,
  about: Partial<TestGatewayOptions> & {
    /** Waited for before a read is answered. */
    read?: (query: string) => Promise<unknown> | undefined;
    level?: (id: string) => unknown;
  } = {},
) {
  const { read, level = () => 3, ...options } = about;
  const written: string[] = [];
  const rows = new Map(
    [row('1'), row('2', { boss: 'else' }), row('3', { tenant: 'b' })].map((one) => [one.id, one]),
  );
  const write = (name: string, id: string) => {
    written.push(`${name} ${id}`);
    return rows.get(id);
  };
  const hr = played(
    people,
    {
      staff: ({ id }: { id: string }) => rows.get(id),
      many: ({ ids }: { ids: string[] }) => ids.map((id) => rows.get(id)),
      kept: ({ id, tenant }: { id: string; tenant: string }) =>
        rows.get(id)?.tenant === tenant ? rows.get(id) : null,
      rename: ({ id }: { id: string }) => write('rename', id),
      drop: ({ id }: { id: string }) => write('drop', id) !== undefined,
      wrap: ({ id }: { id: string }) => ({ staff: write('wrap', id) }),
      hire: ({ tenant }: { tenant: string }) => write('hire', tenant) ?? row('9', { tenant }),
      key: ({ id }: { id: string }) => write('key', id) && `key-of-${id}`,
      join: ({ id }: { id: string }) => write('join', id) !== undefined,
    },
    { lenient: true },
  );
  const gateway = await testGateway({
    upstreams: {
      hr: {
        ...hr,
        answer: async (request) => {
          if (request.query.startsWith('query')) await read?.(request.query);
          return hr.answer(request);
        },
      },
      pay: played(pay, {
        payOf: ({ ids }: { ids: string[] }) => ids.map((id) => ({ id, level: level(id) })),
      }),
    },
    joins: {
      Staff: {
        key: 'id',
        hr: { field: 'staff', argument: 'id' },
        pay: { field: 'payOf', argument: 'ids', batch: true },
      },
    },
    rules: `version: 1\nrules:\n  - { name: open, fields: { Query: [staff], Staff: [id, name], Wrap: [staff] }, allow: everyone }\n${rules}`,
    ...options,
  });
  return { gateway, written, rows };
}
const me = { subject: 'me', claims: { tenant: 'a' } };
const own =
  '  - { name: own, fields: { Mutation: [rename] }, object: "Query.staff(id: args.id)", allow: { when: object.boss == claims.sub } }\n';
const rename = (id: string) => `mutation { rename(id: "${id}") { id } }`;

describe('what another upstream has', () => {
  const joined =
    '  - { name: own, fields: { Mutation: [rename] }, object: "Query.staff(id: args.id)", allow: { when: object.level < 5 || object.boss == claims.sub } }\n';

  it('is read with it, and a failure of either refuses', async () => {
    const { gateway, written } = await open(joined);
    expect((await gateway.query(rename('2'), { as: me })).body.errors).toBeUndefined();
    expect(gateway.requests.map(({ upstream }) => upstream)).toEqual(['hr', 'pay', 'hr']);
    const [, joinedRead] = gateway.requests;
    expect(joinedRead?.query).toContain('level');
    const failing = await open(joined, { level: () => 'x' });
    const { body } = await failing.gateway.query(rename('1'), { as: me });
    expect(body.data).toEqual({ rename: null });
    expect(body.errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
    expect([written, failing.written]).toEqual([['rename 2'], []]);
  });
});

describe('a query that is fixed from the token', () => {
  const pinned = `  - { name: pinned, pin: { "Query.kept(tenant:)": claims.tenant } }
  - { name: own, fields: { Mutation: [rename] }, object: "Query.kept(id: args.id)", allow: { when: object.boss == claims.sub || object.boss != claims.sub } }
`;

  it('is asked with the claim of each caller, and not at all without it', async () => {
    const { gateway, written } = await open(pinned);
    const ask = (id: string, tenant?: string) =>
      gateway.query(rename(id), { as: { subject: 'me', claims: { ...(tenant && { tenant }) } } });
    await ask('1', 'a');
    await ask('3', 'a');
    await ask('3', 'b');
    expect(written).toEqual(['rename 1', 'rename 3']);
    expect(gateway.requests[0]?.variables).toEqual({ fgr0: '1', fg_pin0: 'a' });
    gateway.requests.length = 0;
    const { body } = await ask('1');
    expect(body.errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
    expect(gateway.requests).toEqual([]);
    expect(gateway.records.flatMap(({ faults }) => faults)).toEqual([]);
  });
});

describe('two rules that may grant it', () => {
  const two = `${own}  - { name: of-tenants, fields: { Mutation: [rename] }, object: "Query.staff(id: args.name)", allow: { when: object.tenant == claims.tenant } }\n`;
  const ask = (given: string) => `mutation { rename(${given}) { id } }`;

  it('each do by the object that they read, whatever becomes of the other', async () => {
    const { gateway, written } = await open(two);
    // What the second would look at is not named, not there, or there.
    for (const given of ['id: "1"', 'id: "1", name: "7"', 'id: "2", name: "1"']) {
      expect((await gateway.query(ask(given), { as: me })).body.errors).toBeUndefined();
    }
    expect(written).toEqual(['rename 1', 'rename 1', 'rename 2']);
    for (const given of ['id: "2"', 'id: "2", name: "7"', 'id: "2", name: "3"', 'id: "7"']) {
      const { body } = await gateway.query(ask(given), { as: me });
      expect(body.data).toEqual({ rename: null });
    }
    expect(written).toHaveLength(3);
  });

  it('do so where the other cannot be read, and no failure is told', async () => {
    const { gateway } = await open(two, {
      read: (query) =>
        query.includes('tenant') ? Promise.reject(new Error('not there')) : undefined,
    });
    const { body } = await gateway.query(ask('id: "1", name: "1"'), { as: me });
    expect(body).toEqual({ data: { rename: { id: '1' } } });
  });
});

describe('types that are kept apart', () => {
  const apart = (otherwise = '') => `
  - { name: apart, types: [Staff], require: { when: object.tenant == claims.tenant }${otherwise} }
  - { name: about, fields: { Mutation: [rename, drop, wrap, join] }, object: "Query.staff(id: args.id)" }
  - { name: new, fields: { Mutation: [hire] }, object: new }
  - { name: write, fields: { Mutation: [rename, drop, wrap, hire] }, allow: everyone }
`;
  const writes = ['rename(id: "3") { id }', 'drop(id: "3")', 'wrap(id: "3") { staff { id } }'];

  it.each(writes)('are not written: %s', async (write) => {
    for (const otherwise of ['', ', otherwise: [drop]']) {
      const { gateway, written } = await open(apart(otherwise));
      const theirs = await gateway.query(`mutation { w: ${write} }`, { as: me });
      expect(theirs.body.data).toEqual({ w: null });
      const none = await gateway.query(`mutation { w: ${write.replace('3', '7')} }`, { as: me });
      // Whether there is such an object is told by nothing.
      expect(none.body).toEqual(theirs.body);
      expect(written).toEqual([]);
      const mine = await gateway.query(`mutation { w: ${write.replace('3', '1')} }`, { as: me });
      expect(mine.body.errors).toBeUndefined();
      expect(written).toHaveLength(1);
    }
  });

  it('are written where nothing is there before, and kept back where they do not fit', async () => {
    const { gateway, written } = await open(apart());
    const ask = (tenant: string) =>
      gateway.query(`mutation { hire(tenant: "${tenant}") { id name } }`, { as: me });
    expect((await ask('a')).body.data).toEqual({ hire: { id: '9', name: 'n-9' } });
    const other = await ask('b');
    expect(other.body.data).toEqual({ hire: null });
    expect(other.body.errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
    expect(written).toEqual(['hire a', 'hire b']);
    expect(gateway.requests).toHaveLength(2);
  });

  it('are judged again by what comes back', async () => {
    const { gateway, written, rows } = await open(apart(), {
      read: async () => undefined,
    });
    const found = rows.get('1');
    if (found === undefined) throw new Error('nobody there');
    let asked = 0;
    // Another tenant's by the time that it is written.
    Object.defineProperty(found, 'tenant', {
      get: () => {
        asked += 1;
        return asked > 1 ? 'b' : 'a';
      },
    });
    const { body } = await gateway.query('mutation { rename(id: "1") { id name } }', { as: me });
    expect(body.data).toEqual({ rename: null });
    expect(written).toEqual(['rename 1']);
  });

  it('ask of a caller what no object could meet before anything is done', async () => {
    const rules = apart().replace(
      'require: { when: object.tenant == claims.tenant }',
      'require: { all: [{ roles: [staff] }, { when: object.tenant == claims.tenant }] }',
    );
    const { gateway, written } = await open(rules);
    const { status } = await gateway.query('mutation { hire(tenant: "a") { id } }', { as: me });
    expect(status).toBe(403);
    expect((await gateway.query(rename('1'), { as: me })).status).toBe(403);
    expect(gateway.requests).toEqual([]);
    const staff = { ...me, roles: ['staff'] };
    await gateway.query('mutation { hire(tenant: "a") { id } }', { as: staff });
    await gateway.query(rename('1'), { as: staff });
    expect(written).toEqual(['hire a', 'rename 1']);
  });
});

/**
 * The same write where nothing is in its way, begun later and by the same answer to its read: once it
 * is done, one that waited in front of it would be done too.
 */
async function unhindered(rules: string, query: string, read: Promise<unknown>) {
  const { gateway, written } = await open(rules, { read: () => read });
  const asked = gateway.query(query, { as: me });
  await vi.waitFor(() => expect(gateway.requests).toHaveLength(1));
  return async () => {
    await asked;
    return written;
  };
}

describe('while it is read', () => {
  it('policies may change: the request goes on by those that it came under', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { gateway, written } = await open(own, { read: () => promise });
    const asked = gateway.query(rename('1'), { as: me });
    const other = gateway.query(rename('2'), { as: me });
    await vi.waitFor(() => expect(gateway.requests).toHaveLength(2));
    gateway.reload(
      'version: 1\nrules:\n  - { name: all, fields: { Query: [staff], Staff: [id], Mutation: [rename] }, allow: everyone }\n',
    );
    resolve();
    expect((await asked).body.data).toEqual({ rename: { id: '1' } });
    expect((await other).body.data).toEqual({ rename: null });
    expect(written).toEqual(['rename 1']);
    await gateway.query(rename('2'), { as: me });
    expect(written).toEqual(['rename 1', 'rename 2']);
  });

  it('who hangs up has nothing written any more', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { gateway, written } = await open(own, { read: () => promise });
    const caller = new AbortController();
    const asked = gateway.query(rename('1'), { as: me, signal: caller.signal });
    await vi.waitFor(() => expect(gateway.requests).toHaveLength(1));
    const done = await unhindered(own, rename('1'), promise);
    caller.abort();
    resolve();
    await asked;
    expect(await done()).toEqual(['rename 1']);
    expect(written).toEqual([]);
    expect(gateway.requests).toHaveLength(1);
  });

  const beside = `${own}  - { name: drop, fields: { Mutation: [drop] }, allow: everyone }\n`;
  const thenDrop = 'mutation { rename(id: "1") { id } drop(id: "2") }';

  it('who hangs up has no write after it done either', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { gateway, written } = await open(beside, { read: () => promise });
    const caller = new AbortController();
    const asked = gateway.query(thenDrop, { as: me, signal: caller.signal });
    await vi.waitFor(() => expect(gateway.requests).toHaveLength(1));
    const done = await unhindered(beside, thenDrop, promise);
    caller.abort();
    resolve();
    await asked;
    expect(await done()).toEqual(['rename 1', 'drop 2']);
    expect(written).toEqual([]);
    expect(gateway.requests).toHaveLength(1);
  });

  it('time may run out: no write after it is done either', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { gateway, written } = await open(beside, {
      read: () => promise,
      limits: { timeoutMs: 1_000 },
    });
    expect((await gateway.query(thenDrop, { as: me })).status).toBe(504);
    const done = await unhindered(beside, thenDrop, promise);
    resolve();
    expect(await done()).toEqual(['rename 1', 'drop 2']);
    expect(written).toEqual([]);
  });

  it('time may run out: what comes back too late is no reason to write', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { gateway, written } = await open(own, {
      read: () => promise,
      limits: { timeoutMs: 1_000 },
    });
    const { status } = await gateway.query(rename('1'), { as: me });
    expect(status).toBe(504);
    const done = await unhindered(own, rename('1'), promise);
    resolve();
    expect(await done()).toEqual(['rename 1']);
    expect(written).toEqual([]);
  });
});

describe('what a read costs', () => {
  it('is counted before anything runs', async () => {
    const plain = await open(
      '  - { name: all, fields: { Mutation: [rename] }, allow: everyone }\n',
    );
    await plain.gateway.query(rename('1'), { as: me });
    const { gateway } = await open(own);
    await gateway.query(rename('1'), { as: me });
    const [without] = plain.gateway.records;
    const [read] = gateway.records;
    // One call, and one object.
    expect((read?.cost ?? 0) - (without?.cost ?? 0)).toBe(11);
    const tight = await open(own, { limits: { cost: without?.cost ?? 0 } });
    const { body } = await tight.gateway.query(rename('1'), { as: me });
    expect(body.errors?.[0]?.extensions.code).toBe('OPERATION_TOO_COSTLY');
    expect(tight.gateway.requests).toEqual([]);
  });

  it('is that of as many objects as a list may have', async () => {
    const { gateway } = await open(
      '  - { name: own, fields: { Mutation: [rename] }, object: "Query.many(ids: args.id)", allow: { when: object.boss == claims.sub } }\n',
    );
    await gateway.query(rename('1'), { as: me });
    expect(gateway.records[0]?.cost).toBeGreaterThan(100);
  });
});

describe.each(['compiled', 'reference'] as const)('the second lock of the %s engine', (engine) => {
  const allowEverything: Decide = (policy) => {
    const rule = [...policy.grants, ...policy.masks][0]?.rule;
    if (rule === undefined) throw new Error(`no rule lists ${policy.coordinate}`);
    return { kind: 'allow', rule };
  };

  it('lets no write through that no object was asked about', async () => {
    const { gateway, written } = await open(own, { engine, decide: allowEverything });
    const { body } = await gateway.query(rename('1'), { as: me });
    expect(body.data).toEqual({ rename: null });
    expect(body.errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
    expect(gateway.records[0]?.faults).toEqual(['refused by the second lock: Mutation.rename']);
    expect(written).toEqual([]);
  });

  /** What hangs on arguments and objects is taken for granted by arguments alone. */
  const allowByArguments: Decide = (policy, answers) =>
    answers instanceof Grants ? decide(policy, answers) : allowEverything(policy, answers);
  const named = (id: string, name: string) =>
    `mutation { rename(id: "${id}", name: "${name}") { id } }`;
  const rule = (allow: string) =>
    `  - { name: own, fields: { Mutation: [rename] }, object: "Query.staff(id: args.id)", allow: ${allow} }\n`;
  const asking: [name: string, allow: string][] = [
    ['in one', '{ when: object.boss == claims.sub && args.name != "no" }'],
    ['side by side', '{ all: [{ when: args.name != "no" }, { when: object.boss == claims.sub }] }'],
  ];

  it.each(asking)('nor where arguments are looked at as well: %s', async (_, allow) => {
    const opened = await open(rule(allow), { engine, decide: allowByArguments });
    const { body } = await opened.gateway.query(named('1', 'x'), { as: me });
    expect(body.errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
    const [record] = opened.gateway.records;
    expect(record?.faults).toEqual(['refused by the second lock: Mutation.rename']);
    expect(opened.written).toEqual([]);
    const { gateway, written } = await open(rule(allow), { engine });
    for (const [id, name] of [
      ['1', 'x'],
      ['1', 'no'],
      ['2', 'x'],
    ] as const) {
      await gateway.query(named(id, name), { as: me });
    }
    expect(written).toEqual(['rename 1']);
    expect(gateway.records.flatMap(({ faults }) => faults)).toEqual([]);
  });

  it('asks for no object where arguments alone decide', async () => {
    const allow = '{ any: [{ when: args.name == "x" }, { when: object.boss == claims.sub }] }';
    const { gateway, written } = await open(rule(allow), { engine });
    expect((await gateway.query(named('2', 'x'), { as: me })).body.errors).toBeUndefined();
    expect(gateway.requests).toHaveLength(1);
    await gateway.query(named('2', 'y'), { as: me });
    await gateway.query(named('1', 'y'), { as: me });
    expect(written).toEqual(['rename 2', 'rename 1']);
    expect(gateway.records.flatMap(({ faults }) => faults)).toEqual([]);
  });
});

describe('rules in shadow mode', () => {
  const until = 'shadow: { until: 2999-12-31 }';
  const sendAll = async (rules: string) => {
    const opened = await open(rules);
    const answers: unknown[] = [];
    for (const id of ['1', '2', '3', '9', '1']) {
      const { body } = await opened.gateway.query(rename(id), { as: me });
      answers.push([body.data, body.errors?.map(({ path, extensions: { code } }) => [path, code])]);
    }
    const { requests, records } = opened.gateway;
    return { answers, requests, written: opened.written, told: records.map((one) => one.shadows) };
  };

  it.each([
    ['a requirement', 'fields: { Mutation: [rename] }, require: { scopes: [x] }', 'refuse'],
    ['nobody', 'fields: { Mutation: [rename] }, forbid: true', 'refuse'],
    ['arguments', 'fields: { Mutation: [rename] }, require: { when: args.id == "7" }', 'refuse'],
  ])('%s: the object decides as without it', async (_, rule, effect) => {
    for (const mode of ['own', 'ownOfType'] as const) {
      const kept =
        mode === 'own'
          ? own
          : `${own}  - { name: apart, types: [Staff], require: { when: object.tenant == claims.tenant } }\n`;
      const plain = await sendAll(kept);
      const shadowed = await sendAll(`${kept}  - { name: stay, ${rule}, ${until} }\n`);
      expect(shadowed.answers).toEqual(plain.answers);
      expect(shadowed.requests).toEqual(plain.requests);
      expect(shadowed.written).toEqual(plain.written);
      expect(shadowed.written).not.toEqual([]);
      expect(shadowed.told).toEqual(
        shadowed.told.map(() => [
          { kind: 'access', rule: 'stay', effect, coordinates: ['Mutation.rename'] },
        ]),
      );
    }
  });

  it('a grant of all does not send what the object refuses', async () => {
    const plain = await sendAll(own);
    const shadowed = await sendAll(
      `${own}  - { name: give, fields: { Mutation: [rename] }, allow: everyone, ${until} }\n`,
    );
    expect(shadowed.answers).toEqual(plain.answers);
    expect(shadowed.requests).toEqual(plain.requests);
  });

  it('nothing is read for one', async () => {
    const rule =
      '  - { name: own, fields: { Mutation: [rename] }, object: "Query.staff(id: args.id)", allow: { when: object.boss == claims.sub }, ';
    await expect(open(`${rule}${until} }\n`)).rejects.toThrow(/"object"/);
    await expect(open(`${rule.replace('allow', 'require')}${until} }\n`)).rejects.toThrow(
      /fetches nothing/,
    );
  });
});

describe('a mask of what a write answers', () => {
  const masked =
    '  - { name: own, fields: { Mutation: [key] }, object: "Query.staff(id: args.id)", allow: { when: object.boss == claims.sub }, otherwise: [{ mask: redact, allow: { scopes: [keys] } }] }\n';
  const cases: [given: string, whole: unknown, behind: unknown][] = [
    ['(id: "1")', 'key-of-1', 'key-of-1'],
    ['(id: "2")', null, '•••••'],
    ['(id: "7")', null, null],
    ['(id: "")', null, null],
    ['', null, null],
  ];

  it.each(cases)('is a grant of its own, and no other: %s', async (given, own, behind) => {
    for (const [scopes, wanted] of [
      [[], own],
      [['keys'], behind],
    ] as const) {
      const { gateway, written } = await open(masked);
      const as = { ...me, scopes: [...scopes] };
      const { body } = await gateway.query(`mutation { key${given} }`, { as });
      expect(body.data).toEqual({ key: wanted });
      // Nothing is there to be masked; it is written all the same.
      const isGranted = scopes.length > 0 || own !== null;
      expect(written).toHaveLength(isGranted ? 1 : 0);
    }
  });
});

describe('a refusal', () => {
  const beside = `${own}  - { name: beside, fields: { Mutation: [count, drop] }, allow: everyone }\n`;
  const denied = [{ coordinate: 'Mutation.rename', rule: 'own' }];
  const toTold = ({ denials }: { denials: readonly { coordinate: string; rule: unknown }[] }) =>
    denials.map(({ coordinate, rule }) => ({ coordinate, rule }));

  it('is in the record where what stands beside it takes the answer away', async () => {
    const { gateway } = await open(beside);
    const { body } = await gateway.query('mutation { rename(id: "2") { id } count }', { as: me });
    expect(body.data).toBeNull();
    const [record] = gateway.records;
    expect(record?.verdicts?.denied).toEqual(['Mutation.rename']);
    expect(record && toTold(record)).toEqual(denied);
  });

  it('is in the record of who hangs up before the answer', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let reads = 0;
    const { gateway } = await open(beside, {
      read: () => {
        reads += 1;
        return reads > 1 ? promise : undefined;
      },
    });
    const caller = new AbortController();
    const query = 'mutation { rename(id: "2") { id } again: rename(id: "1") { id } }';
    const asked = gateway.query(query, { as: me, signal: caller.signal });
    await vi.waitFor(() => expect(reads).toBe(2));
    caller.abort();
    resolve();
    await asked;
    const [record] = gateway.records;
    expect(record && toTold(record)).toEqual(denied);
  });
});
