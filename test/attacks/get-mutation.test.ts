/**
 * A link, an image or a prefetch sends a GET unasked. A mutation must not run by one, however the
 * document hides it beside a query.
 */
import { getOperationAST, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { parseGetRequest } from '../../gateway/admit/get-request.ts';
import { refuseByMethod } from '../../gateway/admit/method-of-operation.ts';
import { Refusal } from '../../gateway/decision.ts';

function verdict(search: Record<string, string>): string | undefined {
  const request = parseGetRequest(new URLSearchParams(search).toString());
  if (request instanceof Refusal) return request.reason;
  const operation = getOperationAST(parse(request.query ?? ''), request.operationName);
  if (!operation) return 'no operation';
  const { method } = request;
  return refuseByMethod({ method, operationType: operation.operation })?.reason;
}

const both = 'query Read { a } mutation Write { b } subscription Watch { c }';
const cases: { name: string; given: Record<string, string>; expect: string | undefined }[] = [
  { name: 'query', given: { query: '{ a }' }, expect: undefined },
  {
    name: 'query beside a mutation',
    given: { query: both, operationName: 'Read' },
    expect: undefined,
  },
  { name: 'mutation', given: { query: 'mutation { b }' }, expect: 'admit/mutation-by-get' },
  {
    name: 'mutation picked by name',
    given: { query: both, operationName: 'Write' },
    expect: 'admit/mutation-by-get',
  },
  {
    name: 'subscription picked by name',
    given: { query: both, operationName: 'Watch' },
    expect: 'admit/mutation-by-get',
  },
  {
    name: 'mutation behind a comment',
    given: { query: '# query\n,mutation{b}' },
    expect: 'admit/mutation-by-get',
  },
];

describe('mutations by GET', () => {
  test.each(cases)('$name', ({ given, expect: expected }) => {
    expect(verdict(given)).toBe(expected);
  });

  test('by POST they go on', () => {
    expect(refuseByMethod({ method: 'POST', operationType: 'mutation' })).toBeUndefined();
  });
});
