import { describe, expect, test } from 'vitest';
import { admitHead, type HeadDecision } from '../../gateway/admit/head.ts';

const rules = { expectedPath: '/graphql', bodyBytesMax: 1000 };
const json = ['Content-Type', 'application/json'];

interface Given {
  method?: string;
  path?: string;
  search?: string;
  raw?: string[];
}

function decide(given: Given): HeadDecision {
  const { method = 'POST', path = '/graphql', search = '', raw = json } = given;
  return admitHead({ method, path, search, headers: { raw } }, rules);
}

function verdict(decision: HeadDecision): string {
  return decision.kind === 'refused' ? decision.refusal.reason : decision.kind;
}

const query = `?query=${encodeURIComponent('{a}')}`;
const cases: { name: string; given: Given; expect: string }[] = [
  { name: 'post', given: {}, expect: 'post' },
  { name: 'get', given: { method: 'GET', search: query, raw: [] }, expect: 'get' },
  { name: 'other path', given: { path: '/graphql/' }, expect: 'admit/path' },
  { name: 'other case', given: { path: '/GraphQL' }, expect: 'admit/path' },
  { name: 'path before method', given: { path: '/', method: 'PUT' }, expect: 'admit/path' },
  { name: 'put', given: { method: 'PUT' }, expect: 'admit/method' },
  { name: 'head', given: { method: 'HEAD', search: query }, expect: 'admit/method' },
  { name: 'options', given: { method: 'OPTIONS' }, expect: 'admit/method' },
  { name: 'method in lower case', given: { method: 'post' }, expect: 'admit/method' },
  {
    name: 'length at the cap',
    given: { raw: [...json, 'Content-Length', '1000'] },
    expect: 'post',
  },
  {
    name: 'length over the cap',
    given: { raw: [...json, 'Content-Length', '1001'] },
    expect: 'admit/body-too-large',
  },
  {
    name: 'length past exact numbers',
    given: { raw: [...json, 'Content-Length', '9'.repeat(400)] },
    expect: 'admit/body-too-large',
  },
  {
    name: 'length no number',
    given: { raw: [...json, 'Content-Length', '1e1'] },
    expect: 'admit/body-malformed',
  },
  {
    name: 'two lengths',
    given: { raw: [...json, 'Content-Length', '1', 'content-length', '2'] },
    expect: 'admit/body-malformed',
  },
  {
    name: 'identity encoding',
    given: { raw: [...json, 'Content-Encoding', 'Identity'] },
    expect: 'post',
  },
  {
    name: 'nothing acceptable',
    given: { raw: [...json, 'Accept', 'text/html'] },
    expect: 'admit/not-acceptable',
  },
  { name: 'get without query', given: { method: 'GET' }, expect: 'admit/body-malformed' },
  {
    name: 'get with a body',
    given: { method: 'GET', search: query, raw: ['Content-Length', '3'] },
    expect: 'admit/body-malformed',
  },
  {
    name: 'get with a chunked body',
    given: { method: 'GET', search: query, raw: ['Transfer-Encoding', 'chunked'] },
    expect: 'admit/body-malformed',
  },
  {
    name: 'get too long',
    given: { method: 'GET', search: `${query}${'a'.repeat(1000)}` },
    expect: 'admit/body-too-large',
  },
];

describe('head of a request', () => {
  test.each(cases)('$name', ({ given, expect: expected }) => {
    expect(verdict(decide(given))).toBe(expected);
  });

  test('a refusal is answered in the type the caller asked for', () => {
    const raw = ['Accept', 'application/graphql-response+json'];
    expect(decide({ raw }).answerType).toBe('application/graphql-response+json');
    expect(decide({ raw: ['Accept', 'text/html'] }).answerType).toBe('application/json');
  });
});
