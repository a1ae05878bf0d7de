/** Bodies that are forms: which operations and properties there are, and how each is spelled. */
import { printSchema } from 'graphql';
import { describe, expect, test } from 'vitest';
import type { ApiDocument } from '../../gateway/delegate/openapi/document/api-document.ts';
import { fromSwagger2 } from '../../gateway/delegate/openapi/document/swagger2.ts';
import { translateOpenApi } from '../../gateway/delegate/openapi/translate-openapi.ts';
import { answering, type Json, json, run, toDocument } from './openapi-rig.ts';

const text = { type: 'string' };
const integer = { type: 'integer' };
const list = { type: 'array', items: text };
const address = { type: 'object', properties: { 'post-code': text, floor: integer, tags: list } };
const flat = { type: 'object', properties: { R: integer, G: integer } };
const formType = 'application/x-www-form-urlencoded';

interface Form {
  properties: Json;
  encoding?: Json;
  more?: Json;
  required?: boolean;
}

function documentOf(form: Form, content: Json = {}): ApiDocument {
  const { properties, encoding, more, required = true } = form;
  const media = { schema: { type: 'object', properties, ...more }, encoding };
  const requestBody = { required, content: { ...content, [formType]: media } };
  const post = answering(text, { operationId: 'pay', requestBody });
  return toDocument({ '/x': { get: answering(text) }, '/pay': { post } });
}

async function send(form: Form, input: unknown, content?: Json) {
  const document = documentOf(form, content);
  const type = inputTypeOf(document);
  const query = `mutation ($input: ${type}) { pay(input: $input) }`;
  const { sent, failures } = await run({
    document,
    query,
    variables: input === undefined ? {} : { input },
    answer: json('"ok"'),
  });
  return { body: sent[0]?.body, headers: sent[0]?.headers, calls: sent.length, failures };
}

function translate(document: ApiDocument) {
  return translateOpenApi({ upstream: 'u', document, operations: 'all' });
}

function inputTypeOf(document: ApiDocument): string {
  const pay = translate(document).schema.getMutationType()?.getFields().pay;
  return String(pay?.args.find(({ name }) => name === 'input')?.type);
}

const one = (schema: unknown, encoding?: Json): Form => ({
  properties: { a: schema },
  ...(encoding && { encoding: { a: encoding } }),
});
const deep = { style: 'deepObject', explode: true };

