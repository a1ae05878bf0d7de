/**
 * Names that every object answers to: `__proto__`, `constructor`, `toString` as alias, variable,
 * operation, input key, field, and key of an upstream's row, and `then`, by which promises are told.
 * No pollution, no fault, right data.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TestAnswer, testGateway } from '../support/gateway.ts';
import { played } from './obvious.ts';

// No control: the engine underneath keeps its data in objects without a prototype.

const sdl = /* GraphQL */ `
  type Query { me(name: String, filter: Filter, constructor: Kind): Employee toString: toString }
  type Mutation { update(input: Changes): Employee }
  type Employee { id: ID! name: String ssn: String constructor: String toString: String valueOf: Employee }
  type toString { constructor: String }
  input Filter { name: String constructor: String }
  input Changes { name: String hasOwnProperty: String }
  enum Kind { constructor toString }
`;
const me = { id: '1', name: 'Ada', ssn: '900-11-1111', constructor: 'c', toString: 't' };
const echo = (given: Record<string, unknown>) => ({ ...me, name: JSON.stringify(given) });
const rules = `
version: 1
rules:
  - name: open
    fields:
      Query: [me, toString]
      Employee: [id, name, constructor, toString, valueOf]
      toString: [constructor]
      Mutation: [update]
      Changes: [name, hasOwnProperty]
    allow: everyone
  - { name: ids, fields: { Employee: [ssn] }, allow: { scopes: [ssn] } }
`;
const gateway = await testGateway({
  upstreams: { hr: played(sdl, { me: echo, update: echo, toString: { constructor: 'x' } }) },
  rules,
});

const post = (text: string): Promise<TestAnswer> =>
  gateway.send({
    headers: { 'content-type': 'application/json' },
    body: (async function* () {
      yield new TextEncoder().encode(text);
    })(),
  });

beforeEach(() => {
  gateway.requests.length = 0;
  gateway.records.length = 0;
});
afterEach(() => {
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(Reflect.get({}, 'polluted')).toBeUndefined();
  expect(gateway.records.flatMap((record) => record.faults)).toEqual([]);
});

const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', '__typename'];

describe('as an alias', () => {
  it.each(names)('%s names a value', async (name) => {
    const { text, status } = await gateway.query(`{ ${name}: me { ${name}: id } }`);
    expect([status, text]).toEqual([200, `{"data":{"${name}":{"${name}":"1"}}}`]);
  });

  it.each(names)('%s names a refusal', async (name) => {
    const { text, body } = await gateway.query(`{ me { ${name}: ssn } }`);
    expect(text).toContain(`"data":{"me":{"${name}":null}}`);
    expect(body.errors?.map((error) => error.path)).toEqual([['me', name]]);
    expect(gateway.requests[0]?.query).not.toContain('ssn');
  });

  it.each(names)('%s names introspection', async (name) => {
    const { text } = await gateway.query(`{ ${name}: __type(name: "Employee") { ${name}: kind } }`);
    expect(text).toBe(`{"data":{"${name}":{"${name}":"OBJECT"}}}`);
  });

  it.each(names)('%s stands beside the field of that name', async (name) => {
    const { body } = await gateway.query(`{ me { ${name}: id c: constructor t: toString } }`);
    expect(Object.entries(body.data?.me as object)).toEqual([
      [name, '1'],
      ['c', 'c'],
      ['t', 't'],
    ]);
  });
});

describe('as a name of the operation', () => {
  it.each(names)('%s runs', async (name) => {
    const query = `query ${name} { me { id } } query Other { me { constructor } }`;
    const { body } = await gateway.query(query, { operationName: name });
    expect(body).toEqual({ data: { me: { id: '1' } } });
  });

  it.each(names)('%s that is not there is not found', async (name) => {
    await gateway.query('query A { me { id } }', { operationName: name });
    expect(gateway.records[0]?.refusal?.reason).toBe('limits/operation-name');
  });

  it.each(names)('%s names a fragment', async (name) => {
    const { body } = await gateway.query(
      `{ me { ...${name} } } fragment ${name} on Employee { id }`,
    );
    expect(body).toEqual({ data: { me: { id: '1' } } });
  });

  it.each(names)('%s that is no fragment is refused', async (name) => {
    await gateway.query(`{ me { ...${name} } }`);
    expect(gateway.records[0]?.refusal?.reason).toBe('limits/invalid');
  });
});

