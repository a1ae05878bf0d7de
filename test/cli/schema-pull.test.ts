/** `schema --pull`: the pinned SDL follows the upstream, or stays as it was. */
import { readdir, readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { buildSchema, graphql } from 'graphql';
import { afterEach, describe, expect, it } from 'vitest';
import { playUpstream } from '../support/served.ts';
import { runCommand } from './run-command.ts';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

const pinned = `# Written by hand.
type Query { person(id: ID!): Person }
type Person { id: ID! old: Int name: String }
`;
const newer = `
  type Query { person(id: ID!, deep: Boolean = true): Person hidden: Int }
  type Person { id: ID! name: String! kind: Kind }
  enum Kind { A B }
  type Subscription { ticks: Int }
`;

/** What older servers do not know. */
const recent = /isOneOf|specifiedByURL|isRepeatable|(?:args|inputFields)\(includeDeprecated/;

/** A server from before `@oneOf`, which refuses the whole document. */
const older = (sdl: string) => (query: string) =>
  recent.test(query)
    ? { errors: [{ message: 'Cannot query field "isOneOf" on type "__Type".' }] }
    : graphql({ schema: buildSchema(sdl), source: query });

async function pull(
  sdl: string | ((query: string, response: ServerResponse) => unknown),
  about: { file?: string; lines?: string; args?: string[]; refusedAs?: number } = {},
) {
  const headers: Record<string, unknown>[] = [];
  const queries: string[] = [];
  const upstream = await playUpstream(async (request, response, body) => {
    headers.push(request.headers);
    const { query } = JSON.parse(body);
    queries.push(query);
    if (recent.test(query)) response.statusCode = about.refusedAs ?? 200;
    const answer =
      typeof sdl === 'function'
        ? await sdl(query, response)
        : await graphql({ schema: buildSchema(sdl), source: query });
    response.setHeader('content-type', 'application/json');
    response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
  });
  opened.push(upstream);
  const files = {
    'gateway.yaml': `
version: 1
identity: { anonymous: allow }
upstreams:
  staff:
    graphql: staff.graphql
    url: ${upstream.url}
${about.lines ?? ''}`,
    ...(about.file === '' ? {} : { 'staff.graphql': about.file ?? pinned }),
  };
  const ran = await runCommand(['schema', '--pull', ...(about.args ?? [])], files);
  const names = await readdir(ran.directory);
  const text = names.includes('staff.graphql')
    ? await readFile(join(ran.directory, 'staff.graphql'), 'utf8')
    : undefined;
  return { ...ran, names: names.sort(), text, headers, queries };
}

it('is not asked for together with the view of a caller', async () => {
  const ran = await runCommand(['schema', '--pull', '--as', '{}'], {});
  expect(ran.code).toBe(2);
  expect(ran.stderr).toContain('schema takes --as or --pull, not both');
});

it('takes no schema that is larger than answers of the upstream may be, and says so', async () => {
  const lines = '    responseBytesMax: 5000\n';
  const { code, stderr, text } = await pull(newer, { lines });
  expect([code, text]).toEqual([1, pinned]);
  expect(stderr).toMatch(
    /^staff: its answer is larger than `responseBytesMax` \(5000 bytes\); .*staff\.graphql is as it was$/m,
  );
});

it('takes no SDL that would not be read from its file', async () => {
  const described = newer.replace('type Person', `"${'d'.repeat(16_777_216)}" type Person`);
  const lines = '    responseBytesMax: 67108864\n    timeoutMs: 60000\n';
  const { code, stderr, text } = await pull(described, { lines });
  expect([code, text]).toEqual([1, pinned]);
  expect(stderr).toContain('the SDL is larger than 16777216 bytes');
});

it('writes what the upstream says, and tells what that changes', async () => {
  const { code, stdout, text, names } = await pull(newer);
  expect(code).toBe(0);
  expect(names).toEqual(['gateway.yaml', 'staff.graphql']);
  expect(buildSchema(text ?? '').getType('Kind')).toBeDefined();
  const lines = stdout.split('\n').filter((line) => line.startsWith('  '));
  expect(lines).toEqual([
    '  - Person.old',
    '  ~ Person.name: String -> String!',
    '  + Kind',
    '  + Kind.A',
    '  + Kind.B',
    '  + Person.kind',
    '  + Query.hidden',
    '  + Query.person(deep:)',
  ]);
});

it('tells the same as JSON', async () => {
  const { stdout } = await pull(newer, { args: ['--json'] });
  expect(JSON.parse(stdout)).toMatchObject({
    pulled: [
      {
        upstream: 'staff',
        removed: ['Person.old'],
        changed: ['Person.name: String -> String!'],
      },
    ],
  });
});

it('leaves a file alone that says the same in other words', async () => {
  const { code, text } = await pull(pinned);
  expect({ code, text }).toEqual({ code: 0, text: pinned });
});

it('writes a file that is not there yet', async () => {
  const { code, text } = await pull(newer, { file: '' });
  expect(code).toBe(0);
  expect(
    buildSchema(text ?? '')
      .getQueryType()
      ?.getFields().person,
  ).toBeDefined();
});

it('replaces a file that does not load', async () => {
  const { code, text } = await pull(newer, { file: 'type Query {' });
  expect(code).toBe(0);
  expect(text).toContain('type Person');
});

it('keeps lists and objects of scalars as defaults', async () => {
  const told = 'scalar JSON type Query { find(how: JSON = 5, tags: [JSON!] = [6]): Int }';
  const { code, text } = await pull(
    async (query) =>
      JSON.stringify(await graphql({ schema: buildSchema(told), source: query }))
        .replace('"defaultValue":"5"', '"defaultValue":"{deep: [1, {x: \\"y\\"}]}"')
        .replace('"defaultValue":"[6]"', '"defaultValue":"[{}]"'),
    { file: '' },
  );
  expect(code).toBe(0);
  expect(text).toContain('find(how: JSON = {deep: [1, {x: "y"}]}, tags: [JSON!] = [{}]): Int');
});

const full = `
  directive @tag(name: String!) repeatable on FIELD_DEFINITION
  "The staff." schema { query: Query }
  type Query { find(by: Key!, old: Int @deprecated(reason: "no use")): Int }
  input Key @oneOf { id: ID email: String name: String @deprecated(reason: "not unique") }
  scalar Day @specifiedBy(url: "https://example.com/day")
`;

it('keeps all that a schema can say', async () => {
  const { code, text, queries } = await pull(full, { file: '' });
  expect(code).toBe(0);
  expect(queries).toHaveLength(1);
  expect(buildSchema(text ?? '').getType('Key')).toMatchObject({ isOneOf: true });
  for (const part of [
    'old: Int @deprecated(reason: "no use")',
    'name: String @deprecated(reason: "not unique")',
    'scalar Day @specifiedBy(url: "https://example.com/day")',
    'directive @tag(name: String!) repeatable on',
    'The staff.',
  ]) {
    expect(text).toContain(part);
  }
});

it('finds that an input has become a choice of one', async () => {
  const { code, stdout, text } = await pull(
    'type Query { a(b: B): Int } input B @oneOf { c: Int }',
    {
      file: 'type Query { a(b: B): Int } input B { c: Int }',
    },
  );
  expect(code).toBe(0);
  expect(stdout).toContain('  ~ B: GraphQLInputObjectType -> GraphQLInputObjectType @oneOf');
  expect(text).toContain('@oneOf');
});

it.each([200, 400, 500])(
  'asks an older server, which says %i, in its own words',
  async (refusedAs) => {
    const { code, text, queries } = await pull(older(newer), { file: '', refusedAs });
    expect(code).toBe(0);
    expect(text).toContain('type Person');
    expect(queries.map((query) => recent.test(query))).toEqual([true, false]);
  },
);

it.each([
  { name: 'its status', refusedAs: 200, second: 403, why: 'status 403' },
  {
    name: 'that it is no introspection',
    refusedAs: 400,
    second: 200,
    why: 'answer is no introspection',
  },
])('says of the second answer $name', async ({ refusedAs, second, why }) => {
  let asked = 0;
  const { code, stderr, text } = await pull(
    (_query, response) => {
      asked += 1;
      if (asked > 1) response.statusCode = second;
      return { errors: [{ message: 'no' }] };
    },
    { refusedAs },
  );
  expect({ code, text, asked }).toEqual({ code: 1, text: pinned, asked: 2 });
  expect(stderr).toMatch(new RegExp(`^staff: ${why}; .*staff\\.graphql is as it was$`, 'm'));
});

it('sends the headers that need no caller, and no others', async () => {
  const { headers } = await pull(newer, {
    lines:
      '    headers: { x-key: k, x-tenant: "{claims.tenant}" }\n    forward: [accept-language]\n',
  });
  expect(headers).toHaveLength(1);
  expect(headers[0]).toMatchObject({ 'x-key': 'k' });
  expect(headers[0]).not.toHaveProperty('x-tenant');
});

it('the pin holds the upstream’s own names, whatever the prefix', async () => {
  const { code, text } = await pull(newer, { lines: '    prefix: Pay_\n' });
  expect(code).toBe(0);
  expect(text).not.toContain('Pay_');
});

describe('an upstream that', () => {
  const introspects = { __schema: { queryType: { name: 'Query' }, types: [], directives: [] } };
  it.each([
    { name: 'refuses', answer: { errors: [{ message: 'introspection is off' }] } },
    { name: 'sends no JSON', answer: 'hello' },
    { name: 'sends a schema that is none', answer: { data: introspects } },
    { name: 'sends null', answer: { data: { __schema: null } } },
    { name: 'sends too much', answer: `{"data":"${'a'.repeat(20_000)}"}` },
  ])('$name changes nothing', async ({ answer }) => {
    const { code, text, stderr, names } = await pull(() => answer, {
      lines: '    responseBytesMax: 10000\n',
    });
    expect({ code, text }).toEqual({ code: 1, text: pinned });
    expect(stderr).toContain('staff');
    expect(stderr).not.toContain('introspection is off');
    expect(names).toEqual(['gateway.yaml', 'staff.graphql']);
  });

  it('has lost an operation that the configuration names changes nothing', async () => {
    const { code, text } = await pull('type Query { other: Int }', {
      lines: '    operations: [Query.person]\n',
    });
    expect({ code, text }).toEqual({ code: 1, text: pinned });
  });

  it('uses a name of the gateway’s own changes nothing', async () => {
    const { code, text } = await pull('type Query { fg_secret: Int }');
    expect({ code, text }).toEqual({ code: 1, text: pinned });
  });
});
