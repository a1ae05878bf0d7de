import { buildSchema, type ExecutionResult, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createGraphqlExecutor } from '../../gateway/delegate/graphql/graphql-executor.ts';
import type { UpstreamAnswer } from '../../gateway/delegate/upstream.ts';
import { UpstreamFailure } from '../../gateway/errors.ts';
import { answering, newContext, seen } from '../support/delegation.ts';

const schema = buildSchema(/* GraphQL */ `
  scalar JSON
  enum Colour { RED GREEN }
  interface Named { name: String }
  type Query { one: Thing, many: [Thing], sure: Thing!, named: Named, byId(ids: [ID!]): [Thing] }
  type Mutation { make: Thing }
  type Thing implements Named {
    id: ID!, name: String, count: Int, ratio: Float, on: Boolean, colour: Colour, tags: [String!], inner: Thing, any: JSON
  }
`);

async function ask(
  document: string,
  answer: Partial<UpstreamAnswer> | Error,
): Promise<ExecutionResult> {
  const executor = createGraphqlExecutor({
    upstream: 'up',
    schema,
    send: async () => {
      if (answer instanceof Error) throw answer;
      return { status: 200, contentType: 'application/json', body: '', ...answer };
    },
  });
  return (await executor({ document: parse(document), context: newContext() })) as ExecutionResult;
}
const tell = (document: string, body: unknown, status = 200) =>
  ask(document, { status, body: JSON.stringify(body) }).then(seen);

const misfit = 'answer does not fit the schema';

