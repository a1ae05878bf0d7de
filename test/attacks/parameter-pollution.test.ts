/**
 * A query parameter that is an object is spread over parameters of other names. Where one of these
 * is a parameter of its own, or the one by which the gateway asks for granted fields alone, the
 * object must not write it: the rule stands on the other.
 */
import { describe, expect, it } from 'vitest';
import { answering, toDocument } from '../delegate/openapi-rig.ts';
import { testGateway } from '../support/gateway.ts';

// No control: what the service is sent is looked at itself.

const text = { type: 'string' };
const query = (name: string, schema: object, more: object = {}) => ({
  name,
  in: 'query',
  schema,
  ...more,
});
const object = (...names: string[]) => ({
  type: 'object',
  properties: Object.fromEntries(names.map((name) => [name, text])),
});

const open = (engine: 'compiled' | 'reference', given: object[]) =>
  testGateway({
    engine,
    upstreams: {},
    rest: {
      people: {
        document: toDocument({
          '/people': {
            get: answering(
              { type: 'array', items: object('name') },
              { parameters: [...given, query('fields', text)] },
            ),
          },
        }),
        operations: { 'Query.people': 'GET /people' },
        select: { parameter: 'fields', nested: 'top' },
        answer: () => ({ status: 200, body: '[]' }),
      },
    },
    rules: `
version: 1
rules:
  - { name: open, fields: { Query: [people], PeopleResponse: ["*"] }, allow: everyone }
  - { name: ssn, fields: { Query: ["people(ssn:)"] }, allow: { scopes: [ssn] } }
`,
  });

const ssn = query('ssn', text);
const cases: { name: string; parameters: object[]; left: string[] }[] = [
  {
    name: 'a spread object beside the parameter',
    parameters: [ssn, query('filter', object('city', 'ssn'))],
    left: ['ssn'],
  },
  {
    name: 'a spread object before the parameter',
    parameters: [query('filter', object('ssn', 'city')), ssn],
    left: ['ssn'],
  },
  {
    name: 'a deep object beside the parameter that it writes',
    parameters: [ssn, query('by[ssn]', text), query('by', object('ssn'), { style: 'deepObject' })],
    left: ['ssn', 'bySsn'],
  },
  {
    name: 'an open deep object beside the parameter that it could write',
    parameters: [
      ssn,
      query('by[ssn]', text),
      query('by', { ...object('city'), additionalProperties: true }, { style: 'deepObject' }),
    ],
    left: ['ssn', 'bySsn'],
  },
  ...[
    { name: 'a deep map', schema: { type: 'object', additionalProperties: true } },
    { name: 'a deep list', schema: { type: 'array', items: { type: 'string' } } },
    {
      name: 'a deep object of objects',
      schema: { type: 'object', properties: { inner: object('ssn') } },
    },
    { name: 'a deep value of any type', schema: {} },
  ].map(({ name, schema }) => ({
    name: `${name} beside the parameter that it could write`,
    parameters: [ssn, query('by[inner][ssn]', text), query('by', schema, { style: 'deepObject' })],
    left: ['ssn', 'byInnerSsn'],
  })),
  {
    name: 'two spread objects that meet',
    parameters: [ssn, query('one', object('a', 'b')), query('other', object('b', 'c'))],
    left: ['ssn', 'one'],
  },
  {
    name: 'a spread object with the parameter for fields',
    parameters: [ssn, query('filter', object('fields', 'city'))],
    left: ['ssn'],
  },
  {
    name: 'objects that meet nothing',
    parameters: [
      ssn,
      query('filter', object('city', 'zip')),
      query('by', object('ssn', 'city'), { style: 'deepObject' }),
    ],
    left: ['ssn', 'filter', 'by'],
  },
];

describe.each(['compiled', 'reference'] as const)('%s', (engine) => {
  it.each(cases)('$name', async ({ parameters, left }) => {
    const gateway = await open(engine, parameters);
    const field = gateway.publicSchema.getQueryType()?.getFields().people;
    expect(field?.args.map(({ name }) => name)).toEqual(left);
    await gateway.close();
  });

  it('nobody without the grant reaches the parameter', async () => {
    const gateway = await open(engine, [ssn, query('filter', object('city', 'ssn'))]);
    await gateway.query('{ people(filter: { ssn: "900-11-1111" }) { name } }');
    await gateway.query('{ people(ssn: "900-11-1111") { name } }');
    expect(gateway.requests).toEqual([]);
    await gateway.close();
  });
});
