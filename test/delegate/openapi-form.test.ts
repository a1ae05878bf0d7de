/** Bodies that are forms: how each property is spelled. */
import { describe, expect, test } from 'vitest';
import type { ApiDocument } from '../../gateway/delegate/openapi/document/api-document.ts';
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
import { type Json, json, run } from './openapi-rig.ts';

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

function inputTypeOf(document: ApiDocument): string {
  const pay = translate(document).schema.getMutationType()?.getFields().pay;
  return String(pay?.args.find(({ name }) => name === 'input')?.type);
}

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
    {
      name: 'an empty list as JSON',
      form: one(list, { contentType: 'application/json' }),
      input: { a: [] },
      expect: 'a=%5B%5D',
    },
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
