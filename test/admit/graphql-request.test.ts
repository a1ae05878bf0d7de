import { describe, expect, test } from 'vitest';
import { parseGetRequest } from '../../gateway/admit/get-request.ts';
import { decodeBody, parseGraphqlRequest } from '../../gateway/admit/graphql-request.ts';
import { jsonDepthMax } from '../../gateway/admit/parse-json.ts';
import { Refusal } from '../../gateway/decision.ts';

const malformed = 'admit/body-malformed';
const nested = (depth: number): string =>
  `{"query":"{a}","variables":{"a":${'['.repeat(depth)}${']'.repeat(depth)}}}`;

const bodies: { name: string; given: string; expect: string }[] = [
  { name: 'query', given: '{"query":"{a}"}', expect: 'request' },
  {
    name: 'nulls',
    given: '{"query":"{a}","operationName":null,"variables":null,"extensions":null}',
    expect: 'request',
  },
  { name: 'unknown member', given: '{"query":"{a}","id":1}', expect: 'request' },
  { name: 'query twice', given: '{"query":"{a}","query":"{b}"}', expect: malformed },
  { name: 'query twice, one null', given: '{"query" : null,"query":"{b}"}', expect: malformed },
  {
    name: 'query twice, one escaped',
    given: '{"query":"{a}","qu\\u0065ry":"{b}"}',
    expect: malformed,
  },
  {
    name: 'variables twice',
    given: '{"query":"{a}","variables":{"id":1},"x":[{}],"variables":{"id":2}}',
    expect: malformed,
  },
  {
    name: 'the hash of a persisted query twice',
    given: '{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"a","sha256Hash":"b"}}}',
    expect: malformed,
  },
  {
    name: 'its hash twice, one escaped',
    given:
      '{"extensions":{"persistedQuery":{"sha256Hash":"a","version":1,"sh\\u0061256Hash":"b"}}}',
    expect: malformed,
  },
  {
    name: 'its version twice',
    given: '{"extensions":{"persistedQuery":{"version":2,"sha256Hash":"a","version":1}}}',
    expect: malformed,
  },
  {
    name: 'two persisted queries',
    given:
      '{"extensions":{"persistedQuery":{"sha256Hash":"a"},"persistedQuery":null},"query":"{a}"}',
    expect: malformed,
  },
  {
    name: 'the same names in other places',
    given:
      '{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"a","x":{"sha256Hash":1,"sha256Hash":2}},"x":[{"persistedQuery":{"version":1}},{"persistedQuery":{"version":1}}],"version":"sha256Hash"},"variables":{"persistedQuery":1,"persistedQuery":2,"version":1,"sha256Hash":2}}',
    expect: 'request',
  },
  {
    name: 'a text where an object with these names could be',
    given: '{"query":"{a}","extensions":null,"x":{"persistedQuery":1,"persistedQuery":2}}',
    expect: 'request',
  },
  {
    name: 'names of members inside of members, and as texts',
    given:
      '{"query":"{a(query: \\"query\\")}","operationName":"query","variables":{"query":{"query":"query"},"variables":["query"]},"x":"\\u0065"}',
    expect: 'request',
  },
  {
    name: 'a whole character in escapes',
    given: '{"query":"{a}","variables":{"a":"\\ud83d\\ude00"}}',
    expect: 'request',
  },
  {
    name: 'an escaped backslash',
    given: '{"query":"{a}","variables":{"a":"\\\\ud800"}}',
    expect: 'request',
  },
  { name: 'nested as deep as may be', given: nested(jsonDepthMax - 2), expect: 'request' },
  { name: 'brackets in text', given: `{"query":"${'[\\"'.repeat(500)}"}`, expect: 'request' },
  { name: 'nested too deep', given: nested(jsonDepthMax - 1), expect: malformed },
  { name: 'nested far too deep', given: nested(50_000), expect: malformed },
  { name: 'nothing', given: '', expect: malformed },
  { name: 'not JSON', given: '{"query":', expect: malformed },
  { name: 'two values', given: '{"query":"{a}"}{}', expect: malformed },
  { name: 'byte order mark', given: '\ufeff{"query":"{a}"}', expect: malformed },
  { name: 'text', given: '"{a}"', expect: malformed },
  { name: 'null', given: 'null', expect: malformed },
  { name: 'list', given: '[]', expect: 'admit/batch' },
  { name: 'batch', given: '[{"query":"{a}"}]', expect: 'admit/batch' },
  { name: 'no query', given: '{}', expect: malformed },
  {
    name: 'no query but other extensions',
    given: '{"extensions":{"persisted":{}}}',
    expect: malformed,
  },
  {
    name: 'a query of another kind beside a persisted one',
    given: '{"query":1,"extensions":{"persistedQuery":{}}}',
    expect: malformed,
  },
  { name: 'query null', given: '{"query":null}', expect: malformed },
  { name: 'query object', given: '{"query":{}}', expect: malformed },
  { name: 'query list', given: '{"query":["{a}"]}', expect: malformed },
  { name: 'query inherited', given: '{"__proto__":{"query":"{a}"}}', expect: malformed },
  { name: 'operationName number', given: '{"query":"{a}","operationName":0}', expect: malformed },
  {
    name: 'operationName false',
    given: '{"query":"{a}","operationName":false}',
    expect: malformed,
  },
  { name: 'variables text', given: '{"query":"{a}","variables":"{}"}', expect: malformed },
  { name: 'variables list', given: '{"query":"{a}","variables":[]}', expect: malformed },
  { name: 'variables zero', given: '{"query":"{a}","variables":0}', expect: malformed },
  { name: 'extensions list', given: '{"query":"{a}","extensions":[]}', expect: malformed },
  {
    name: 'half a character',
    given: '{"query":"{a}","variables":{"a":"\\uD800"}}',
    expect: malformed,
  },
  {
    name: 'half a character in a name',
    given: '{"query":"{a}","variables":{"\\udfff":1}}',
    expect: malformed,
  },
  {
    name: 'half a character in a list',
    given: '{"query":"{a}","variables":{"a":["\\udc00"]}}',
    expect: malformed,
  },
  { name: 'half a character unescaped', given: '{"query":"\ud800"}', expect: malformed },
];

