/**
 * Bodies that a broken or hostile REST upstream may send. Each must come out as data of the
 * declared types or as null with a failure at its path; the body's text must never be in an error.
 */
import { describe, expect, test } from 'vitest';
import { answering, type Json, run, toDocument } from '../delegate/openapi-rig.ts';

const text = { type: 'string' };
const address = { type: 'object', properties: { city: text } };
const person: Record<string, unknown> = { type: 'object', required: ['id'] };
person.properties = {
  id: text,
  name: text,
  age: { type: 'integer' },
  salary: { type: 'number' },
  account: { type: 'integer', format: 'int64' },
  active: { type: 'boolean' },
  kind: { enum: ['a', 'b'] },
  tags: { type: 'array', items: text },
  address,
  boss: person,
  extra: { type: 'object' },
  constructor: text,
  toString: text,
  'proto.x': address,
};
Object.defineProperty(person.properties, '__proto__', { value: address, enumerable: true });

const document = toDocument(
  {
    '/person': { get: answering(person) },
    '/people': { get: answering({ type: 'array', items: person }) },
    '/free': { get: answering({}) },
  },
  { Person: person },
);

const secret = 'SSN-123-45-6789';

async function ask(query: string, body: string, contentType = 'application/json') {
  const outcome = await run({ document, query, answer: { status: 200, contentType, body } });
  expect(outcome.text).not.toContain(secret);
  expect(outcome.text).not.toContain('hris:8080');
  return outcome;
}

describe('values of another type than declared', () => {
  const field = (name: string, value: unknown) => ({
    query: `{ person { ${name} } }`,
    body: { id: '1', [name.split(' ')[0] ?? name]: value },
  });
  const cases: { name: string; given: { query: string; body: Json }; at: string }[] = [
    { name: 'a text for Int', given: field('age', '7'), at: 'age' },
    { name: 'a secret for Int', given: field('age', secret), at: 'age' },
    { name: 'a fraction for Int', given: field('age', 1.5), at: 'age' },
    { name: 'too much for Int', given: field('age', 2 ** 31), at: 'age' },
    { name: 'a text for Float', given: field('salary', secret), at: 'salary' },
    { name: 'an id beyond what numbers hold', given: field('account', 2 ** 53), at: 'account' },
    { name: 'a number for Boolean', given: field('active', 1), at: 'active' },
    { name: 'a number for String', given: field('name', 5), at: 'name' },
    { name: 'an object for String', given: field('name', { secret }), at: 'name' },
    { name: 'a list for String', given: field('name', [secret]), at: 'name' },
    { name: 'an unknown enum value', given: field('kind', secret), at: 'kind' },
    { name: 'a text for an object', given: field('address { city }', secret), at: 'address' },
    {
      name: 'a list for an object',
      given: field('address { city }', [{ city: 'x' }]),
      at: 'address',
    },
    { name: 'an object for a list', given: field('tags', { length: 1, 0: secret }), at: 'tags' },
    { name: 'a text for a list', given: field('tags', secret), at: 'tags' },
  ];
  test.each(cases)('$name', async ({ given, at }) => {
    const { data, failures } = await ask(given.query, JSON.stringify(given.body));
    expect(data).toEqual({ person: { [at]: null } });
    expect(failures).toEqual([expect.stringMatching(`^person\\.${at}: a value that is no `)]);
  });

  test('an item of a list alone', async () => {
    const { data, failures } = await ask('{ person { tags } }', `{"tags":["a",1,null,"b"]}`);
    expect(data).toEqual({ person: { tags: ['a', null, null, 'b'] } });
    expect(failures.map((each) => each.split(':')[0])).toEqual(['person.tags.1', 'person.tags.2']);
  });

  test('a row alone: the others keep their data', async () => {
    const body = JSON.stringify([{ id: '1' }, null, secret, { name: 'no id' }, { id: '5' }]);
    const { data, failures } = await ask('{ people { id } }', body);
    expect(data).toEqual({ people: [{ id: '1' }, null, null, null, { id: '5' }] });
    expect(failures.map((each) => each.split(':')[0])).toEqual([
      'people.1',
      'people.2',
      'people.3.id',
    ]);
  });
});