describe('is spelled', () => {
  const map = { type: 'object', additionalProperties: text };
  const cases: { name: string; form: Form; input: unknown; expect: string }[] = [
    { name: 'a text', form: one(text), input: { a: 'x' }, expect: 'a=x' },
    { name: 'an empty text', form: one(text), input: { a: '' }, expect: 'a=' },
    { name: 'what is absent: not at all', form: one(text), input: {}, expect: '' },
    {
      name: 'null of what may be null: not at all',
      form: { properties: { a: { type: ['string', 'null'] }, b: text } },
      input: { a: null, b: 'x' },
      expect: 'b=x',
    },
    { name: 'a boolean', form: one({ type: 'boolean' }), input: { a: false }, expect: 'a=false' },
    { name: 'a number', form: one({ type: 'number' }), input: { a: -0.25 }, expect: 'a=-0.25' },
    { name: 'a large one', form: one({ type: 'number' }), input: { a: 1e21 }, expect: 'a=1e%2B21' },
    {
      name: 'an int64',
      form: one({ type: 'integer', format: 'int64' }),
      input: { a: 9007199254740991 },
      expect: 'a=9007199254740991',
    },
    {
      name: 'an id of many digits as the text that it is',
      form: { properties: { id: text } },
      input: { id: '9007199254740993' },
      expect: 'id=9007199254740993',
    },
    {
      name: 'an enum under its value',
      form: one({ enum: ['full-time'] }),
      input: { a: 'full_time' },
      expect: 'a=full-time',
    },
    {
      name: 'names on the wire, in the order of the document',
      form: { properties: { 'b-c[]': list, 'a&d': text } },
      input: { aD: '1', bC: ['x', 'y'] },
      expect: 'b-c%5B%5D=x&b-c%5B%5D=y&a%26d=1',
    },
    {
      name: 'any of several single types',
      form: one({ anyOf: [integer, { enum: ['now'] }] }),
      input: { a: 'now' },
      expect: 'a=now',
    },
    {
      name: 'the other of them',
      form: one({ anyOf: [integer, { enum: ['now'] }] }),
      input: { a: 7 },
      expect: 'a=7',
    },
    { name: 'a list', form: one(list), input: { a: ['x', 'y,z'] }, expect: 'a=x&a=y%2Cz' },
    { name: 'an empty list', form: one(list), input: { a: [] }, expect: '' },
    {
      name: 'a list by commas',
      form: one(list, { explode: false }),
      input: { a: ['x', 'y z'] },
      expect: 'a=x,y%20z',
    },
    {
      name: 'a list by spaces',
      form: one(list, { style: 'spaceDelimited' }),
      input: { a: ['x', 'y'] },
      expect: 'a=x%20y',
    },
    {
      name: 'a list by pipes',
      form: one(list, { style: 'pipeDelimited', explode: false }),
      input: { a: ['x', 'y'] },
      expect: 'a=x%7Cy',
    },
    {
      name: 'an object without a style: its JSON text',
      form: one(address),
      input: { a: { postCode: '1&2', floor: 3 } },
      expect: `a=${encodeURIComponent('{"post-code":"1&2","floor":3}')}`,
    },
    {
      name: 'a map without a style',
      form: one(map),
      input: { a: { k: 'v' } },
      expect: `a=${encodeURIComponent('{"k":"v"}')}`,
    },
    {
      name: 'a list of objects as JSON',
      form: one({ type: 'array', items: address }, { contentType: 'application/json' }),
      input: { a: [{ floor: 1 }] },
      expect: `a=${encodeURIComponent('[{"floor":1}]')}`,
    },
    {
      name: 'a text as JSON',
      form: one(text, { contentType: 'application/json' }),
      input: { a: 'x' },
      expect: 'a=%22x%22',
    },
    {
      name: 'a spread object',
      form: one(flat, { style: 'form' }),
      input: { a: { R: 1, G: 2 } },
      expect: 'R=1&G=2',
    },
    {
      name: 'a deep object',
      form: one(address, deep),
      input: { a: { postCode: 'x y', floor: 3, tags: ['p', 'q'] } },
      expect: 'a%5Bpost-code%5D=x%20y&a%5Bfloor%5D=3&a%5Btags%5D%5B0%5D=p&a%5Btags%5D%5B1%5D=q',
    },
    {
      name: 'a deep list of objects',
      form: one({ type: 'array', items: address }, deep),
      input: { a: [{ floor: 1 }, { floor: 2 }] },
      expect: 'a%5B0%5D%5Bfloor%5D=1&a%5B1%5D%5Bfloor%5D=2',
    },
    {
      name: 'a deep map or nothing, as a map',
      form: one({ anyOf: [map, { type: 'string', enum: [''] }] }, deep),
      input: { a: { k: 'v' } },
      expect: 'a%5Bk%5D=v',
    },
    {
      name: 'a deep map or nothing, as nothing',
      form: one({ anyOf: [map, { type: 'string', enum: [''] }] }, deep),
      input: { a: '' },
      expect: 'a=',
    },
  ];
  test.each(cases)('$name', async ({ form, input, expect: body }) => {
    const headers = { accept: 'application/json', 'content-type': formType };
    expect(await send(form, input)).toEqual({ body, headers, calls: 1, failures: [] });
  });

  test('as JSON where the document offers both', async () => {
    const content = { 'application/json': { schema: { type: 'object', properties: { a: text } } } };
    const { body, headers } = await send(one(text), { a: 'x' }, content);
    expect({ body, type: headers?.['content-type'] }).toEqual({
      body: '{"a":"x"}',
      type: 'application/json',
    });
  });

  test('without a body where none is given', async () => {
    const { body, headers } = await send({ ...one(text), required: false }, undefined);
    expect({ body, headers }).toEqual({ body: undefined, headers: { accept: 'application/json' } });
  });

  test('by the bounds of the document', async () => {
    const { calls, failures } = await send(one({ ...text, maxLength: 2 }), { a: 'xyz' });
    expect({ calls, failures }).toEqual({
      calls: 0,
      failures: ['pay: argument input refused: length at /a'],
    });
  });
});

