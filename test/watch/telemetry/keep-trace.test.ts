/** The tail decision, the head decision by ratio, and what stands for a caller. */
import { describe, expect, it } from 'vitest';
import { Refusal } from '../../../gateway/decision.ts';
import { createAnonymousCaller } from '../../../gateway/identify/to-caller.ts';
import type { RequestRecord } from '../../../gateway/request.ts';
import { receive } from '../../../gateway/walk/receive.ts';
import { sampleByRatio } from '../../../gateway/walk/trace-context.ts';
import { createKeepTrace } from '../../../gateway/watch/telemetry/keep-trace.ts';
import { truncateAddress } from '../../../gateway/watch/telemetry/truncate-address.ts';
import { createUserHash } from '../../../gateway/watch/telemetry/user-hash.ts';

const unsampled = (change: Partial<RequestRecord>, atMs = 0): RequestRecord => ({
  ...receive({ method: 'POST', peer: '', rawHeaders: [] }, atMs, () => false),
  status: 200,
  ...change,
});
const call = { upstream: 'u', operation: 'query', status: 200, durationMs: 1, responseBytes: 1 };

describe('a trace that nobody sampled', () => {
  const cases: { name: string; given: Partial<RequestRecord>; kept: boolean }[] = [
    { name: 'allowed', given: {}, kept: false },
    {
      name: 'masked',
      given: { verdicts: { allowed: 1, denied: [], masked: ['A.b'] } },
      kept: false,
    },
    {
      name: 'denied',
      given: { verdicts: { allowed: 1, denied: ['A.b'], masked: [] } },
      kept: true,
    },
    { name: 'refused', given: { refusal: new Refusal('rates/limited') }, kept: true },
    { name: 'a fault', given: { faults: ['TypeError'] }, kept: true },
    { name: 'aborted', given: { aborted: true }, kept: true },
    { name: 'slow', given: { durationMs: 100 }, kept: true },
    {
      name: 'an upstream that failed',
      given: { upstreamCalls: [{ ...call, failure: 'timeout' }] },
      kept: true,
    },
    {
      name: 'an upstream with 503',
      given: { upstreamCalls: [{ ...call, status: 503 }] },
      kept: true,
    },
  ];
  for (const { name, given, kept } of cases) {
    it(`${name}: ${kept ? 'kept' : 'left'}`, () => {
      const keep = createKeepTrace({ slowMs: 100, perSecondMax: 10 });
      expect(keep(unsampled(given))).toBe(kept ? 'keep' : 'leave');
    });
  }

  it('is counted and not kept past so many a second', () => {
    const keep = createKeepTrace({ slowMs: 100, perSecondMax: 2 });
    const refusal = new Refusal('admit/ip-blocked');
    const at = (ms: number) => keep(unsampled({ refusal }, ms));
    expect([0, 1, 2, 999, 1_000].map(at)).toEqual(['keep', 'keep', 'flood', 'flood', 'keep']);
  });
});

describe('the head decision', () => {
  it('keeps nothing of 0, all of 1, and the share of the trace ids between', () => {
    const ids = Array.from(
      { length: 1_000 },
      (_, nth) =>
        `${'a'.repeat(18)}${Math.floor((nth / 1_000) * 2 ** 52)
          .toString(16)
          .padStart(13, '0')}0`,
    );
    const share = (ratio: number) => ids.filter(sampleByRatio(ratio)).length;
    expect([0, 0.01, 0.5, 1].map(share)).toEqual([0, 10, 500, 1_000]);
  });
});

describe('what stands for a caller', () => {
  const cases: [string, string | undefined][] = [
    ['203.0.113.77', '203.0.113.0'],
    ['::ffff:203.0.113.77', '203.0.113.0'],
    ['2001:db8:12:3456::1', '2001:db8:12::'],
    ['2001:db8::1', '2001:db8::'],
    ['::1', '::'],
    ['2002:cb00:714d::1', '2002:cb00:7100::'],
    ['123-45-6789', undefined],
  ];
  for (const [address, shown] of cases) {
    it(`${address} is shown as ${shown}`, () => expect(truncateAddress(address)).toBe(shown));
  }

  it('is one hash for all tokens of a subject under one key, and none for strangers', () => {
    const caller = {
      ...createAnonymousCaller(),
      kind: 'token' as const,
      issuer: 'i',
      subject: 's',
    };
    const one = createUserHash('a key of its own');
    const hash = one({ ...caller, credentialHash: 'first' });
    expect(hash).toMatch(/^[0-9a-f]{32}$/);
    expect(one({ ...caller, credentialHash: 'second' })).toBe(hash);
    expect(one({ ...caller, subject: 't' })).not.toBe(hash);
    expect(one({ ...caller, issuer: 'j' })).not.toBe(hash);
    expect(createUserHash('another key')(caller)).not.toBe(hash);
    expect(one(createAnonymousCaller())).toBeUndefined();
  });
});
