/** Every answer: its status in either media type, its headers, its errors. */
import { describe, expect, test } from 'vitest';
import { type Reason, Refusal, reasons } from '../../gateway/decision.ts';
import type { EngineError } from '../../gateway/engine.ts';
import { publicFaces } from '../../gateway/errors.ts';
import type { Projected } from '../../gateway/plan/delivery.ts';
import {
  failureErrorsMax,
  type MediaType,
  toEmptyAnswer,
  toRefusalAnswer,
  toResultAnswer,
} from '../../gateway/shape/answer.ts';

const id = '00000000-0000-4000-8000-000000000000';
const json: MediaType = 'application/json';
const graphql: MediaType = 'application/graphql-response+json';

const refused = (about: Refusal, type: MediaType = json) => {
  const answer = toRefusalAnswer(about, type, id);
  return { ...answer, body: JSON.parse(answer.body) };
};

const statuses: { name: Reason; expect: [asJson: number, asGraphql: number] }[] = [
  { name: 'limits/syntax', expect: [200, 400] },
  { name: 'limits/invalid', expect: [200, 400] },
  { name: 'limits/operation-name', expect: [200, 400] },
  { name: 'limits/variables', expect: [200, 400] },
  { name: 'limits/fragment-cycle', expect: [200, 400] },
  { name: 'limits/too-deep', expect: [400, 400] },
  { name: 'limits/too-many-tokens', expect: [400, 400] },
  { name: 'limits/too-many-fields', expect: [400, 400] },
  { name: 'limits/subscription', expect: [400, 400] },
  { name: 'limits/timeout', expect: [504, 504] },
  { name: 'authorize/denied', expect: [403, 403] },
  { name: 'authorize/introspection', expect: [403, 403] },
  { name: 'identify/missing', expect: [401, 401] },
  { name: 'identify/token-signature', expect: [401, 401] },
  { name: 'identify/two-credentials', expect: [400, 400] },
  { name: 'identify/keys-unavailable', expect: [503, 503] },
  { name: 'admit/body-malformed', expect: [400, 400] },
  { name: 'admit/body-too-large', expect: [413, 413] },
  { name: 'admit/content-type', expect: [415, 415] },
  { name: 'admit/method', expect: [405, 405] },
  { name: 'admit/mutation-by-get', expect: [405, 405] },
  { name: 'gateway/internal', expect: [500, 500] },
];

describe('a refusal', () => {
  test.each(statuses)('$name: its status in either media type', ({ name, expect: wanted }) => {
    const found = [json, graphql].map((type) => refused(new Refusal(name), type).status);
    expect(found).toEqual(wanted);
  });

  test.each([...reasons])('%s: one error, no data, never to be stored', (reason) => {
    for (const type of [json, graphql]) {
      const { body, headers } = refused(new Refusal(reason), type);
      expect(headers).toMatchObject({
        'content-type': `${type}; charset=utf-8`,
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'x-request-id': id,
      });
      expect('data' in body).toBe(false);
      expect(body.errors).toHaveLength(1);
      expect(body.errors[0]).toEqual({
        message: publicFaces[reason].message,
        extensions: { code: publicFaces[reason].code },
      });
    }
  });

  const headers: { name: Reason; expect: Record<string, string> }[] = [
    { name: 'identify/missing', expect: { 'www-authenticate': 'Bearer' } },
    { name: 'identify/token-expired', expect: { 'www-authenticate': 'Bearer' } },
    { name: 'admit/method', expect: { allow: 'GET, POST' } },
    { name: 'admit/mutation-by-get', expect: { allow: 'POST' } },
    { name: 'admit/draining', expect: { 'retry-after': '1' } },
    { name: 'identify/keys-unavailable', expect: { 'retry-after': '1' } },
    { name: 'authorize/denied', expect: {} },
  ];
  test.each(headers)('$name: the headers that belong to it', ({ name, expect: wanted }) => {
    const sent = refused(new Refusal(name)).headers;
    const found = Object.entries(sent).filter(([key]) =>
      ['www-authenticate', 'allow', 'retry-after'].includes(key),
    );
    expect(Object.fromEntries(found)).toEqual(wanted);
  });

  test('tells the detail and the first coordinate', () => {
    const about = { detail: 'At most 10 levels.', coordinates: ['T.x', 'T.y'] };
    const { errors } = refused(new Refusal('limits/too-deep', about)).body;
    expect(errors[0].message).toContain('At most 10 levels.');
    expect(errors[0].extensions).toEqual({ code: 'DOCUMENT_TOO_DEEP', coordinate: 'T.x' });
  });

  test('with errors of its own lists these alone', () => {
    const errors = [1, 2].map((line) => ({
      message: 'Not here.',
      locations: [{ line, column: 1 }],
      extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
    }));
    expect(refused(new Refusal('limits/invalid', { errors })).body).toEqual({ errors });
  });

  test('a fault of ours names the request, another refusal does not', () => {
    expect(refused(new Refusal('gateway/internal')).body.extensions).toEqual({ requestId: id });
    expect(refused(new Refusal('authorize/denied')).body.extensions).toBeUndefined();
  });
});

