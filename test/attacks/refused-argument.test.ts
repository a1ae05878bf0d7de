/**
 * A value that a service's description does not permit is not sent, and is told apart from a service
 * that failed: callers could otherwise raise the alarm of an upstream that is down, by what they
 * send. On both engines.
 */
import { expect, it } from 'vitest';
import { testGateway } from '../support/gateway.ts';

const person = { type: 'object', title: 'Person', properties: { id: { type: 'string' } } };
const parameter = (name: string, schema: object, place: 'path' | 'query') => ({
  ...{ name, in: place, required: place === 'path', schema },
});
const document = {
  openapi: '3.0.3',
  components: { schemas: { Person: person } },
  paths: {
    '/people/{id}': {
      get: {
        parameters: [
          parameter('id', { type: 'string' }, 'path'),
          parameter('page', { type: 'integer', maximum: 50 }, 'query'),
          parameter('since', { type: 'integer', format: 'int64' }, 'query'),
        ],
        responses: { 200: { content: { 'application/json': { schema: person } } } },
      },
    },
  },
};
const rules = `
version: 1
rules:
  - { name: open, types: [Person], allow: everyone }
`;

const cases = [
  { name: 'past a bound', given: 'id: "1", page: 51', expect: 'argument page refused: maximum' },
  { name: 'no whole number', given: 'id: "1", since: 0.5', expect: 'argument since refused: ' },
  { name: 'no path segment', given: 'id: ".."', expect: 'argument id refused: no path segment' },
];

it.each(
  cases.flatMap((one) => [
    { ...one, engine: 'compiled' as const },
    { ...one, engine: 'reference' as const },
  ]),
)('$name, $engine', async ({ given, expect: why, engine }) => {
  let calls = 0;
  const answer = () => {
    calls += 1;
    return { status: 200, body: '{"id":"1"}' };
  };
  const operations = { 'Query.person': 'GET /people/{id}' };
  const gateway = await testGateway({
    upstreams: {},
    rest: { people: { document, operations, answer } },
    rules,
    engine,
  });
  const { body } = await gateway.query(`{ person(${given}) { id } }`);
  expect(body.data).toEqual({ person: null });
  expect(body.errors?.map(({ path, extensions }) => [path, extensions.code])).toEqual([
    [['person'], 'ARGUMENT_REFUSED'],
  ]);
  expect(calls).toBe(0);
  const [record] = gateway.records;
  expect(record).toMatchObject({ upstreamFailures: 0, faults: [] });
  expect(record?.failures?.[0]).toContain(why);
});
