/** `error.type` of a call: by what failed, whatever words the operator is told. */
import { expect, it } from 'vitest';
import type { UpstreamCall } from '../../../gateway/request.ts';
import { toCallErrorType } from '../../../gateway/watch/telemetry/outcome.ts';

const cases: [Partial<UpstreamCall>, string][] = [
  [{}, ''],
  [{ status: 404 }, '404'],
  [{ failure: 'x', failureKind: 'connection failed' }, 'connection_failed'],
  [{ failure: 'no token: timeout', failureKind: 'no token' }, 'no_token'],
  [{ failure: 'x', failureKind: 'answer is not UTF-8' }, 'answer_is_not_utf-8'],
  [{ failure: 'timeout', failureKind: 'other' }, '_OTHER'],
  [{ failure: 'timeout' }, '_OTHER'],
];

it.each(cases)('%j: %s', (about, expected) => {
  const call = { upstream: 'u', operation: 'query', status: 200, durationMs: 1, responseBytes: 1 };
  expect(toCallErrorType({ ...call, ...about })).toBe(expected);
});
