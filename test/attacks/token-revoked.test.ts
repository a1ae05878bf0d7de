/**
 * What the operator has revoked must fall within the time to reload, also where its verification is
 * remembered; and no accident to the list may bring it back.
 */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import {
  createDoor,
  createSigningKey,
  type Issuer,
  type SigningKey,
  signToken,
  startIssuer,
  startMs,
} from '../identify/loopback-issuer.ts';
import { problemsOf, writeFiles } from '../support/config-files.ts';

let key: SigningKey;
let issuer: Issuer;

beforeAll(async () => {
  key = await createSigningKey('k1');
  issuer = await startIssuer([key.jwk]);
});
afterAll(() => issuer.close());

const iss = 'https://idp.example';
const issued = startMs / 1000 - 60;
const sign = (claims: Record<string, unknown> = {}): Promise<string> =>
  signToken({
    key,
    claims: { exp: startMs / 1000 + 100_000, jti: 'j1', azp: 'portal', iat: issued, ...claims },
  });
const list = (...entries: object[]): string => JSON.stringify({ version: 1, revoked: entries });
const at = (seconds: number): string => new Date(seconds * 1000).toISOString();

async function open(text = list()) {
  const directory = await writeFiles({ 'revoked.yaml': text });
  const file = join(directory, 'revoked.yaml');
  const reports: string[] = [];
  const door = createDoor(issuer.url, {
    more: { revoked: { file, reloadMs: 5000 } },
    reportFile: ({ kind }) => reports.push(kind),
  });
  onTestFinished(() => door.close());
  return { door, file, reports };
}

const cases: { name: string; entry: object; claims?: Record<string, unknown>; expect?: string }[] =
  [
    { name: 'the token', entry: { jti: 'j1' } },
    { name: 'the token of this issuer', entry: { issuer: iss, jti: 'j1' } },
    { name: 'the token of another issuer', entry: { issuer: 'x', jti: 'j1' }, expect: 'caller' },
    { name: 'another token', entry: { jti: 'j2' }, expect: 'caller' },
    { name: 'a token whose id is a number', entry: { jti: '17' }, claims: { jti: 17 } },
    {
      name: 'another such token',
      entry: { jti: '17' },
      claims: { jti: 18 },
      expect: 'caller',
    },
    { name: 'the subject', entry: { subject: 'user-1' } },
    { name: 'another subject', entry: { subject: 'user' }, expect: 'caller' },
    { name: 'a subject that is a number', entry: { subject: '42' }, claims: { sub: 42 } },
    {
      name: 'another such subject',
      entry: { subject: '42' },
      claims: { sub: 43 },
      expect: 'caller',
    },
    { name: 'the client', entry: { client: 'portal' } },
    { name: 'a client that is a number', entry: { client: '7' }, claims: { azp: 7 } },
    { name: 'subject and client', entry: { subject: 'user-1', client: 'portal' } },
    {
      name: 'the subject by another client',
      entry: { subject: 'user-1', client: 'b' },
      expect: 'caller',
    },
    { name: 'issued before now', entry: { issuer: iss, issuedBefore: at(issued + 1) } },
    {
      name: 'issued in the very second',
      entry: { issuer: iss, issuedBefore: at(issued) },
      expect: 'caller',
    },
    {
      name: 'issued in the second of which a part is before it',
      entry: { issuer: iss, issuedBefore: at(issued + 0.5) },
    },
    {
      name: 'issued after it',
      entry: { issuer: iss, issuedBefore: at(issued - 1) },
      expect: 'caller',
    },
    {
      name: 'issued before the first moment',
      entry: { issuer: iss, issuedBefore: at(0) },
      expect: 'caller',
    },
    {
      name: 'issued nobody knows when',
      entry: { issuer: iss, issuedBefore: at(issued - 1000) },
      claims: { iat: undefined },
    },
    {
      name: 'of the subject, before now',
      entry: { issuer: iss, subject: 'user-1', issuedBefore: at(issued + 1) },
    },
    {
      name: 'a token without the claim',
      entry: { jti: 'undefined' },
      claims: { jti: undefined },
      expect: 'caller',
    },
  ];

describe('the revocation list', () => {
  test.each(cases)('$name', async ({ entry, claims, expect: expected = 'identify/revoked' }) => {
    const { door } = await open(list(entry));
    await door.step.ready();
    expect(await door.verdict(await sign(claims))).toBe(expected);
  });

  test('a token that is remembered falls within the time to reload', async () => {
    const { door, file } = await open();
    await door.step.ready();
    const token = await sign();
    const first = await door.use(token);
    expect(door.step.identify({ raw: ['Authorization', `Bearer ${token}`] })).toBe(first);
    await writeFile(file, list({ subject: 'user-1' }));
    door.advance(4999);
    expect(await door.verdict(token)).toBe('caller');
    door.advance(1);
    expect(await door.verdict(token)).toBe('identify/revoked');
    expect(await door.verdict(token)).toBe('identify/revoked');
    await writeFile(file, list());
    door.advance(5000);
    expect(await door.verdict(token)).toBe('caller');
  });

  test('a list that went bad or away stands as it was', async () => {
    const { door, file, reports } = await open(list({ jti: 'j1' }));
    await door.step.ready();
    const token = await sign();
    for (const spoil of [
      () => writeFile(file, 'version: 1\nrevoked: [{ jit: j1 }]\n'),
      () => writeFile(file, ''),
      () => rm(file),
    ]) {
      await spoil();
      door.advance(5000);
      expect(await door.verdict(token)).toBe('identify/revoked');
      expect(await door.verdict(await sign({ jti: 'j2' }))).toBe('caller');
    }
    expect(reports).toEqual(['loaded', 'kept', 'kept', 'kept']);
  });

  test('a clock that was set back does not keep an old list', async () => {
    const { door, file } = await open();
    await door.step.ready();
    const token = await sign();
    expect(await door.verdict(token)).toBe('caller');
    await writeFile(file, list({ jti: 'j1' }));
    door.advance(-1000);
    expect(await door.verdict(token)).toBe('identify/revoked');
  });

  test('without a list nobody comes in', async () => {
    const { door, file } = await open();
    await rm(file);
    expect((await problemsOf(() => door.step.ready()))[0]?.code).toBe('file-missing');
    expect(await door.verdict(await sign())).toBe('identify/keys-unavailable');
  });

  const bad = [
    { name: 'an empty entry', given: 'revoked: [{}]', code: 'empty-condition' },
    { name: 'an issuer alone', given: 'revoked: [{ issuer: a }]', code: 'empty-condition' },
    {
      name: 'a moment without an issuer',
      given: 'revoked: [{ issuedBefore: 2026-01-01 }]',
      code: 'missing-key',
    },
    {
      name: 'no day',
      given: 'revoked: [{ issuer: a, issuedBefore: 2026-02-30 }]',
      code: 'wrong-format',
    },
    { name: 'a word nobody knows', given: 'revoked: [{ sub: a }]', code: 'unknown-key' },
    { name: 'no list', given: 'revoke: []', code: 'unknown-key' },
  ];
  test.each(bad)('refuses to start with $name', async ({ given, code }) => {
    const { door } = await open(`version: 1\n${given}\n`);
    const codes = (await problemsOf(() => door.step.ready())).map((problem) => problem.code);
    expect(codes).toContain(code);
  });
});
