/**
 * API keys: guessed, expired, sent twice, sent beside a token; a file that is bad, gone or says one
 * thing twice. A key that does not hold is a refusal, never the anonymous caller.
 */
import { createHash } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { Refusal } from '../../gateway/decision.ts';
import { createIdentify } from '../../gateway/identify/caller.ts';
import { startMs, toVerdict } from '../identify/loopback-issuer.ts';
import { problemsOf, writeFiles } from '../support/config-files.ts';

// The real one, watched: what is found and what is not must both be compared in constant time.
const compared = vi.hoisted(() => ({ count: 0 }));
vi.mock(import('node:crypto'), async (importOriginal) => {
  const real = await importOriginal();
  const timingSafeEqual: typeof real.timingSafeEqual = (a, b) => {
    compared.count += 1;
    return real.timingSafeEqual(a, b);
  };
  return { ...real, timingSafeEqual };
});

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const entry = (key: string, more: object = {}) => ({
  sha256: sha256(key),
  client: 'batch',
  ...more,
});
const file = (...keys: object[]): string => JSON.stringify({ version: 1, keys });

async function open(text: string, more: { revoked?: string } = {}) {
  const directory = await writeFiles({ 'keys.yaml': text, 'revoked.yaml': more.revoked ?? '' });
  let nowMs = startMs;
  const reports: string[] = [];
  const step = createIdentify(
    {
      apiKeys: { file: join(directory, 'keys.yaml'), header: 'x-api-key', reloadMs: 5000 },
      ...(more.revoked && { revoked: { file: join(directory, 'revoked.yaml'), reloadMs: 5000 } }),
      anonymous: 'allow',
      now: () => nowMs,
    },
    { reportFile: ({ kind, name }) => reports.push(`${name} ${kind}`) },
  );
  onTestFinished(() => step.close());
  const use = async (...raw: string[]) => step.identify({ raw });
  return {
    step,
    reports,
    file: join(directory, 'keys.yaml'),
    advance: (ms: number) => (nowMs += ms),
    use,
    verdict: async (...raw: string[]) => toVerdict(await use(...raw)),
  };
}