const empty: Projected = { data: { a: 1 }, errors: [], masked: [] };
const result = (failures: EngineError[], projected: Projected = empty) => {
  const answer = toResultAnswer(projected, failures, graphql, id);
  return { ...answer, body: JSON.parse(answer.body) };
};
const failure = (path: EngineError['path'], code: EngineError['code'] = 'UPSTREAM_FAILED') => ({
  code,
  path,
  why: 'upstream hris: connection refused at 10.0.0.7',
});

describe('a result', () => {
  test('without errors is its data alone', () => {
    const { status, body, headers } = result([]);
    expect([status, body]).toEqual([200, { data: { a: 1 } }]);
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-request-id': id });
  });

  test('that is null is there as null', () => {
    expect(result([failure(['a'])], { ...empty, data: null }).body.data).toBeNull();
  });

  test('lists refusals, then failures, and what was masked', () => {
    const projected: Projected = {
      data: { a: null, b: null },
      errors: [
        '{"message":"No.","path":["a"],"extensions":{"code":"FORBIDDEN","coordinate":"Q.a"}}',
      ],
      masked: ['Q.c'],
    };
    const { body } = result([failure(['b'], 'UPSTREAM_TIMEOUT')], projected);
    expect(body.errors.map((one: { extensions: object }) => one.extensions)).toEqual([
      { code: 'FORBIDDEN', coordinate: 'Q.a' },
      { code: 'UPSTREAM_TIMEOUT' },
    ]);
    expect(body.extensions).toEqual({ masked: ['Q.c'] });
  });

  const paths: { name: string; given: EngineError['path']; expect: unknown }[] = [
    { name: 'as it is', given: ['a', 0, 'b'], expect: ['a', 0, 'b'] },
    { name: 'nowhere', given: undefined, expect: undefined },
    { name: 'the whole', given: [], expect: [] },
  ];
  test.each(paths)('failures are told at their places: $name', ({ given, expect: path }) => {
    expect(result([failure(given)]).body.errors[0].path).toEqual(path);
  });

  test('nothing of why it failed leaves', () => {
    const codes = ['UPSTREAM_FAILED', 'UPSTREAM_TIMEOUT', 'FORBIDDEN', 'INTERNAL'] as const;
    const { body } = result(codes.map((code) => failure(['a'], code)));
    expect(JSON.stringify(body)).not.toMatch(/hris|refused at|10\.0/);
    for (const [index, error] of body.errors.entries()) {
      expect(Object.keys(error).sort()).toEqual(['extensions', 'message', 'path']);
      expect(error.extensions).toEqual({ code: codes[index] });
    }
  });

  test('a failure is told once per place and code', () => {
    const given = [
      failure(['a']),
      failure(['a']),
      failure(['a'], 'UPSTREAM_FAILED'),
      failure(['a'], 'UPSTREAM_TIMEOUT'),
      failure(['b']),
    ];
    const told = result(given).body.errors.map((one: { path: string[] }) => one.path.join());
    expect(told).toEqual(['a', 'a', 'b']);
  });

  test.each([failureErrorsMax, failureErrorsMax + 1, failureErrorsMax + 50])(
    '%i failures are capped and counted',
    (count) => {
      const given = Array.from({ length: count }, (_, index) => failure(['rows', index]));
      const { errors } = result(given).body;
      const omitted = count - failureErrorsMax;
      expect(errors).toHaveLength(Math.min(count, failureErrorsMax + 1));
      expect(errors.at(-1).extensions.omitted).toBe(omitted === 0 ? undefined : omitted);
    },
  );

  test('what was told already is not counted as left out', () => {
    const given = Array.from({ length: failureErrorsMax }, (_, index) => failure(['rows', index]));
    expect(result([...given, ...given]).body.errors).toHaveLength(failureErrorsMax);
  });
});

test('a preflight’s answer is headers alone, not to be stored', () => {
  const answer = toEmptyAnswer(id);
  expect(answer).toMatchObject({ status: 204, body: '', headers: { 'cache-control': 'no-store' } });
  expect(answer.headers['content-type']).toBeUndefined();
});