const searches: { name: string; given: string; expect: string }[] = [
  { name: 'query', given: '?query=%7Ba%7D', expect: 'request' },
  {
    name: 'all',
    given: '?query=a&operationName=b&variables=%7B%22c%22%3A1%7D&extensions=%7B%7D',
    expect: 'request',
  },
  { name: 'others ignored', given: '?query=a&id=1&id=2', expect: 'request' },
  { name: 'variables null', given: '?query=a&variables=null', expect: 'request' },
  { name: 'nothing', given: '', expect: malformed },
  { name: 'twice', given: '?query=a&query=b', expect: malformed },
  { name: 'twice, one name escaped', given: '?query=a&%71uery=b', expect: malformed },
  { name: 'variables empty', given: '?query=a&variables=', expect: malformed },
  { name: 'variables list', given: '?query=a&variables=%5B%5D', expect: malformed },
  { name: 'extensions text', given: '?query=a&extensions=%22%22', expect: malformed },
  {
    name: 'the hash of a persisted query twice',
    given: `?extensions=${encodeURIComponent('{"persistedQuery":{"version":1,"sha256Hash":"a","sha256Hash":"b"}}')}`,
    expect: malformed,
  },
  {
    name: 'two persisted queries',
    given: `?query=a&extensions=${encodeURIComponent('{"persistedQuery":{"version":1,"sha256Hash":"a"},"persistedQuery":null}')}`,
    expect: malformed,
  },
  {
    name: 'one persisted query',
    given: `?extensions=${encodeURIComponent('{"persistedQuery":{"version":1,"sha256Hash":"a"},"x":{"version":1},"\\u0061":1}')}`,
    expect: 'request',
  },
  { name: 'broken escape', given: '?query=%7', expect: malformed },
  { name: 'not UTF-8', given: '?query=%ff', expect: malformed },
  { name: 'a broken escape in variables', given: '?query=a&variables=%7', expect: malformed },
  { name: 'a broken escape of the second of two', given: '?query=a&query=%7', expect: malformed },
  { name: 'a broken name', given: '?query=a&%7=b', expect: malformed },
  { name: 'raw bytes', given: '?query=\u00e9', expect: malformed },
  { name: 'half a character', given: '?query=%ed%a0%80', expect: malformed },
];

function verdict(outcome: unknown): string {
  return outcome instanceof Refusal ? outcome.reason : 'request';
}

describe('GraphQL over HTTP', () => {
  test.each(bodies)('body: $name', ({ given, expect: expected }) => {
    expect(verdict(parseGraphqlRequest(given))).toBe(expected);
  });

  test.each(searches)('query of a GET: $name', ({ given, expect: expected }) => {
    expect(verdict(parseGetRequest(given))).toBe(expected);
  });

  test('a body becomes a request', () => {
    const text = '{"query":"{b}","operationName":"o","variables":{"v":1},"extensions":{}}';
    expect(parseGraphqlRequest(text)).toEqual({
      method: 'POST',
      query: '{b}',
      operationName: 'o',
      variables: { v: 1 },
      extensions: {},
    });
  });

  test('the query of a GET becomes the same request', () => {
    const search = `query=%7Bb+c%7D&operationName=o%26&variables=${encodeURIComponent('{"v":"+"}')}`;
    expect(parseGetRequest(search)).toEqual({
      method: 'GET',
      query: '{b c}',
      operationName: 'o&',
      variables: { v: '+' },
      extensions: undefined,
    });
  });

  test('a member named __proto__ stays a member and reaches no prototype', () => {
    const parsed = parseGraphqlRequest('{"query":"{a}","variables":{"__proto__":{"b":1}}}');
    if (parsed instanceof Refusal) throw new Error(parsed.reason);
    expect(Object.keys(parsed.variables)).toEqual(['__proto__']);
    expect('b' in parsed.variables).toBe(false);
    expect('b' in {}).toBe(false);
  });

  const bytes: { name: string; given: number[]; expect: string }[] = [
    { name: 'text', given: [0x7b, 0xc3, 0xa9], expect: '{é' },
    { name: 'byte order mark', given: [0xef, 0xbb, 0xbf, 0x7b], expect: '\ufeff{' },
    { name: 'Latin-1', given: [0x7b, 0xe9], expect: malformed },
    { name: 'overlong', given: [0xc0, 0xaf], expect: malformed },
    { name: 'half a character', given: [0xed, 0xa0, 0x80], expect: malformed },
    { name: 'cut short', given: [0xf0, 0x9f], expect: malformed },
  ];
  test.each(bytes)('bytes: $name', ({ given, expect: expected }) => {
    const text = decodeBody(Uint8Array.from(given));
    expect(text instanceof Refusal ? text.reason : text).toBe(expected);
  });
});

test.each([
  {
    name: 'a persisted query',
    given: '{"extensions":{"persistedQuery":{}}}',
    documentId: undefined,
  },
  { name: 'an id', given: '{"documentId":"abc"}', documentId: 'abc' },
])('a document may be named instead of sent: $name', ({ given, documentId }) => {
  expect(parseGraphqlRequest(given)).toMatchObject({ query: undefined, documentId });
});