describe('API keys', () => {
  test('stand for a client with scopes, roles and claims', async () => {
    const { step, use } = await open(
      file(
        entry('secret-1', {
          subject: 'nightly',
          scopes: ['hr:read'],
          roles: ['reader'],
          claims: { tenant_id: 'aurora', nested: { a: [1] } },
          expires: '2027-01-01',
        }),
      ),
    );
    await step.ready();
    const caller = await use('X-API-Key', 'secret-1');
    if (caller instanceof Refusal) throw new Error(caller.reason);
    expect(caller).toMatchObject({
      kind: 'key',
      issuer: 'urn:fieldgate:api-keys',
      subject: 'nightly',
      client: 'batch',
      expiresAt: Date.UTC(2027, 0, 1) / 1000,
    });
    expect([[...caller.scopes], [...caller.roles]]).toEqual([['hr:read'], ['reader']]);
    expect(caller.claims.tenant_id).toBe('aurora');
    expect(Object.isFrozen(caller.claims.nested)).toBe(true);
    expect(JSON.stringify(caller)).not.toContain('secret-1');
    expect(await use('x-api-key', 'secret-1')).toBe(caller);
  });

  const refused = [
    { name: 'another key', given: ['secret-2'], expect: 'identify/key-unknown' },
    { name: 'the hash itself', given: [sha256('secret-1')], expect: 'identify/key-unknown' },
    { name: 'other letters', given: ['SECRET-1'], expect: 'identify/key-unknown' },
    { name: 'a beginning', given: ['secret-'], expect: 'identify/key-unknown' },
    { name: 'nothing', given: [''], expect: 'identify/key-malformed' },
    { name: 'a blank', given: ['secret-1 '], expect: 'identify/key-malformed' },
    { name: 'two in one', given: ['secret-1, secret-1'], expect: 'identify/key-malformed' },
    { name: 'far too long', given: ['k'.repeat(513)], expect: 'identify/key-malformed' },
    { name: 'other script', given: ['sécret'], expect: 'identify/key-malformed' },
    { name: 'a key past its end', given: ['over'], expect: 'identify/key-expired' },
    {
      name: 'the header twice',
      given: ['secret-1', 'X-Api-Key', 'secret-1'],
      expect: 'identify/two-credentials',
    },
    {
      name: 'beside a token',
      given: ['secret-1', 'Authorization', 'Bearer a.b.c'],
      expect: 'identify/two-credentials',
    },
    {
      name: 'beside an empty token',
      given: ['secret-1', 'Authorization', ''],
      expect: 'identify/two-credentials',
    },
  ];
  test.each(refused)('refused: $name', async ({ given, expect: expected }) => {
    const keys = file(entry('secret-1'), entry('over', { expires: '2026-01-05T09:00:00Z' }));
    const { step, verdict } = await open(keys);
    await step.ready();
    expect(await verdict('x-api-key', ...given)).toBe(expected);
  });

  test('a key as a bearer token is no key', async () => {
    const { step, verdict } = await open(file(entry('secret-1')));
    await step.ready();
    expect(await verdict('authorization', 'Bearer secret-1')).toBe('identify/token-malformed');
  });

  test('expiry is looked at at every use', async () => {
    const { step, verdict, advance } = await open(
      file(entry('k', { expires: '2026-01-05T09:00:01Z' })),
    );
    await step.ready();
    advance(999);
    expect(await verdict('x-api-key', 'k')).toBe('caller');
    advance(1);
    expect(await verdict('x-api-key', 'k')).toBe('identify/key-expired');
  });

  test('known and unknown keys are both compared once, in constant time', async () => {
    const { step, verdict } = await open(file(entry('a'), entry('b'), entry('c')));
    await step.ready();
    for (const key of ['a', 'c', 'unknown']) {
      compared.count = 0;
      await verdict('x-api-key', key);
      expect(compared.count).toBe(1);
    }
  });

  test('a key that is taken out falls within the time to reload; a bad file changes nothing', async () => {
    const opened = await open(file(entry('a'), entry('b')));
    const { step, verdict, advance } = opened;
    await step.ready();
    await writeFile(opened.file, file(entry('b')));
    advance(4999);
    expect(await verdict('x-api-key', 'a')).toBe('caller');
    advance(1);
    expect(await verdict('x-api-key', 'a')).toBe('identify/key-unknown');
    await writeFile(opened.file, 'keys: [');
    advance(5000);
    expect(await verdict('x-api-key', 'b')).toBe('caller');
    await rm(opened.file);
    advance(5000);
    expect(await verdict('x-api-key', 'b')).toBe('caller');
    expect(opened.reports).toEqual([
      'apiKeys loaded',
      'apiKeys loaded',
      'apiKeys kept',
      'apiKeys kept',
    ]);
  });

  test('are revoked by client or subject like tokens', async () => {
    const keys = file(
      entry('a'),
      entry('b', { client: 'other', subject: 's' }),
      entry('c', { client: 'third' }),
    );
    const revoked = JSON.stringify({
      version: 1,
      revoked: [{ client: 'batch' }, { issuer: 'urn:fieldgate:api-keys', subject: 's' }],
    });
    const { step, verdict } = await open(keys, { revoked });
    await step.ready();
    expect(await verdict('x-api-key', 'a')).toBe('identify/revoked');
    expect(await verdict('x-api-key', 'b')).toBe('identify/revoked');
    expect(await verdict('x-api-key', 'c')).toBe('caller');
  });

  test('before the file was read there are no keys', async () => {
    const { verdict } = await open('');
    expect(await verdict('x-api-key', 'a')).toBe('identify/keys-unavailable');
  });

  const bad = [
    {
      name: 'a key in the clear',
      given: { keys: [{ key: 'secret', client: 'a' }] },
      code: 'unknown-key',
    },
    {
      name: 'a short hash',
      given: { keys: [entry('a', { sha256: 'abc' })] },
      code: 'wrong-format',
    },
    { name: 'one key twice', given: { keys: [entry('a'), entry('a')] }, code: 'duplicate-name' },
    {
      name: 'one key twice in other letters',
      given: { keys: [entry('a'), entry('a', { sha256: sha256('a').toUpperCase() })] },
      code: 'duplicate-name',
    },
    { name: 'no client', given: { keys: [{ sha256: sha256('a') }] }, code: 'missing-key' },
    {
      name: 'scopes as text',
      given: { keys: [entry('a', { scopes: 'a b' })] },
      code: 'wrong-type',
    },
    {
      name: 'a scope with a blank',
      given: { keys: [entry('a', { scopes: ['a b'] })] },
      code: 'wrong-format',
    },
    {
      name: 'an end that is no day',
      given: { keys: [entry('a', { expires: 'soon' })] },
      code: 'wrong-format',
    },
  ];
  test.each(bad)('refuses to start with $name', async ({ given, code }) => {
    const { step } = await open(JSON.stringify({ version: 1, ...given }));
    const met = await problemsOf(() => step.ready());
    expect(met.map((problem) => problem.code)).toContain(code);
    expect(met[0]?.column).toBeGreaterThan(1);
  });
});
