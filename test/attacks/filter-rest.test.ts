/**
 * Filters on a classified field as OpenAPI documents spell them, and those that nobody writes: a service
 * sorts by the default of a parameter that is not sent, which a caller brings about by leaving it out, by
 * null, by an empty list or object, and by variables that hold these.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { toDocument } from '../delegate/openapi-rig.ts';
import { type TestCaller, testGateway } from '../support/gateway.ts';

const text = { type: 'string' };
const query = (name: string, schema: object, more: object = {}) => ({
  name,
  in: 'query',
  schema,
  ...more,
});
const deep = { style: 'deepObject', explode: true };
const columns = { type: 'string', enum: ['name', 'ssn', '-ssn'] };

const ssn = { type: 'string' };
const personType = {
  type: 'object',
  properties: { id: text, name: text, ssn: { type: 'string' } },
};
const answers = {
  '200': {
    description: 'people',
    content: { 'application/json': { schema: { type: 'array', items: personType } } },
  },
};
const get = (...parameters: object[]) => ({ get: { parameters, responses: answers } });

const document = toDocument(
  {
    '/spelled': get(
      query('ssn-starts-with', text),
      query('SSN_prefix', text),
      query('filter[ssn]', text),
      query('filter[ssn][gte]', text),
      query('filter.ssn', text),
      query('ssn[]', { type: 'array', items: text }),
      query('x-ssn', text),
      query('$ssn', text),
      query('person-ssn', text),
      query('a', ssn),
      query('b', { type: 'string', title: 'SSN' }),
      query('c', { type: 'string', description: 'The SSN, as printed.' }),
      query('d', text, { description: 'Finds by SSN.' }),
      query(
        'where',
        {
          type: 'object',
          properties: {
            'ssn-like': text,
            n: { type: 'string', description: 'The SSN' },
            m: { allOf: [ssn] },
            tag: text,
          },
        },
        deep,
      ),
      query('spread', { type: 'object', properties: { 'ssn-spread': text } }),
      query(
        'piped',
        { type: 'array', items: { enum: ['name', 'ssn'] } },
        { style: 'pipeDelimited', explode: false },
      ),
      query('tag', text),
    ),
    '/sorted': get(
      query('sort-by', { ...columns, default: 'ssn' }),
      query('first', { type: 'integer' }),
    ),
    '/ordered': get(
      query('order', { type: 'array', items: columns, default: ['-ssn'] }),
      query('first', { type: 'integer' }),
    ),
    '/texted': get(
      query('sort', { type: 'string', default: 'name,-ssn' }),
      query('first', { type: 'integer' }),
    ),
    '/matched': get(
      query(
        'match',
        { type: 'object', properties: { field: { ...columns, default: 'ssn' }, starts: text } },
        deep,
      ),
    ),
    '/whole': get(
      query(
        'match',
        { type: 'object', properties: { field: columns, starts: text }, default: { field: 'ssn' } },
        deep,
      ),
    ),
    '/part': get(query('by', { allOf: [{ ...columns, default: 'ssn' }], description: 'An order' })),
    '/plain': get(
      query('sort-by', { ...columns, default: 'name' }),
      query('limit', { type: 'integer', default: 5 }),
    ),
    '/posted': {
      post: {
        requestBody: {
          content: {
            'application/x-www-form-urlencoded': {
              // Further names have no place in a form, and the input has a type of its own.
              schema: {
                type: 'object',
                properties: { column: columns, prefix: text },
                additionalProperties: true,
                default: { column: 'ssn' },
              },
            },
          },
        },
        responses: answers,
      },
    },
    '/search': {
      post: {
        requestBody: {
          content: {
            'application/json': {
              schema: {
                type: 'object',
                properties: { column: { ...columns, default: 'ssn' }, prefix: text },
              },
            },
          },
        },
        responses: answers,
      },
    },
  },
  { Ssn: ssn, Person: personType },
);

const roots = ['spelled', 'sorted', 'ordered', 'texted', 'matched', 'whole', 'part', 'plain'];
const operations = {
  ...Object.fromEntries(roots.map((one) => [`Query.${one}`, `GET /${one}`])),
  'Query.search': 'POST /search',
  'Query.posted': 'POST /posted',
};
const person = { id: '1', name: 'Ada', ssn: '9471' };
const rest = {
  hr: { document, operations, answer: () => ({ status: 200, body: JSON.stringify([person]) }) },
};
const rulesWith = (outcome: string, more = '') => `
version: 1
rules:
  - { name: open, fields: { Query: [${[...roots, 'search', 'posted']}], Person: [id, name] }, allow: everyone }
  - { name: ids, class: government-id, fields: { Person: [ssn] }, allow: { scopes: [ssn] }, otherwise: [${outcome}] }
${more}`;
const gateway = await testGateway({ upstreams: {}, rest, rules: rulesWith('deny') });
const clerk: TestCaller = { scopes: ['ssn'] };

beforeEach(() => {
  gateway.requests.length = 0;
});

interface Case {
  readonly given: string;
  readonly declared?: string;
  readonly variables?: Record<string, unknown>;
  readonly coordinate: string;
}
const spelled = (argument: string): Case => {
  const [name = ''] = argument.split(':', 1);
  return { given: `spelled(${argument})`, coordinate: `Query.spelled(${name}:)` };
};
const inside = (field: string, type = 'SpelledWhereInput', argument = 'where'): Case => ({
  given: `spelled(${argument}: { ${field}: "9" })`,
  coordinate: `${type}.${field}`,
});
const filters: Case[] = [
  ...['ssnStartsWith: "9"', 'SSN_prefix: "9"', 'filterSsnGte: "9"', 'xSsn: "9"', 'personSsn: "9"'],
  ...['a: "9"', 'b: "9"', 'c: "9"', 'd: "9"'],
].map(spelled);
filters.push(
  inside('ssnLike'),
  inside('n'),
  inside('m'),
  inside('ssnSpread', 'SpelledSpreadInput', 'spread'),
  { given: 'spelled(piped: [ssn])', coordinate: 'SpelledPiped.ssn' },
  { given: 'sorted(sortBy: _ssn)', coordinate: 'SortedSortBy._ssn' },
);

const leftOut: Case[] = [
  { given: 'sorted', coordinate: 'Query.sorted(sortBy:)' },
  { given: 'sorted(first: 1)', coordinate: 'Query.sorted(sortBy:)' },
  { given: 'sorted(sortBy: null)', coordinate: 'Query.sorted(sortBy:)' },
  {
    given: 'sorted(sortBy: $v)',
    declared: '($v: SortedSortBy)',
    coordinate: 'Query.sorted(sortBy:)',
  },
  {
    given: 'sorted(sortBy: $v)',
    declared: '($v: SortedSortBy)',
    variables: { v: null },
    coordinate: 'Query.sorted(sortBy:)',
  },
  {
    given: 'sorted(sortBy: $v)',
    declared: '($v: SortedSortBy = null)',
    coordinate: 'Query.sorted(sortBy:)',
  },
  { given: 'ordered', coordinate: 'Query.ordered(order:)' },
  { given: 'ordered(order: [])', coordinate: 'Query.ordered(order:)' },
  {
    given: 'ordered(order: $v)',
    declared: '($v: [OrderedOrder!])',
    variables: { v: [] },
    coordinate: 'Query.ordered(order:)',
  },
  { given: 'texted(first: 1)', coordinate: 'Query.texted(sort:)' },
  { given: 'texted(sort: "name")', coordinate: 'Query.texted(sort:)' },
  { given: 'matched', coordinate: 'Query.matched(match:)' },
  { given: 'matched(match: { starts: "9" })', coordinate: 'MatchedMatchInput.field' },
  { given: 'matched(match: { starts: "9", field: null })', coordinate: 'MatchedMatchInput.field' },
  {
    given: 'matched(match: $v)',
    declared: '($v: MatchedMatchInput)',
    variables: { v: { starts: '9', field: null } },
    coordinate: 'MatchedMatchInput.field',
  },
  {
    given: 'matched(match: { starts: "9", field: $v })',
    declared: '($v: MatchedMatchInputField)',
    variables: { v: null },
    coordinate: 'MatchedMatchInput.field',
  },
  { given: 'whole', coordinate: 'Query.whole(match:)' },
  { given: 'whole(match: {})', coordinate: 'Query.whole(match:)' },
  { given: 'whole(match: { field: null, starts: null })', coordinate: 'Query.whole(match:)' },
  {
    given: 'whole(match: $v)',
    declared: '($v: WholeMatchInput)',
    variables: { v: {} },
    coordinate: 'Query.whole(match:)',
  },
  {
    given: 'whole(match: { field: $v })',
    declared: '($v: OrderedOrder)',
    coordinate: 'Query.whole(match:)',
  },
  { given: 'part', coordinate: 'Query.part(by:)' },
  { given: 'posted', coordinate: 'Query.posted(input:)' },
  { given: 'posted(input: {})', coordinate: 'Query.posted(input:)' },
  { given: 'search', coordinate: 'Query.search(input:)' },
  { given: 'search(input: { prefix: "9" })', coordinate: 'SearchInput.column' },
];

const toQuery = ({ given, declared = '' }: Case): string => `query ${declared} { ${given} { id } }`;

describe.each([
  ['a filter as a document spells it', filters],
  ['a default that the service applies', leftOut],
])('%s', (_, cases) => {
  it.each(cases)('needs the grant: $given $variables', async (one) => {
    const about = one.variables === undefined ? {} : { variables: one.variables };
    // Twice, since what was made once is kept.
    for (let time = 0; time < 3; time += 1) {
      const { body } = await gateway.query(toQuery(one), about);
      expect(body.errors?.map(({ extensions }) => extensions)).toEqual([
        { code: 'FORBIDDEN', coordinate: one.coordinate },
      ]);
    }
    expect(gateway.requests).toEqual([]);
    const granted = await gateway.query(toQuery(one), { ...about, as: clerk });
    // Null in an object is what this document does not take.
    const codes = granted.body.errors?.map(({ extensions }) => extensions.code);
    const sent = codes === undefined ? [undefined, 1] : [['ARGUMENT_REFUSED'], 0];
    expect([codes, gateway.requests.length]).toEqual(sent);
  });
});

it('is out of the way where another value is sent', async () => {
  for (const [given, declared, variables] of [
    ['spelled(tag: "x", where: { tag: "x" }, piped: [name])'],
    ['sorted(sortBy: name)'],
    ['sorted(sortBy: $v)', '($v: SortedSortBy)', { v: 'name' }],
    ['sorted(sortBy: $v)', '($v: SortedSortBy = name)'],
    ['ordered(order: [name])'],
    ['ordered(order: $v)', '($v: [OrderedOrder!])', { v: ['name'] }],
    ['matched(match: { field: name, starts: "A" })'],
    ['matched(match: $v)', '($v: MatchedMatchInput)', { v: { field: 'name' } }],
    ['whole(match: { starts: "A" })'],
    ['part(by: name)'],
    ['plain'],
    ['plain(sortBy: null)'],
    ['search(input: { column: name, prefix: "A" })'],
  ] as [string, string?, Record<string, unknown>?][]) {
    const { body } = await gateway.query(`query ${declared ?? ''} { ${given} { id } }`, {
      ...(variables && { variables }),
    });
    expect([given, body.errors]).toEqual([given, undefined]);
  }
});

it('one value of a variable is not taken for another', async () => {
  const text = 'query ($v: SortedSortBy) { sorted(sortBy: $v) { id } }';
  for (const v of ['name', null, 'name', null, undefined, 'name', 'ssn', null]) {
    const { body } = await gateway.query(text, { variables: v === undefined ? {} : { v } });
    expect([v, body.errors === undefined]).toEqual([v, v === 'name']);
  }
});

it.each([
  ['hide', 200],
  ['reject', 403],
])('is refused where the field is to %s', async (outcome, status) => {
  const strict = await testGateway({ upstreams: {}, rest, rules: rulesWith(outcome) });
  const answer = await strict.query('{ sorted { id } }');
  expect([answer.status, answer.body.errors?.[0]?.extensions.code]).toEqual([status, 'FORBIDDEN']);
  expect(answer.text).not.toContain('ssn');
  expect(strict.requests).toEqual([]);
});

it('a text that a rule names: leaving it out is to use it', async () => {
  const more =
    '  - { name: sorts, fields: { Query: ["texted(sort:)"] }, allow: { scopes: [sort] } }\n';
  const named = await testGateway({ upstreams: {}, rest, rules: rulesWith('deny', more) });
  for (const given of ['texted', 'texted(sort: "id")', 'texted(sort: null)']) {
    const refused = await named.query(`{ ${given} { id } }`, { as: clerk });
    expect(refused.body.errors?.[0]?.extensions.coordinate).toBe('Query.texted(sort:)');
    const granted = await named.query(`{ ${given} { id } }`, { as: { scopes: ['sort'] } });
    expect(granted.body.errors).toBeUndefined();
  }
});

it('is held back by the second lock where the first is out', async () => {
  const open = await testGateway({
    upstreams: {},
    rest,
    rules: rulesWith('deny'),
    decide: ({ grants: [first] }) => ({ kind: 'allow', rule: first?.rule as never }),
  });
  for (const one of leftOut) {
    const { body } = await open.query(toQuery(one), {
      ...(one.variables && { variables: one.variables }),
    });
    expect([one.given, JSON.stringify(body).includes('"1"')]).toEqual([one.given, false]);
  }
  expect(open.requests).toEqual([]);
});