describe('as a variable', () => {
  it.each(names.filter((name) => name !== '__proto__'))('%s carries its value', async (name) => {
    const query = `query ($${name}: String) { me(name: $${name}) { name } }`;
    const { body } = await post(`{"query":"${query}","variables":{"${name}":"v"}}`);
    expect(body).toEqual({ data: { me: { name: '{"name":"v"}' } } });
  });

  it.each(names.filter((name) => name !== '__proto__'))('%s may be absent', async (name) => {
    const query = `query ($${name}: String) { me(name: $${name}) { name } }`;
    const { body } = await gateway.query(query);
    expect(body).toEqual({ data: { me: { name: '{}' } } });
  });

  it('__proto__ is refused', async () => {
    const query = 'query ($__proto__: String) { me(name: $__proto__) { name } }';
    for (const variables of ['{"__proto__":"v"}', '{"__proto__":{"polluted":1}}', '{}']) {
      await post(`{"query":"${query}","variables":${variables}}`);
      expect(gateway.records.at(-1)?.refusal?.reason).toBe('limits/variables');
    }
    expect(gateway.requests).toEqual([]);
  });

  it('undeclared ones go nowhere', async () => {
    const variables = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}';
    const { body } = await post(`{"query":"{ me { name } }","variables":${variables}}`);
    expect(body).toEqual({ data: { me: { name: '{}' } } });
    expect(JSON.stringify(gateway.requests)).not.toContain('polluted');
  });

  it('a prototype brings no variables', async () => {
    const query = 'query ($n: String) { me(name: $n) { name } }';
    const { body } = await post(`{"query":"${query}","variables":{"__proto__":{"n":"inherited"}}}`);
    expect(body).toEqual({ data: { me: { name: '{}' } } });
  });

  it('a prototype brings no request', async () => {
    const { status } = await post('{"__proto__":{"query":"{ me { id } }"}}');
    expect(status).toBe(400);
    expect(gateway.records[0]?.refusal?.reason).toBe('admit/body-malformed');
  });
});

describe('as an input key', () => {
  const query = 'query ($f: Filter) { me(filter: $f) { name } }';
  it.each(['__proto__', 'toString', 'hasOwnProperty', 'valueOf'])(
    '%s is unknown, in a variable and in a literal',
    async (key) => {
      await post(`{"query":"${query}","variables":{"f":{"${key}":{"polluted":1}}}}`);
      expect(gateway.records.at(-1)?.refusal?.reason).toBe('limits/variables');
      await gateway.query(`{ me(filter: { ${key}: { polluted: 1 } }) { name } }`);
      expect(gateway.records.at(-1)?.refusal?.reason).toBe('limits/invalid');
      expect(gateway.requests).toEqual([]);
    },
  );

  it('a declared one carries its value', async () => {
    const { body } = await gateway.query(query, { variables: { f: { constructor: 'v' } } });
    expect(body).toEqual({ data: { me: { name: '{"filter":{"constructor":"v"}}' } } });
    const mutation = 'mutation { update(input: { hasOwnProperty: "v" }) { name } }';
    expect((await gateway.query(mutation)).body).toEqual({
      data: { update: { name: '{"input":{"hasOwnProperty":"v"}}' } },
    });
  });

  it('as argument and enum value', async () => {
    const { body } = await gateway.query('{ me(constructor: toString) { name } }');
    expect(body).toEqual({ data: { me: { name: '{"constructor":"toString"}' } } });
  });
});

