/**
 * A list without entries has no spelling in a query or form: left out, it would lift the filter
 * that the caller wrote, and the service would answer with everything; or it would change nothing
 * where the caller empties a list.
 */
import { describe, expect, test } from 'vitest';
import { address, deep, documentOf, type Form, list, one } from '../delegate/openapi-form-rig.ts';
import { answering, type Json, json, run, toDocument } from '../delegate/openapi-rig.ts';

const texts = { type: 'array', items: { type: 'string', nullable: true } };
const within = { type: 'object', properties: { ids: texts, of: { type: 'string' } } };
const at = (name: string, schema: object, style: string, explode: boolean) => ({
  ...{ name, in: 'query', schema, style, explode },
});
const parameters = [
  at('repeated', texts, 'form', true),
  at('commas', texts, 'form', false),
  at('spaces', texts, 'spaceDelimited', false),
  at('pipes', texts, 'pipeDelimited', false),
  at('numbered', texts, 'deepObject', true),
  at('by', within, 'deepObject', true),
];
const ask = async (given: string) => {
  const { sent, failures } = await run({
    document: toDocument({ '/staff': { get: answering({ type: 'string' }, { parameters }) } }),
    query: `{ staff(${given}) }`,
    answer: json('"ok"'),
  });
  return { sent: sent.map(({ path }) => path), failures };
};

describe.each(['repeated', 'commas', 'spaces', 'pipes', 'numbered'])('%s', (name) => {
  test.each(['[]', '[null]'])('%s', async (list) => {
    expect(await ask(`${name}: ${list}`)).toEqual({
      sent: [],
      failures: [`staff: argument ${name} refused: an empty list`],
    });
  });
});

test('inside an object', async () => {
  expect(await ask('by: { of: "x", ids: [] }')).toEqual({
    sent: [],
    failures: ['staff: argument by refused: an empty list'],
  });
});

test('null, and what is left out, filter nothing', async () => {
  expect(await ask('repeated: null, by: { of: "x" }')).toEqual({
    sent: ['/staff?by%5Bof%5D=x'],
    failures: [],
  });
});

describe('in a form, of a search as of a write', () => {
  const cases: { name: string; form: Form; input: Json }[] = [
    { name: 'repeated', form: one(list), input: { a: [] } },
    { name: 'commas', form: one(list, { explode: false }), input: { a: [] } },
    { name: 'numbered', form: one(list, deep), input: { a: [] } },
    { name: 'inside an object', form: one(address, deep), input: { a: { floor: 1, tags: [] } } },
  ];
  test.each(cases)('$name', async ({ form, input }) => {
    const document = documentOf(form);
    for (const root of ['Query', 'Mutation']) {
      const { sent, failures } = await run({
        document,
        operations: { 'Query.x': 'GET /x', [`${root}.pay`]: 'POST /pay' },
        query: `${root.toLowerCase()} ($input: PayInput!) { pay(input: $input) }`,
        variables: { input },
        answer: json('"ok"'),
      });
      expect({ sent, failures }).toEqual({
        sent: [],
        failures: ['pay: argument input refused: an empty list'],
      });
    }
  });
});
