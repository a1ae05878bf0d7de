/** Documents that contradict themselves, as many do: what the service means is sent and read. */
import { describe, expect, test } from 'vitest';
import { answering, type Json, json, run, toDocument } from './openapi-rig.ts';

const text = { type: 'string' };

/** `PUT /thing` takes and answers an object of these properties; `GET` has them as parameters. */
const thing = (properties: Json) => {
  const schema = { type: 'object', properties };
  const body = { required: true, content: { 'application/json': { schema } } };
  const parameters = Object.entries(properties).map(([name, one]) => ({
    name,
    in: 'query',
    schema: one,
  }));
  return toDocument({
    '/thing': {
      put: answering(schema, { requestBody: body }),
      get: answering(schema, { parameters }),
    },
  });
};

describe('values of another type than their schema are those of its type', () => {
  const loose: { name: string; given: Json; literal: string; sent: unknown; read: string }[] = [
    {
      name: 'numbers of texts, as YAML reads `enum: [1, 3]`',
      given: { type: 'string', enum: [1, 3, null], nullable: true },
      literal: '_3',
      sent: '3',
      read: '_3',
    },
    {
      name: 'booleans of texts',
      given: { type: 'string', enum: [true, false] },
      literal: '_true',
      sent: 'true',
      read: '_true',
    },
    {
      name: 'a constant of a text',
      given: { type: 'string', const: 2 },
      literal: '_2',
      sent: '2',
      read: '_2',
    },
    {
      name: 'texts of whole numbers',
      given: { type: 'integer', enum: ['1', '3'] },
      literal: '_3',
      sent: 3,
      read: '_3',
    },
  ];

  test.each(loose)('$name', async ({ given, literal, sent: value, read }) => {
    const document = thing({ it: given });
    const written = await run({
      document,
      query: `mutation { putThing(input: { it: ${literal} }) { it } }`,
      answer: json({ it: value }),
    });
    expect(written.failures).toEqual([]);
    expect(written.sent.map(({ body }) => JSON.parse(String(body)))).toEqual([{ it: value }]);
    expect(written.data).toEqual({ putThing: { it: read } });
    const asked = await run({
      document,
      query: `{ thing(it: ${literal}) { it } }`,
      answer: json({}),
    });
    expect(asked.sent.map(({ path }) => path)).toEqual([`/thing?it=${value}`]);
  });

  test('texts of booleans', async () => {
    const { sent, data, failures } = await run({
      document: thing({ it: { type: 'boolean', enum: ['true'] } }),
      query: 'mutation { putThing(input: { it: true }) { it } }',
      answer: json({ it: true }),
    });
    expect(failures).toEqual([]);
    expect(sent.map(({ body }) => body)).toEqual(['{"it":true}']);
    expect(data).toEqual({ putThing: { it: true } });
  });

  test('values of a list that are those of its items leave it a list', async () => {
    const { sent, data, failures } = await run({
      document: thing({ it: { type: 'array', items: text, enum: ['a', 'b'] } }),
      query: 'mutation { putThing(input: { it: ["a", "b"] }) { it } }',
      answer: json({ it: ['b'] }),
    });
    expect(failures).toEqual([]);
    expect(sent.map(({ body }) => body)).toEqual(['{"it":["a","b"]}']);
    expect(data).toEqual({ putThing: { it: ['b'] } });
  });

  test('what is none of them stays refused', async () => {
    const { sent, failures } = await run({
      document: thing({ it: { type: 'string', enum: [1, 3] } }),
      query: '{ thing { it } }',
      answer: json({ it: '2' }),
    });
    expect(sent).toHaveLength(1);
    expect(failures).toEqual(['thing.it: a value that is no ThingIt']);
  });
});

