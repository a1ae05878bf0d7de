/**
 * Limits and rules of the network in shadow mode: what they would refuse is answered as if they were not
 * there, and noted once for each request, also in a list of operations.
 */
import { describe, expect, it } from 'vitest';
import { serve, shadow } from './shadow-rig.ts';

const limits = (text: string) => ({
  'policies/limits/a.yaml': `version: 1\nlimits: { ${text} }\n`,
});
const network = (text: string) => ({
  'policies/network/a.yaml': `version: 1\nlists: { bad: { file: bad.txt }, good: { file: good.txt } }\n${text}`,
  'policies/network/bad.txt': '192.0.2.0/24\n',
  'policies/network/good.txt': '198.51.100.0/24\n',
});

async function told(policies: Readonly<Record<string, string>>, body: unknown) {
  const { send, close } = await serve(policies);
  const all = [];
  // Planned, kept, and from what is kept.
  for (let turn = 0; turn < 3; turn += 1) {
    const { answer, records, sent } = await send(body);
    const { 'x-request-id': _, ...headers } = answer?.headers ?? {};
    const ids = records.map(({ id }) => id);
    const text = ids.reduce((before, id) => before.replaceAll(id, 'ID'), answer?.body ?? '');
    const shadows = records.map((one) =>
      one.shadows?.map(({ rule, effect }) => `${effect} ${rule}`),
    );
    const facts = records.map(({ cost, depth, charges, verdicts }) => ({
      cost,
      depth,
      charges,
      verdicts,
    }));
    all.push({ said: { status: answer?.status, headers, text, sent, facts }, shadows });
  }
  close();
  return all;
}

const rows: [string, string, unknown, string?][] = [
  ['tokens', '{ limit: 5, SHADOW }', { query: '{ hello city(of: "x") }' }],
  [
    'depth',
    '{ limit: 2, SHADOW }',
    {
      query:
        'query($s: Boolean = true) { box { ...B @include(if: $s) } } fragment B on Box { box { name } }',
    },
  ],
  ['height', '{ limit: 1, SHADOW }', { query: '{ hello city }' }],
  ['rootFields', '{ limit: 1, SHADOW }', { query: '{ hello ...on Query { city } }' }],
  ['fields', '{ limit: 2, SHADOW }', { query: '{ box { name } hello }' }],
  [
    'aliases',
    '{ limit: 1, enforced: 5, SHADOW }',
    { query: '{ a: hello ...F } fragment F on Query { b: hello }' },
  ],
  [
    'directives',
    '{ limit: 1, SHADOW }',
    { query: '{ hello @include(if: true) city @skip(if: false) }' },
  ],
  [
    'introspectionDepth',
    '{ limit: 2, SHADOW }',
    { query: '{ __schema { types { fields { name } } } }' },
  ],
  [
    'listSize',
    '{ limit: 3, SHADOW }',
    { query: 'query($n: Int) { boxes(limit: $n) { name } }', variables: { n: 4 } },
  ],
  ['cost', '{ limit: 1, SHADOW }', { query: '{ hello }' }],
];

describe('a limit', () => {
  it.each(rows)('%s', async (name, entry, body) => {
    const inForce = /enforced: (\d+)/.exec(entry)?.[1];
    const plain = inForce === undefined ? {} : limits(`${name}: ${inForce}`);
    const was = await told(plain, body);
    const is = await told(limits(`${name}: ${entry.replace('SHADOW', shadow)}`), body);
    expect(is.map(({ said }) => said)).toEqual(was.map(({ said }) => said));
    expect(was.map(({ shadows }) => shadows)).toEqual([[undefined], [undefined], [undefined]]);
    const once = [[`refuse limits.${name}`]];
    expect(is.map(({ shadows }) => shadows)).toEqual([once, once, once]);
  });

  it('of a list with variables is told of where it is passed alone', async () => {
    const policies = limits(`listSize: { limit: 3, ${shadow} }`);
    const { send, close } = await serve(policies);
    const query = 'query($n: Int) { boxes(limit: $n) { name } }';
    const met = [];
    for (const n of [3, 4, 3, 4]) {
      const { records } = await send({ query, variables: { n } });
      met.push(records[0]?.shadows?.length ?? 0);
    }
    expect(met).toEqual([0, 1, 0, 1]);
    close();
  });

  it('what the limit in force refuses is refused', async () => {
    const { ask, close } = await serve(limits(`rootFields: { limit: 1, enforced: 2, ${shadow} }`));
    expect(await ask('{ hello city box { name } }')).toEqual([400, 'DOCUMENT_TOO_LARGE']);
    close();
  });

  it('in a list of operations, of each by itself', async () => {
    const body = [{ query: '{ hello }' }, { query: '{ hello city }' }, { query: '{ city }' }];
    const is = await told(limits(`rootFields: { limit: 1, ${shadow} }`), body);
    // They end in any order.
    expect(is[0]?.shadows).toHaveLength(3);
    expect(is[0]?.shadows.filter((one) => one)).toEqual([['refuse limits.rootFields']]);
    expect(is[0]?.said.status).toBe(200);
  });
});

describe('the network', () => {
  const query = { query: '{ hello }' };
  const cases: [string, string, string[]][] = [
    ['a list that is denied', `deny: [{ list: bad, ${shadow} }]\n`, ['refuse network.deny bad']],
    [
      'lists that alone may come in',
      `allow: { lists: [good], ${shadow} }\n`,
      ['refuse network.allow'],
    ],
    [
      'a country that is not known',
      `regions: { database: embedded, allow: { countries: [CH], ${shadow} } }\n`,
      ['refuse network.regions.allow'],
    ],
    ['another list', `deny: [{ list: good, ${shadow} }]\n`, []],
  ];

  it.each(cases)('%s', async (_, text, expected) => {
    const was = await told(network(''), query);
    const is = await told(network(text), query);
    expect(is.map(({ said }) => said)).toEqual(was.map(({ said }) => said));
    expect(is[0]?.shadows).toEqual([expected.length === 0 ? undefined : expected]);
  });

  it('a country that is denied', async () => {
    const { ask, close } = await serve(
      network(`regions: { database: embedded, deny: [{ country: US, ${shadow} }] }\n`),
    );
    expect(await ask('{ hello }', '8.8.8.8')).toEqual([
      200,
      undefined,
      'refuse network.regions.deny US',
    ]);
    expect(await ask('{ hello }', '127.0.0.1')).toEqual([200, undefined]);
    close();
  });

  it('what is denied beside it is refused', async () => {
    const { ask, close } = await serve(network(`deny: [bad, { list: good, ${shadow} }]\n`));
    expect(await ask('{ hello }')).toEqual([403, 'FORBIDDEN_ADDRESS']);
    close();
  });
});
