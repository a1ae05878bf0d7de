/**
 * A path argument that climbs out of its template, adds a query, or splits the request line.
 * A translator that pastes arguments into the path sends every one of these.
 */
import { describe, expect, test } from 'vitest';
import { answering, json, run, toDocument } from '../delegate/openapi-rig.ts';

const person = { type: 'object', properties: { name: { type: 'string' } } };
const text = { type: 'string' };
const document = toDocument({
  '/users/{name}/profile': {
    get: answering(person, {
      parameters: [{ name: 'name', in: 'path', required: true, schema: text }],
    }),
  },
});
const query = 'query ($name: String!) { usersByNameProfile(name: $name) { name } }';

describe('refused before anything is sent', () => {
  const cases = [
    { name: 'empty', given: '' },
    { name: 'a dot', given: '.' },
    { name: 'two dots', given: '..' },
    { name: 'climbing', given: '../../admin/users' },
    { name: 'climbing by backslash', given: '..\\admin' },
    { name: 'climbing at the end', given: 'a/..' },
    { name: 'climbing with parameters of a segment', given: '..;/admin' },
    { name: 'climbing with them at the end', given: 'a/..;x=1' },
    // `/users//profile` is `/users/profile` to what merges slashes, as nginx.
    { name: 'nothing but slashes', given: '//' },
    { name: 'nothing but a backslash', given: '\\' },
    { name: 'nothing but parameters of a segment', given: ';x=1' },
    { name: 'nothing but both', given: '/;x/' },
    { name: 'nothing before them', given: ';x/7' },
    { name: 'nothing but slashes before them', given: '/;x/7' },
    { name: 'a line break', given: 'a\r\nx-admin: 1' },
    { name: 'a null byte', given: 'a\u0000' },
    { name: 'DEL', given: 'a\u007f' },
    { name: 'a C1 control', given: 'a\u0085' },
    { name: 'half a surrogate pair', given: '\ud800' },
  ];
  test.each(cases)('$name', async ({ given }) => {
    const outcome = await run({ document, query, variables: { name: given }, answer: json({}) });
    expect(outcome).toMatchObject({
      data: { usersByNameProfile: null },
      failures: ['usersByNameProfile: argument name refused: no path segment'],
      sent: [],
    });
  });

  test('as a literal too', async () => {
    const literal = '{ usersByNameProfile(name: "..") { name } }';
    const { sent } = await run({ document, query: literal, answer: json({}) });
    expect(sent).toEqual([]);
  });
});

describe('sent as one segment', () => {
  const cases = [
    {
      name: 'a query',
      given: '1?admin=true&x=1',
      expect: '/users/1%3Fadmin%3Dtrue%26x%3D1/profile',
    },
    { name: 'a fragment', given: '1#', expect: '/users/1%23/profile' },
    { name: 'a slash', given: 'a/b', expect: '/users/a%2Fb/profile' },
    { name: 'encoded dots', given: '%2e%2e', expect: '/users/%252e%252e/profile' },
    { name: 'dots in a word', given: 'a..b', expect: '/users/a..b/profile' },
    { name: 'three dots', given: '...', expect: '/users/.../profile' },
    { name: 'a placeholder', given: '{name}', expect: '/users/%7Bname%7D/profile' },
    { name: 'a host', given: '//evil.example', expect: '/users/%2F%2Fevil.example/profile' },
    { name: 'matrix parameters', given: 'a;admin=1', expect: '/users/a%3Badmin%3D1/profile' },
  ];
  test.each(cases)('$name', async ({ given, expect: path }) => {
    const { sent } = await run({ document, query, variables: { name: given }, answer: json({}) });
    expect(sent.map((request) => request.path)).toEqual([path]);
    expect(new URL(path, 'http://upstream.test').pathname).toBe(path);
  });
});

describe('query parameters', () => {
  const listing = toDocument({
    '/users': {
      get: answering(person, { parameters: [{ name: 'q', in: 'query', schema: text }] }),
    },
  });
  const cases = [
    { name: 'another parameter', given: 'a&admin=1', expect: ['/users?q=a%26admin%3D1'] },
    { name: 'a line break', given: 'a\r\nb', expect: ['/users?q=a%0D%0Ab'] },
    { name: 'half a surrogate pair', given: '\ud800', expect: [] },
  ];
  test.each(cases)('$name', async ({ given, expect: paths }) => {
    const { sent } = await run({
      document: listing,
      query: 'query ($q: String) { users(q: $q) { name } }',
      variables: { q: given },
      answer: json({}),
    });
    expect(sent.map((request) => request.path)).toEqual(paths);
  });
});