describe('whole bodies', () => {
  const one = '{ person { name } }';
  const cases = [
    { name: 'null', given: 'null' },
    { name: 'a list for an object', given: '[{"name":"x"}]' },
    { name: 'a text', given: `"${secret}"` },
    { name: 'nothing', given: '' },
    { name: 'half of JSON', given: `{"name":"${secret}` },
    { name: 'text', given: `Internal error at http://hris:8080 ${secret}` },
    { name: 'two values', given: '{} {}' },
    { name: 'JSON under another media type', given: '{"name":"x"}', type: 'text/html' },
    { name: 'JSON under none', given: '{"name":"x"}', type: '' },
    {
      name: 'a media type that only sounds like it',
      given: '{"name":"x"}',
      type: 'application/jsonp',
    },
  ];
  test.each(cases)('$name', async ({ given, type }) => {
    const { data, failures } = await ask(one, given, type);
    expect(data).toEqual({ person: null });
    expect(failures).toEqual([expect.stringMatching(/^person: a/)]);
  });

  test('an object where a list belongs', async () => {
    const { data, failures } = await ask('{ people { id } }', '{"id":"1"}');
    expect({ data, failures }).toEqual({
      data: { people: null },
      failures: ['people: a value that is no list'],
    });
  });

  test('10,000 levels of objects', async () => {
    const body = `${'{"boss":'.repeat(10_000)}{"name":"x"}${'}'.repeat(10_000)}`;
    const { data } = await ask('{ person { boss { boss { name } } } }', body);
    expect(data).toEqual({ person: { boss: { boss: { name: null } } } });
  });
});

describe('prototypes', () => {
  test('what a body does not own is not read from its prototype', async () => {
    const query = '{ person { x_constructor x_toString x___proto__ { city } } }';
    const { data, failures } = await ask(query, '{"id":"1"}');
    expect(data).toEqual({ person: { x_constructor: null, x_toString: null, x___proto__: null } });
    expect(failures).toEqual([]);
  });

  test('own properties with such names are data, and pollute nothing', async () => {
    const query = '{ person { x_constructor name x___proto__ { city } } }';
    const body = '{"id":"1","constructor":"c","__proto__":{"city":"Oslo","name":"polluted"}}';
    const { data } = await ask(query, body);
    expect(data).toEqual({
      person: { x_constructor: 'c', name: null, x___proto__: { city: 'Oslo' } },
    });
    expect(Object.hasOwn(Object.prototype, 'city')).toBe(false);
    expect(Reflect.get({}, 'name')).toBeUndefined();
  });
});

describe('opaque JSON', () => {
  const lists = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
  const passed = [
    { name: 'any value', given: '{"a":[1,{"b":null}]}' },
    { name: '`constructor`', given: '{"constructor":{"prototype":1}}' },
    { name: '64 levels', given: lists(64) },
  ];
  test.each(passed)('$name is passed on', async ({ given }) => {
    const { data, failures } = await ask('{ person { extra } }', `{"extra":${given}}`);
    expect({ data, failures }).toEqual({
      data: { person: { extra: JSON.parse(given) } },
      failures: [],
    });
  });

  const refused = [
    { name: 'a __proto__ key', given: `{"a":{"__proto__":{"${secret}":1}}}` },
    { name: '65 levels', given: lists(65) },
    { name: '10,000 levels', given: lists(10_000) },
  ];
  test.each(refused)('$name is refused', async ({ given }) => {
    const { data, failures } = await ask('{ person { extra } free }', `{"extra":${given}}`);
    const why = 'an answer that does not fit the schema';
    expect({ data, failures }).toEqual({
      data: { person: { extra: null }, free: null },
      failures: [`person.extra: ${why}`, `free: ${why}`],
    });
  });
});

test('only selected fields leave', async () => {
  const body = JSON.stringify({
    id: '1',
    name: 'A',
    ssn: secret,
    address: { city: 'Oslo', iban: secret },
  });
  const { data } = await ask('{ person { name address { city } } }', body);
  expect(data).toEqual({ person: { name: 'A', address: { city: 'Oslo' } } });
  expect(JSON.stringify(data)).not.toContain(secret);
});