describe('as names in the schema', () => {
  it('types and fields are found', async () => {
    const { body } = await gateway.query('{ toString { constructor __typename } }');
    expect(body).toEqual({ data: { toString: { constructor: 'x', __typename: 'toString' } } });
  });

  it.each(['hasOwnProperty', '__proto__', 'isPrototypeOf'])('%s is no field', async (name) => {
    await gateway.query(`{ me { ${name} } ${name} }`);
    expect(gateway.records[0]?.refusal?.reason).toBe('limits/invalid');
  });
});

describe("as keys of an upstream's row", () => {
  const answers = [
    {
      name: 'own keys that were not asked for',
      given: '{"data":{"me":{"id":"1","__proto__":{"name":"no","polluted":1},"name":"Ada"}}}',
      expect: { id: '1', name: 'Ada' },
    },
    {
      name: 'a value that is only inherited',
      given: '{"data":{"me":{"id":"1","__proto__":{"name":"no"}}}}',
      expect: { id: '1', name: null },
    },
    {
      name: 'a prototype for the data',
      given: '{"data":{"__proto__":{"me":{"id":"no"}}}}',
      expect: null,
    },
  ];
  it.each(answers)('$name', async ({ given, expect: row }) => {
    const other = await testGateway({
      upstreams: { hr: { sdl, answer: () => JSON.parse(given) } },
      rules,
    });
    const { status, body } = await other.query('{ me { id name } }');
    expect(status).toBe(200);
    expect(body.data).toEqual({ me: row });
  });

  it('a field that is left out is no function', async () => {
    const answer = () => ({ data: { me: { id: '1' } } });
    const other = await testGateway({ upstreams: { hr: { sdl, answer } }, rules });
    const { body } = await other.query('{ me { id constructor toString valueOf { id } } }');
    expect(body.data).toEqual({
      me: { id: '1', constructor: null, toString: null, valueOf: null },
    });
    expect(body.errors?.map((error) => error.extensions.code)).toEqual(
      Array.from({ length: 3 }, () => 'UPSTREAM_FAILED'),
    );
  });
});

describe.each(['compiled', 'reference'] as const)('%s: a field that is called then', (engine) => {
  const sdl = `
    type Query { step: Step steps: [Step!]! any: [Any!] }
    union Any = Step | Stop
    type Step { then: String name: String! next: Step }
    type Stop { then: Int }`;
  const rows = `{
    "step": { "then": "pay", "name": "hire", "next": { "then": "end" } },
    "steps": [{ "then": "pay" }, { "then": "end" }],
    "any": [{ "__typename": "Step", "then": "pay" }, { "__typename": "Stop", "then": 3 }]
  }`;
  const open = () =>
    testGateway({
      engine,
      upstreams: { flow: played(sdl, JSON.parse(rows)) },
      rules: `
version: 1
rules:
  - name: open
    fields: { Query: [step, steps, any], Step: [then, name, next], Stop: [then] }
    allow: everyone
`,
    });
  const cases = [
    { query: '{ step { then } }', expect: '{"step":{"then":"pay"}}' },
    {
      query: '{ step { name then next { then } } }',
      expect: '{"step":{"name":"hire","then":"pay","next":{"then":"end"}}}',
    },
    { query: '{ steps { then } }', expect: '{"steps":[{"then":"pay"},{"then":"end"}]}' },
    {
      query: '{ step { a: then then: name } }',
      expect: '{"step":{"a":"pay","then":"hire"}}',
    },
    {
      query: '{ any { ... on Step { then } ... on Stop { stop: then } } }',
      expect: '{"any":[{"then":"pay"},{"stop":3}]}',
    },
  ];
  it.each(cases)('$query', async ({ query, expect: data }) => {
    const other = await open();
    const { text } = await other.query(query);
    expect(text).toBe(`{"data":${data}}`);
    expect(other.records.flatMap((record) => record.faults)).toEqual([]);
  });
});
