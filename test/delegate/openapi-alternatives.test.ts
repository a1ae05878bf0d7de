/** A simple thing said in a long way: alternatives and parts of one value, and parameters of several types. */
import { printSchema, validateSchema } from 'graphql';
import { describe, expect, test } from 'vitest';
import type { ApiDocument } from '../../gateway/delegate/openapi/document/api-document.ts';
import { translateOpenApi } from '../../gateway/delegate/openapi/translate-openapi.ts';
import { answering, type Json, json, run, toDocument } from './openapi-rig.ts';

function linesOf(document: ApiDocument): string[] {
  const { schema } = translateOpenApi({ upstream: 'hris', document, operations: 'all' });
  expect(validateSchema(schema)).toEqual([]);
  return printSchema(schema)
    .split('\n')
    .map((line) => line.trim());
}

const thing = (properties: Json, more: Json = {}): ApiDocument =>
  toDocument({ '/thing': { get: answering({ type: 'object', properties }) } }, more);

const text = { type: 'string' };

describe('one value said in several schemas', () => {
  const kinds = { type: 'string', enum: ['open', 'shut'] };
  const cases = [
    {
      name: 'constants with titles',
      given: {
        type: 'integer',
        oneOf: [
          { title: 'A', const: 1 },
          { title: 'B', const: 2 },
        ],
      },
      expect: ['it: ThingResponseIt', '_1', '_2'],
    },
    { name: 'enums', given: { anyOf: [kinds, { enum: ['ajar'] }] }, expect: ['open', 'ajar'] },
    {
      name: 'a text beside known ones',
      given: { anyOf: [text, kinds] },
      expect: ['it: String'],
    },
    {
      name: 'a known one of an enum elsewhere',
      given: { type: 'string', enum: ['open'], allOf: [kinds] },
      expect: ['it: ThingResponseIt', 'open'],
    },
    {
      name: 'an enum that is restricted to no more than it is',
      given: { type: 'string', allOf: [kinds] },
      expect: ['it: Kinds'],
    },
    {
      name: 'constants of two types',
      given: { oneOf: [{ const: 1 }, { const: 'one' }] },
      expect: ['it: JSON'],
    },
    {
      name: 'a number beside texts',
      given: { anyOf: [kinds, { type: 'integer' }] },
      expect: ['it: JSON'],
    },
    {
      name: 'enums without a common value',
      given: { allOf: [kinds, { enum: ['x'] }] },
      expect: ['it: JSON'],
    },
  ];
  test.each(cases)('$name', ({ given, expect: wanted }) => {
    const lines = linesOf(thing({ it: given }, { Kinds: kinds }));
    expect(lines).toEqual(expect.arrayContaining(wanted));
  });

  test('the values of all alternatives are read, and no others', async () => {
    const document = thing({ it: { oneOf: [{ const: 1 }, { const: 2 }] } });
    const outcome = async (it: unknown) => {
      const { data, failures } = await run({
        document,
        query: '{ thing { it } }',
        answer: json({ it }),
      });
      return { data, failures };
    };
    expect(await outcome(2)).toEqual({ data: { thing: { it: '_2' } }, failures: [] });
    expect(await outcome(3)).toEqual({
      data: { thing: { it: null } },
      failures: ['thing.it: a value that is no ThingResponseIt'],
    });
  });
});

describe('a property that several parts of an allOf describe', () => {
  const person = { type: 'object', properties: { name: text } };
  const cases = [
    {
      name: 'as a text and as one text',
      given: [text, { const: 'hired' }],
      expect: ['it: ThingResponseIt', 'hired'],
    },
    {
      name: 'as any object and as one',
      given: [{ type: 'object', additionalProperties: {} }, person],
      expect: ['name: String'],
    },
    {
      name: 'as an object without properties and as one',
      given: [{ type: 'object', properties: {} }, person],
      expect: ['name: String'],
    },
    { name: 'as one object and as anything', given: [person, {}], expect: ['name: String'] },
    {
      name: 'as a map and as an object',
      given: [{ type: 'object', additionalProperties: text }, person],
      expect: ['it: JSON'],
    },
    {
      name: 'as any object and as a text',
      given: [{ type: 'object' }, text],
      expect: ['it: JSON'],
    },
  ];
  test.each(cases)('$name', ({ given, expect: wanted }) => {
    const allOf = given.map((it) => ({ type: 'object', properties: { it } }));
    const lines = linesOf(toDocument({ '/thing': { get: answering({ allOf }) } }));
    expect(lines).toEqual(expect.arrayContaining(wanted));
  });
});

describe('a property that one part of an allOf says is read or written alone', () => {
  const person = { type: 'object', properties: { name: text } };
  const secret = { writeOnly: true };
  const allOf = (...parts: Json[]): Json => ({
    allOf: parts.map((it) => ({ type: 'object', properties: { it, other: text } })),
  });
  const cases = [
    { name: 'before the other', given: allOf(secret, text) },
    { name: 'after the other', given: allOf(text, secret) },
    { name: 'and gives its type too', given: allOf({ ...text, ...secret }, text) },
    { name: 'where they disagree', given: allOf({ ...text, ...secret }, { type: 'integer' }) },
  ];
  test.each(cases)('$name', ({ given }) => {
    const lines = linesOf(toDocument({ '/thing': { get: answering(given) } }));
    expect(lines).toContain('other: String');
    expect(lines.filter((line) => line.startsWith('it:'))).toEqual([]);
  });

  test('while the type of what is read alone keeps its name', () => {
    const given = allOf(person, { readOnly: true });
    const document = toDocument({ '/thing': { get: answering(given) } }, { Person: person });
    expect(linesOf(document)).toContain('it: Person');
  });
});

describe('parameters of several types', () => {
  const parameter = (name: string, schema: Json, more: Json = {}) => ({
    name,
    in: 'query',
    schema,
    ...more,
  });
  const either = {
    oneOf: [
      { type: 'integer', minimum: 5 },
      { type: 'string', pattern: '^[a-f]+$' },
    ],
  };
  const known = { oneOf: [{ type: 'string', enum: ['admin'] }, text] };
  const document = toDocument({
    '/roles/{role}': {
      get: answering(text, {
        parameters: [{ ...parameter('role', known), in: 'path', required: true }],
      }),
    },
    '/keys/{key}': {
      get: answering(text, {
        parameters: [{ ...parameter('key', either), in: 'path', required: true }],
      }),
    },
    '/list': {
      get: answering(text, {
        parameters: [
          parameter('tag', { anyOf: [text, { type: 'array', items: text }, { type: 'null' }] }),
        ],
      }),
    },
  });
  const cases = [
    {
      name: 'a text that is a number to the service',
      given: '{ keysByKey(key: "7") }',
      expect: ['/keys/7'],
    },
    {
      name: 'a text that is one of two alternatives',
      given: '{ rolesByRole(role: "admin") }',
      expect: ['/roles/admin'],
    },
    { name: 'a text', given: '{ keysByKey(key: "beef") }', expect: ['/keys/beef'] },
    { name: 'neither of them', given: '{ keysByKey(key: "4") }', expect: [] },
    { name: 'one of a list', given: '{ list(tag: "a") }', expect: ['/list?tag=a'] },
    { name: 'a list', given: '{ list(tag: ["a", "b"]) }', expect: ['/list?tag=a&tag=b'] },
  ];
  test.each(cases)('$name', async ({ given, expect: paths }) => {
    const { sent } = await run({ document, query: given, answer: json('"ok"') });
    expect(sent.map(({ path }) => path)).toEqual(paths);
  });
});