describe('a property without a clear spelling', () => {
  const objects = { type: 'array', items: address };
  const cases: { name: string; form: Form; leftOut: string }[] = [
    { name: 'a list of objects', form: one(objects), leftOut: 'a' },
    { name: 'a list of lists', form: one({ type: 'array', items: list }), leftOut: 'a' },
    { name: 'any value', form: one({}), leftOut: 'a' },
    { name: 'a file', form: one({ type: 'string', format: 'binary' }), leftOut: 'a' },
    { name: 'an object by commas', form: one(address, { explode: false }), leftOut: 'a' },
    { name: 'another media type', form: one(address, { contentType: 'text/xml' }), leftOut: 'a' },
    { name: 'an unknown style', form: one(list, { style: 'tabDelimited' }), leftOut: 'a' },
    {
      name: 'a spread object of any names',
      form: one({ ...flat, additionalProperties: text }, { style: 'form' }),
      leftOut: 'a',
    },
    {
      name: 'a spread object of lists',
      form: one(address, { style: 'form', explode: true }),
      leftOut: 'a',
    },
    {
      name: 'a spread object that writes another property',
      form: {
        properties: { a: { type: 'object', properties: { ok: text } } },
        encoding: { a: { style: 'form' } },
      },
      leftOut: 'a',
    },
    {
      name: 'a deep object that writes another property',
      form: { properties: { a: address, 'a[floor]': integer }, encoding: { a: deep } },
      leftOut: 'a',
    },
    {
      name: 'names that the document does not list',
      form: { properties: { b: text }, more: { additionalProperties: true } },
      leftOut: 'further names',
    },
  ];
  test.each(cases)('$name is left out and told', ({ form, leftOut }) => {
    const document = documentOf({ ...form, properties: { ...form.properties, ok: text } });
    const { report, schema } = translate(document);
    const why = `of its form, left out for want of a clear spelling: ${leftOut}`;
    expect(report).toContainEqual({ operation: 'POST /pay', why, lost: false });
    expect(printSchema(schema)).toMatch(/input PayInput \{[^}]*\bok: String/);
    expect(printSchema(schema)).not.toMatch(/input PayInput \{[^}]*\b(?:a|additionalProperties):/);
  });

  test('is the whole operation where it is required', () => {
    const { report } = translate(documentOf({ ...one(objects), more: { required: ['a'] } }));
    const why = 'a form whose a has no clear spelling cannot be sent';
    expect(report).toContainEqual({ operation: 'POST /pay', why, lost: true });
  });

  test('does not change what a JSON body of the same schema may hold', () => {
    const Payment = { type: 'object', properties: { a: objects, ok: text } };
    const operation = (type: string) =>
      answering(text, { requestBody: { content: { [type]: { schema: Payment } } } });
    const paths = {
      '/x': { get: answering(text) },
      '/form': { post: operation(formType) },
      '/json': { post: operation('application/json') },
    };
    const printed = printSchema(translate(toDocument(paths, { Payment })).schema);
    expect(printed).toMatch(/input PaymentInput \{\s*a: /);
    expect(printed).toMatch(
      /input CreateFormInput \{\s*ok: String\s*\}|input PostFormInput \{\s*ok/,
    );
  });

  test('a form of nothing is an operation without an argument', async () => {
    const document = documentOf({ properties: {} });
    const { sent } = await run({ document, query: 'mutation { pay }', answer: json('"ok"') });
    expect(sent.map(({ body }) => body)).toEqual([undefined]);
  });
});

describe('Swagger 2', () => {
  const field = (name: string, more: Json) => ({ name, in: 'formData', ...more });
  const swagger = (parameters: Json[], consumes?: string[], shared: Json[] = []) =>
    fromSwagger2({
      swagger: '2.0',
      paths: {
        '/x': { get: { responses: { 200: { schema: text } } } },
        '/pay': {
          parameters: shared,
          post: { operationId: 'pay', consumes, parameters, responses: { 200: { schema: text } } },
        },
      },
    } as unknown as ApiDocument);
  const query = (input: string) => `mutation { pay(input: ${input}) }`;
  const both = ['multipart/form-data', formType];
  const cases = [
    { name: 'no media type', given: swagger([field('a', text)]), input: '{ a: "x" }', body: 'a=x' },
    {
      name: 'both media types',
      given: swagger([field('a', text)], both),
      input: '{ a: "x" }',
      body: 'a=x',
    },
    {
      name: 'lists by commas unless told',
      given: swagger([field('a', list), field('b', { ...list, collectionFormat: 'multi' })]),
      input: '{ a: ["x", "y"], b: ["x", "y"] }',
      body: 'a=x,y&b=x&b=y',
    },
    {
      name: 'a field of its own before that of the path',
      given: swagger([field('a', integer)], undefined, [field('a', text)]),
      input: '{ a: 7 }',
      body: 'a=7',
    },
    {
      name: 'a file that need not be',
      given: swagger([field('a', text), field('b', { type: 'file' })], both),
      input: '{ a: "x" }',
      body: 'a=x',
    },
  ];
  test.each(cases)('$name', async ({ given, input, body }) => {
    const { sent } = await run({ document: given, query: query(input), answer: json('"ok"') });
    expect(sent.map((request) => request.body)).toEqual([body]);
  });

  test('a file is not sent', () => {
    const file = swagger([field('a', { type: 'file', required: true })], ['multipart/form-data']);
    const why = 'a body of multipart/form-data cannot be sent';
    expect(translate(file).report).toContainEqual({ operation: 'POST /pay', why, lost: true });
  });
});
