/** Bodies that are forms: which operations and properties there are, and what Swagger 2 has of them. */
import { printSchema } from 'graphql';
import { describe, expect, test } from 'vitest';
import type { ApiDocument } from '../../gateway/delegate/openapi/document/api-document.ts';
import { fromSwagger2 } from '../../gateway/delegate/openapi/document/swagger2.ts';
import {
  address,
  deep,
  documentOf,
  type Form,
  flat,
  formType,
  integer,
  list,
  one,
  text,
  translate,
} from './openapi-form-rig.ts';
import { answering, type Json, json, run, toDocument } from './openapi-rig.ts';

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
    expect(printed).toMatch(/input PostFormInput \{\s*ok: String\s*\}/);
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