describe('reading data by the pinned schema', () => {
  const cases: { name: string; given: [string, unknown]; expect: [unknown, string[]] }[] = [
    {
      name: 'drops what was not asked for',
      given: ['{ one { id } }', { one: { id: '1', ssn: '123-45-6789' }, extra: 1 }],
      expect: [{ one: { id: '1' } }, []],
    },
    {
      name: 'reads by response key, not by name',
      given: ['{ fg0_x: one { fg1_n: name } }', { fg0_x: { fg1_n: 'A', name: 'B' }, one: null }],
      expect: [{ fg0_x: { fg1_n: 'A' } }, []],
    },
    {
      name: 'a field that is left out is a misfit, nullable or not',
      given: ['{ one { name } }', { one: {} }],
      expect: [{ one: { name: null } }, [`one.name: ${misfit}`]],
    },
    {
      name: 'a missing non-null field takes its object away',
      given: [
        '{ one { id fg0_n: name } many { id } }',
        { one: { fg0_n: 'A' }, many: [{ id: '1' }, {}] },
      ],
      expect: [
        { one: null, many: [{ id: '1' }, null] },
        [`many.1.id: ${misfit}`, `one.id: ${misfit}`],
      ],
    },
    {
      name: 'a non-null root that is missing costs only itself',
      given: ['{ sure { id } one { id } }', { sure: null, one: { id: '1' } }],
      expect: [{ sure: null, one: { id: '1' } }, [`sure: ${misfit}`]],
    },
    {
      name: 'wrong scalars are not converted',
      given: [
        '{ one { name count ratio on colour } }',
        { one: { name: true, count: '5', ratio: '1.5', on: 1, colour: 'BLUE' } },
      ],
      expect: [
        { one: { name: null, count: null, ratio: null, on: null, colour: null } },
        ['colour', 'count', 'name', 'on', 'ratio'].map((field) => `one.${field}: ${misfit}`),
      ],
    },
    {
      name: 'right scalars pass',
      given: [
        '{ one { id name count ratio on colour } }',
        { one: { id: 7, name: '', count: 0, ratio: 2, on: false, colour: 'RED' } },
      ],
      expect: [{ one: { id: '7', name: '', count: 0, ratio: 2, on: false, colour: 'RED' } }, []],
    },
    {
      name: 'integers out of range do not fit',
      given: ['{ one { count } }', { one: { count: 2147483648 } }],
      expect: [{ one: { count: null } }, [`one.count: ${misfit}`]],
    },
    {
      name: 'a list instead of an object, an object instead of a list, text instead of either',
      given: [
        '{ one { id } many { id } named { name } }',
        { one: [{ id: '1' }], many: { id: '1' }, named: 'length' },
      ],
      expect: [
        { one: null, many: null, named: null },
        ['many', 'named', 'one'].map((key) => `${key}: ${misfit}`),
      ],
    },
    {
      name: 'a wrong list element costs only itself where it may be null',
      given: ['{ many { id } }', { many: [{ id: '1' }, 'x', { id: '3' }] }],
      expect: [{ many: [{ id: '1' }, null, { id: '3' }] }, [`many.1: ${misfit}`]],
    },
    {
      name: 'an abstract type must be told, and be a member',
      given: [
        '{ fg0_a: named { __typename name } fg1_b: named { __typename name } fg2_c: named { __typename name } }',
        {
          fg0_a: { __typename: 'Thing', name: 'A' },
          fg1_b: { name: 'B' },
          fg2_c: { __typename: 'Query', name: 'C' },
        },
      ],
      expect: [
        { fg0_a: { __typename: 'Thing', name: 'A' }, fg1_b: null, fg2_c: null },
        [`fg1_b: ${misfit}`, `fg2_c: ${misfit}`],
      ],
    },
    {
      name: 'names of the language are no data',
      given: ['{ one { fg0_constructor: name fg1_t: tags } }', { one: { fg1_t: ['a'] } }],
      expect: [
        { one: { fg0_constructor: null, fg1_t: ['a'] } },
        [`one.fg0_constructor: ${misfit}`],
      ],
    },
  ];
  it.each(cases)('$name', async ({ given: [document, data], expect: [wanted, errors] }) => {
    const result = await tell(document, { data });
    expect(result.data).toEqual(wanted);
    expect(result.errors).toEqual(errors);
  });

  it('leaves structured scalars as they are, without prototypes and without bottom', async () => {
    const fine = await ask('{ one { any } }', {
      body: '{"data":{"one":{"any":{"a":[1,{"__proto__":{"x":1},"b":null}]}}}}',
    });
    expect(JSON.stringify(fine.data)).toBe('{"one":{"any":{"a":[1,{"b":null}]}}}');
    const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`;
    expect(
      seen(await ask('{ one { any } }', { body: `{"data":{"one":{"any":${deep}}}}` })),
    ).toEqual({
      data: { one: { any: null } },
      errors: [`one.any: ${misfit}`],
    });
  });

  it('takes a bounded number of errors, of however many places', async () => {
    const many = Array.from({ length: 1_500 }, (_, at) => ({ id: String(at), name: null }));
    const told = many.map((_, at) => ({ path: ['many', at, 'name'] }));
    const result = await tell('{ many { id name } }', { data: { many }, errors: told });
    expect(result.errors).toHaveLength(1_000);
  });

  it('fails as a whole where nothing fits, with a bounded number of errors', async () => {
    const many = Array.from({ length: 20_000 }, () => ({}));
    const result = await tell('{ many { id } one { id } }', { data: { many, one: { id: '1' } } });
    expect(result).toEqual({
      data: { many: null, one: null },
      errors: [`many: ${misfit} in too many places`, `one: ${misfit} in too many places`],
    });
  });
});

describe('what an upstream reports', () => {
  const reported = 'reported an error';
  const cases: { name: string; given: [string, unknown]; expect: [unknown, string[]] }[] = [
    {
      name: 'an error at its path',
      given: [
        '{ one { id name } }',
        {
          data: { one: { id: '1', name: null } },
          errors: [{ message: 'x', path: ['one', 'name'] }],
        },
      ],
      expect: [{ one: { id: '1', name: null } }, [`one.name: ${reported}`]],
    },
    {
      name: 'one error for one null, though the null is a misfit too',
      given: [
        '{ one { inner { id } } }',
        {
          data: { one: { inner: {} } },
          errors: [{ path: ['one', 'inner', 'id'] }, { path: ['one', 'inner'] }],
        },
      ],
      expect: [{ one: { inner: null } }, [`one.inner: ${reported}`]],
    },
    {
      name: 'an error without data at every root field',
      given: ['{ one { id } many { id } }', { data: null, errors: [{ message: 'x' }] }],
      expect: [{ one: null, many: null }, [`many: ${reported}`, `one: ${reported}`]],
    },
    {
      name: 'an error without a path at the root fields that are missing',
      given: [
        '{ one { id } many { id } }',
        { data: { one: { id: '1' }, many: null }, errors: [{}] },
      ],
      expect: [{ one: { id: '1' }, many: null }, [`many: ${reported}`]],
    },
    {
      name: 'an error without a path at the first root field where none is missing',
      given: [
        '{ one { id } many { id } }',
        { data: { one: { id: '1' }, many: [] }, errors: ['x'] },
      ],
      expect: [{ one: { id: '1' }, many: [] }, [`one: ${reported}`]],
    },
    {
      name: 'a path that the document does not have ends where the document does',
      given: [
        '{ one { id } }',
        { data: { one: { id: '1', ssn: 'x' } }, errors: [{ path: ['one', 'ssn', 0] }] },
      ],
      expect: [{ one: { id: '1' } }, [`one: ${reported}`]],
    },
    {
      name: 'paths that are no paths',
      given: [
        '{ one { id } }',
        {
          data: { one: null },
          errors: [{ path: [{}] }, { path: 'one' }, { path: ['__proto__'] }, { path: [0.5] }, null],
        },
      ],
      expect: [{ one: null }, [`one: ${reported}`]],
    },
  ];
  it.each(cases)('$name', async ({ given: [document, body], expect: [data, errors] }) => {
    expect(await tell(document, body)).toEqual({ data, errors });
  });
});

describe('an answer that is no answer', () => {
  const everywhere = (why: string) => ({
    data: { one: null, many: null },
    errors: [`many: ${why}`, `one: ${why}`],
  });
  const notGraphql = everywhere('answer is not GraphQL');
  const cases: { name: string; given: Partial<UpstreamAnswer> | Error; expect: unknown }[] = [
    { name: 'the body null', given: { body: 'null' }, expect: notGraphql },
    { name: 'an empty body', given: { body: '' }, expect: notGraphql },
    { name: 'a list', given: { body: '[{"data":{"one":{"id":"1"}}}]' }, expect: notGraphql },
    { name: 'no data and no errors', given: { body: '{}' }, expect: notGraphql },
    {
      name: 'data null and no errors',
      given: { body: '{"data":null,"errors":[]}' },
      expect: notGraphql,
    },
    { name: 'data as a list', given: { body: '{"data":[]}' }, expect: notGraphql },
    { name: 'errors as text', given: { body: '{"data":{},"errors":"x"}' }, expect: notGraphql },
    { name: 'no JSON', given: { body: '<html>secret</html>' }, expect: notGraphql },
    {
      name: 'another media type',
      given: { body: '{"data":{}}', contentType: 'text/html' },
      expect: notGraphql,
    },
    {
      name: 'a status without GraphQL',
      given: { status: 503, body: 'down' },
      expect: everywhere('status 503'),
    },
    {
      name: 'a status with GraphQL errors',
      given: { status: 400, body: '{"errors":[{"message":"secret"}]}' },
      expect: everywhere('reported an error'),
    },
    {
      name: 'a failure to send',
      given: new UpstreamFailure({ upstream: 'up', why: 'timeout' }),
      expect: everywhere('timeout'),
    },
  ];
  it.each(cases)('$name', async ({ given, expect: wanted }) => {
    const result = await ask('{ one { id } many { id } }', given);
    expect(seen(result)).toEqual(wanted);
    expect(JSON.stringify(result.errors)).not.toContain('secret');
  });

  it('lets a fault of the gateway through as what it is', async () => {
    await expect(ask('{ one { id } }', new TypeError('ours'))).rejects.toBeInstanceOf(TypeError);
  });
});

describe('what is sent', () => {
  it('is one POST with document and variables, without the operation name', async () => {
    const served = answering(() => ({ data: { byId: [] } }));
    const executor = createGraphqlExecutor({ upstream: 'up', schema, send: served.send });
    const document = parse('query Secret($ids: [ID!]) { fg0_a: byId(ids: $ids) { name } }');
    await executor({ document, variables: { ids: ['1'] }, context: newContext() });
    const [sent] = served.sent;
    expect(sent).toMatchObject({ method: 'POST', path: '/', label: 'query' });
    expect(sent?.headers?.accept).toBe('application/graphql-response+json, application/json');
    expect(Object.keys(JSON.parse(sent?.body ?? ''))).toEqual(['query', 'variables']);
    expect(served.queries[0]?.replace(/\s+/g, ' ')).toBe(
      'query ($ids: [ID!]) { fg0_a: byId(ids: $ids) { name } }',
    );
  });

  it('says mutation of a mutation', async () => {
    const served = answering(() => ({ data: { make: null } }));
    const executor = createGraphqlExecutor({ upstream: 'up', schema, send: served.send });
    await executor({ document: parse('mutation { make { id } }'), context: newContext() });
    expect(served.sent[0]?.label).toBe('mutation');
  });

  it('is nothing where the variables do not fit, and no value is told', async () => {
    const served = answering(() => ({ data: {} }));
    const executor = createGraphqlExecutor({ upstream: 'up', schema, send: served.send });
    const document = parse('query ($ids: [ID!]) { byId(ids: $ids) { name } }');
    const asked = Promise.resolve(
      executor({ document, variables: { ids: { secret: 1 } }, context: newContext() }),
    );
    await expect(asked).rejects.toThrow(/^(?!.*secret)/);
    expect(served.sent).toEqual([]);
  });

  it('is looked at before it goes, and not once more when its answer is read', async () => {
    let looks = 0;
    const ids = new Proxy(['1', '2'], {
      get(target, key) {
        if (key === '1') looks += 1;
        return Reflect.get(target, key);
      },
    });
    const { send } = answering(() => ({ data: { byId: [{ id: '1' }] } }));
    const executor = createGraphqlExecutor({ upstream: 'up', schema, send });
    const document = parse(
      'query ($ids: [ID!]!, $no: Boolean!) { byId(ids: $ids) { id name @skip(if: $no) } }',
    );
    const variables = { ids, no: true };
    const result = await executor({ document, variables, context: newContext() });
    expect(result).toEqual({ data: { byId: [{ id: '1' }] } });
    // To see whether it fits, and to write it.
    expect(looks).toBe(2);
  });
});

it.each([
  { document: '{ one { id } }', isRead: true },
  { document: 'mutation { make { id } }', isRead: false },
])('a query may be sent again, a mutation never: $document', async ({ document, isRead }) => {
  const sent: unknown[] = [];
  const executor = createGraphqlExecutor({
    upstream: 'up',
    schema,
    send: async (request) => {
      sent.push(request.isRead);
      return { status: 200, contentType: 'application/json', body: '{"data":{}}' };
    },
  });
  await executor({ document: parse(document), context: newContext() });
  expect(sent).toEqual([isRead]);
});