describe('alternatives of a body that overlap', () => {
  const payment = {
    title: 'Payment',
    type: 'object',
    required: ['amount'],
    properties: { amount: text },
  };
  const periodic = {
    title: 'Periodic',
    type: 'object',
    required: ['amount', 'startDate'],
    properties: { amount: text, startDate: { type: 'string', format: 'date' } },
  };
  const document = (schema: Json) =>
    toDocument({
      '/thing': { get: answering(text) },
      '/pay': {
        post: answering(text, {
          requestBody: { required: true, content: { 'application/json': { schema } } },
        }),
      },
    });
  const pay = async (input: string, schema: Json = { oneOf: [payment, periodic] }) => {
    const query = `mutation { postPay(input: ${input}) }`;
    const { sent, failures } = await run({
      document: document(schema),
      query,
      answer: json('"ok"'),
    });
    return sent.length === 0 ? failures : sent.map(({ body }) => JSON.parse(String(body)));
  };

  test('the one that is given is sent, though it fits another as well', async () => {
    expect(await pay('{ periodic: { amount: "1", startDate: "2030-01-31" } }')).toEqual([
      { amount: '1', startDate: '2030-01-31' },
    ]);
    expect(await pay('{ payment: { amount: "1" } }')).toEqual([{ amount: '1' }]);
  });

  test('one that fits none is refused', async () => {
    expect(
      await pay('{ periodic: { amount: "1", startDate: "soon" } }', {
        oneOf: [{ ...payment, additionalProperties: false }, periodic],
      }),
    ).toEqual(['postPay: argument input refused: oneOf']);
  });

  test('alternatives that only say what belongs together still exclude each other', async () => {
    const either = {
      type: 'object',
      properties: { id: text, name: text },
      oneOf: [{ required: ['id'] }, { required: ['name'] }],
    };
    expect(await pay('{ id: "1" }', either)).toEqual([{ id: '1' }]);
    expect(await pay('{ id: "1", name: "x" }', either)).toEqual([
      'postPay: argument input refused: oneOf',
    ]);
  });
});

test.each(['example', 'default'])('an integer whose %s has 64 bits is a long', async (keyword) => {
  const { sent, data, failures } = await run({
    document: thing({ it: { type: 'integer', [keyword]: 68_719_476_736 } }),
    query: '{ thing(it: 1484811043508) { it } }',
    answer: json({ it: 68_719_476_737 }),
  });
  expect(failures).toEqual([]);
  expect(sent.map(({ path }) => path)).toEqual(['/thing?it=1484811043508']);
  expect(data).toEqual({ thing: { it: 68_719_476_737 } });
});

describe('required of a body', () => {
  const put = async (schema: Json, input: string) => {
    const { sent, failures } = await run({
      document: toDocument({
        '/thing': {
          get: answering(text),
          put: answering(text, {
            requestBody: { required: true, content: { 'application/json': { schema } } },
          }),
        },
      }),
      query: `mutation { putThing(input: ${input}) }`,
      answer: json('"ok"'),
    });
    return sent.length === 0 ? failures : sent.map(({ body }) => JSON.parse(String(body)));
  };

  test('what another part of an allOf has as read-only is not', async () => {
    const base = { type: 'object', properties: { id: { ...text, readOnly: true }, name: text } };
    const named = { type: 'object', required: ['id', 'name'], properties: { note: text } };
    expect(await put({ allOf: [base, named] }, '{ name: "Ada", note: "x" }')).toEqual([
      { name: 'Ada', note: 'x' },
    ]);
    expect(await put({ allOf: [base, { required: ['id'] }] }, '{ name: "Ada" }')).toEqual([
      { name: 'Ada' },
    ]);
    expect(await put({ ...base, allOf: [named] }, '{ name: "Ada" }')).toEqual([{ name: 'Ada' }]);
    expect(await put({ allOf: [base], required: ['id'] }, '{ name: "Ada" }')).toEqual([
      { name: 'Ada' },
    ]);
  });

  test('what has a default is left to the service', async () => {
    const state = { type: 'string', enum: ['new', 'old'], default: 'new' };
    const schema = {
      type: 'object',
      required: ['name', 'state'],
      properties: { name: text, state },
    };
    expect(await put(schema, '{ name: "Ada" }')).toEqual([{ name: 'Ada' }]);
    expect(await put({ allOf: [schema, { required: ['state'] }] }, '{ name: "Ada" }')).toEqual([
      { name: 'Ada' },
    ]);
    const alternatives = { ...schema, oneOf: [{ required: ['state'] }, { required: ['name'] }] };
    expect(await put(alternatives, '{ name: "Ada" }')).toEqual([{ name: 'Ada' }]);
    expect(await put(alternatives, '{ name: "Ada", state: old }')).toEqual([
      'putThing: argument input refused: oneOf',
    ]);
  });

  test('what is described nowhere is a value of any type', async () => {
    const schema = { type: 'object', required: ['type', 'name'], properties: { name: text } };
    expect(await put(schema, '{ name: "Ada", type: "lock" }')).toEqual([
      { name: 'Ada', type: 'lock' },
    ]);
    expect(await put(schema, '{ name: "Ada" }')).toEqual([
      'putThing: argument input refused: required type',
    ]);
  });
});
