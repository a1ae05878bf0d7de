/** `deepObject` in a query: maps, lists, objects in objects and single values, as deep as in a form. */
import { describe, expect, test } from 'vitest';
import { answering, type Json, json, run, toDocument } from './openapi-rig.ts';

const text = { type: 'string' };
const asked = async (schema: Json, literal: string) => {
  const parameter = { name: 'by', in: 'query', style: 'deepObject', explode: true, schema };
  const { sent, failures } = await run({
    document: toDocument({ '/things': { get: answering(text, { parameters: [parameter] }) } }),
    query: `{ things(by: ${literal}) }`,
    answer: json('"ok"'),
  });
  const [one] = sent;
  return one === undefined ? failures : decodeURIComponent(one.path.slice('/things?'.length));
};

const range = {
  anyOf: [{ type: 'object', properties: { gt: { type: 'integer' } } }, { type: 'integer' }],
};
const nested = {
  type: 'object',
  properties: {
    owner: { type: 'object', properties: { 'first-name': text } },
    tags: { type: 'array', items: text },
  },
};

const cases: { name: string; given: [Json, string]; expect: string }[] = [
  {
    name: 'a map',
    given: [{ type: 'object', additionalProperties: text }, '{ cost_center: "a&b", n: "1" }'],
    expect: 'by[cost_center]=a&b&by[n]=1',
  },
  {
    name: 'a list',
    given: [{ type: 'array', items: text }, '["a", "b"]'],
    expect: 'by[0]=a&by[1]=b',
  },
  {
    name: 'objects and lists in an object, without null',
    given: [nested, '{ owner: { firstName: "Ada" }, tags: ["x", "y"] }'],
    expect: 'by[owner][first-name]=Ada&by[tags][0]=x&by[tags][1]=y',
  },
  { name: 'an object or a number: the object', given: [range, '{ gt: 7 }'], expect: 'by[gt]=7' },
  { name: 'an object or a number: the number', given: [range, '7'], expect: 'by=7' },
];

test.each(cases)('$name', async ({ given, expect: query }) => {
  expect(await asked(...given)).toBe(query);
});

describe('is not sent', () => {
  const map = { type: 'object', additionalProperties: true };
  const refused: { name: string; given: string; why: string }[] = [
    {
      name: 'more than fits a query',
      given: `{ a: "${'x'.repeat(70_000)}" }`,
      why: 'an object that is too large for a query',
    },
    {
      name: 'a long name above a long list',
      given: `{ ${'k'.repeat(9_000)}: [${'1,'.repeat(9)}] }`,
      why: 'an object that is too large for a query',
    },
  ];
  test.each(refused)('$name', async ({ given, why }) => {
    expect(await asked(map, given)).toEqual([`things: argument by refused: ${why}`]);
  });

  test('what the document does not permit', async () => {
    expect(await asked({ type: 'object', additionalProperties: text }, '{ a: 1 }')).toEqual([
      'things: argument by refused: type at /*',
    ]);
  });
});
