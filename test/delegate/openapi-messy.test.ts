/** Documents as they are published: what breaks their format, or uses it in ways that few expect. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { printSchema, validateSchema } from 'graphql';
import { describe, expect, test } from 'vitest';
import type { ApiDocument } from '../../gateway/delegate/openapi/document/api-document.ts';
import { loadOpenApi } from '../../gateway/delegate/openapi/load-openapi.ts';
import { translateOpenApi } from '../../gateway/delegate/openapi/translate-openapi.ts';
import { answering, type Json, toDocument } from './openapi-rig.ts';

function translated(document: ApiDocument) {
  const { schema, report } = translateOpenApi({ upstream: 'hris', document, operations: 'all' });
  expect(validateSchema(schema)).toEqual([]);
  const lines = printSchema(schema)
    .split('\n')
    .map((line) => line.trim());
  return { lines, report, said: report.map(({ operation, why }) => `${operation}: ${why}`) };
}

const thing = (properties: Json, more: Json = {}): ApiDocument =>
  toDocument({ '/thing': { get: answering({ type: 'object', properties }) } }, more);

const text = { type: 'string' };

async function loaded(document: Json, files: Json = {}): Promise<ApiDocument> {
  const directory = await mkdtemp(join(tmpdir(), 'fieldgate-messy-'));
  try {
    const all = { 'api.json': { openapi: '3.1.0', ...document }, ...files };
    for (const [name, content] of Object.entries(all)) {
      await writeFile(join(directory, name), JSON.stringify(content));
    }
    return await loadOpenApi(join(directory, 'api.json'));
  } finally {
    await rm(directory, { recursive: true });
  }
}

test('enum values that are symbols alone have names of their own', () => {
  const values = ['_', '$', '>=', '<='];
  const { lines } = translated(thing({ it: { type: 'string', enum: values } }));
  expect(lines.filter((line) => /^x?_/.test(line))).toHaveLength(4);
});

describe('a reference that leads nowhere', () => {
  const none = { $ref: '#/components/schemas/None' };
  const fine = { get: answering(text) };
  const why = /^the reference #\/\S+None leads nowhere/;

  test('leaves an opaque value, and the rest of the document', async () => {
    const schema = {
      type: 'object',
      properties: { name: text, odd: none, list: { type: 'array', items: none } },
    };
    const { lines, report } = translated(
      await loaded({ paths: { '/fine': fine, '/thing': { get: answering(schema) } } }),
    );
    expect(lines).toEqual(
      expect.arrayContaining(['fine: String', 'name: String', 'odd: JSON', 'list: [JSON]']),
    );
    expect(report).toContainEqual({
      operation: 'ThingResponse.odd',
      why: expect.stringMatching(
        /^opaque JSON: the reference #\/components\/schemas\/None leads nowhere/,
      ),
      lost: false,
    });
  });

  const lost: { name: string; given: Json; label: string }[] = [
    { name: 'a path', given: { $ref: '#/paths/None' }, label: '/thing' },
    {
      name: 'a parameter',
      given: { get: { ...answering(text), parameters: [{ $ref: '#/parameters/None' }] } },
      label: 'GET /thing',
    },
    {
      name: 'an answer',
      given: { get: { responses: { 200: { $ref: '#/responses/None' } } } },
      label: 'GET /thing',
    },
    {
      name: 'a body',
      given: { post: { ...answering(text), requestBody: { $ref: '#/bodies/None' } } },
      label: 'POST /thing',
    },
  ];
  test.each(lost)(
    'where $name should be: no operation, and it is said',
    async ({ given, label }) => {
      const { lines, report } = translated(
        await loaded({ paths: { '/fine': fine, '/thing': given } }),
      );
      expect(lines).toContain('fine: String');
      expect(report).toContainEqual({
        operation: label,
        why: expect.stringMatching(why),
        lost: true,
      });
    },
  );

  test('a pointer that is no encoding, and an anchor, lead nowhere as well', async () => {
    const properties = { a: { $ref: '#/x/%zz' }, b: { $ref: '#anchor' } };
    const { said } = translated(
      await loaded({ paths: { '/thing': { get: answering({ type: 'object', properties }) } } }),
    );
    expect(said.filter((line) => line.includes('leads nowhere'))).toHaveLength(2);
  });
});

test('a document of a thousand files', async () => {
  const names = Array.from({ length: 1_000 }, (_, index) => `part-${index}.json`);
  const properties = Object.fromEntries(names.map((name, index) => [`p${index}`, { $ref: name }]));
  const paths = { '/thing': { get: answering({ type: 'object', properties }) } };
  const { lines } = translated(
    await loaded({ paths }, Object.fromEntries(names.map((name) => [name, text]))),
  );
  expect(lines).toContain('p999: String');
});

test('what is written as a method and is none is said', () => {
  const { said } = translated(
    toDocument({ '/a': { get: answering(text), GET: answering(text), 'x-own': {} } }),
  );
  expect(said).toEqual(['GET /a: GET is no method that OpenAPI has']);
});

test('an answer called default is read where no 2xx is described, and there alone', () => {
  const of = (schema: Json) => ({ content: { 'application/json': { schema } } });
  const { lines, said } = translated(
    toDocument({
      '/a': { get: { responses: { default: of(text), 404: of({ type: 'boolean' }) } } },
      '/b': { get: { responses: { default: of(text), 200: of({ type: 'integer' }) } } },
      '/c': { get: { responses: { default: {} } } },
    }),
  );
  expect(lines).toEqual(expect.arrayContaining(['a: String', 'b: Int', 'c: Boolean']));
  expect(said).toEqual([
    'GET /a: no 2xx answer is described: the one called default is used',
    'GET /c: no 2xx answer is described: only success is told',
  ]);
});
