/**
 * A path parameter that shares its segment with other text (`/pay/{tenant}-{id}`, and the functions and
 * keys of OData: `/slips(tenant='{tenant}',id='{id}')`). Services decode the segment and take it apart:
 * a value with their separators in it moves the line, and writes the parameter beside it.
 */
import { describe, expect, test } from 'vitest';
import { translateOpenApi } from '../../gateway/delegate/openapi/translate-openapi.ts';
import { answering, json, run, toDocument } from '../delegate/openapi-rig.ts';

const text = { type: 'string' };
const schemas: Record<string, object> = {
  day: { type: 'string', format: 'date' },
  ids: { type: 'array', items: text },
  kind: { type: 'string', enum: ['pdf', 'csv'] },
  packing: { type: 'string', enum: ['gz', 'tar.gz'] },
};
const documentOf = (path: string) =>
  toDocument({
    '/x': { get: answering(text) },
    [path]: {
      get: answering(text, {
        operationId: 'slip',
        parameters: [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
          name,
          in: 'path',
          required: true,
          schema: schemas[name ?? ''] ?? text,
        })),
      }),
    },
  });

type Given = Record<string, string | string[]>;

const ask = (path: string, args: Given) => {
  const given = Object.entries(args).map(([name, value]) => {
    const isEnum = schemas[name] !== undefined && 'enum' in schemas[name];
    return `${name}: ${isEnum ? value : JSON.stringify(value)}`;
  });
  const query = `{ slip(${given.join(', ')}) }`;
  return run({ document: documentOf(path), query, answer: json('"ok"') });
};

const dashed = '/pay/{tenant}-{id}';
const dotted = '/compare/{base}...{head}';
const odata = "/slips(tenant='{tenant}',id={id})/lines";
const keyed = '/slips({id})';

const moved: [path: string, args: Given][] = [
  [dashed, { tenant: 'acme', id: 'x-7' }],
  [dashed, { tenant: 'acme-x', id: '7' }],
  [dashed, { tenant: 'acme', id: '-' }],
  [dotted, { base: 'a...b', head: 'c' }],
  [dotted, { base: 'a.', head: 'c' }],
  [dotted, { base: 'a', head: '.c' }],
  [odata, { tenant: "mine',tenant='other", id: '7' }],
  [odata, { tenant: 'mine', id: "7,tenant='other'" }],
  [odata, { tenant: "O'Neil", id: '7' }],
  [odata, { tenant: 'mine', id: '7)' }],
  [odata, { tenant: 'mine', id: 'a=b' }],
  [keyed, { id: "7,tenant='other'" }],
  [keyed, { id: 'tenant=7' }],
  [keyed, { id: "'7',tenant='other'" }],
  [keyed, { id: "'7,8'" }],
  [keyed, { id: "''" }],
  [keyed, { id: "'" }],
  ['/posts/{a}-{b}-{day}', { a: 'x', b: 'y-z', day: '2026-01-02' }],
  ['/posts/{a}-{b}-{day}', { a: 'x-y', b: 'z', day: '2026-01-02' }],
  ['/pay/{tenant}-{day}-{id}', { tenant: 'acme', day: '2026-01-02', id: '2026-01-03-7' }],
  ['/pay/{ids},{tenant}', { ids: ['acme', 'other'], tenant: 'mine' }],
  ['/files/{id}.{packing}', { id: 'a.tar', packing: 'gz' }],
  // Servers that end a name at `;` take nothing behind it for part of the path.
  ['/slips/{id}:cancel', { id: '7;' }],
  ['/slips/{id}.json', { id: '7;x' }],
  [dashed, { tenant: 'acme;', id: '7' }],
  [odata, { tenant: 'acme;', id: '7' }],
  ["/slips('{id}')", { id: "'7'" }],
  ['/slips(%27{id}%27)', { id: "7',a='b" }],
];

describe('is not sent', () => {
  test.each(moved)('%s %j', async (path, args) => {
    const { sent, failures } = await ask(path, args);
    expect(sent).toEqual([]);
    expect(failures).toEqual([
      expect.stringMatching(/^slip: argument \w+ refused: no part of a path segment$/),
    ]);
  });
});

const kept: [path: string, args: Given, sent: string][] = [
  [dashed, { tenant: 'acme_x', id: '7.5' }, '/pay/acme_x-7.5'],
  [dotted, { base: 'v1.2', head: 'v1..3' }, '/compare/v1.2...v1..3'],
  [odata, { tenant: 'a b-c', id: '7' }, "/slips(tenant='a%20b-c',id=7)/lines"],
  [keyed, { id: 'a-b.c' }, '/slips(a-b.c)'],
  // Many documents leave the quotes of a text to the caller.
  [keyed, { id: "'a-b c'" }, "/slips('a-b%20c')"],
  ['/slips({ids})', { ids: ['a', 'b'] }, '/slips(a,b)'],
  ['/pay/{tenant}-{ids}', { tenant: 'acme', ids: ['a', 'b'] }, '/pay/acme-a,b'],
  ['/files/{id}.{kind}', { id: 'a.b', kind: 'pdf' }, '/files/a.b.pdf'],
  ['/slips/{id}.json', { id: "a.b-c',(d)=" }, "/slips/a.b-c'%2C(d)%3D.json"],
  ['/slips/{id}:cancel', { id: 'a:b' }, '/slips/a%3Ab:cancel'],
  ['/posts/{day}-{slug}', { day: '2026-01-02', slug: 'a-b' }, '/posts/2026-01-02-a-b'],
  ['/posts/{slug}-{day}', { slug: 'a-b', day: '2026-01-02' }, '/posts/a-b-2026-01-02'],
  [dashed, { tenant: 'acme', id: '7;x' }, '/pay/acme-7%3Bx'],
  ['/slips/{id}', { id: "a,b='c'" }, "/slips/a%2Cb%3D'c'"],
];

describe('is sent', () => {
  test.each(kept)('%s %j', async (path, args, expected) => {
    const { sent } = await ask(path, args);
    expect(sent.map((request) => request.path)).toEqual([expected]);
  });
});

test('with nothing between them nobody knows where one ends', () => {
  const document = documentOf('/pay/{a}{b}');
  const { report } = translateOpenApi({ upstream: 'u', document, operations: 'all' });
  const why = 'the path has two parameters with nothing between them';
  expect(report).toContainEqual({ operation: 'GET /pay/{a}{b}', why, lost: true });
});
