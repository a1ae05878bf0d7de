import { describe, expect, test } from 'vitest';
import { Refusal } from '../../gateway/decision.ts';
import { readCredential, tokenBytesMax } from '../../gateway/identify/credential.ts';

const longest = `${'a'.repeat(tokenBytesMax - 4)}.b.c`;

const cases: { name: string; given: string[]; expect: string | undefined }[] = [
  { name: 'none', given: ['Host', 'x'], expect: undefined },
  { name: 'bearer', given: ['Authorization', 'Bearer a.b.c'], expect: 'a.b.c' },
  { name: 'any case', given: ['AUTHORIZATION', 'bEARER a.b.c'], expect: 'a.b.c' },
  { name: 'unsigned form', given: ['Authorization', 'Bearer a.b.'], expect: 'a.b.' },
  { name: 'longest', given: ['Authorization', `Bearer ${longest}`], expect: longest },
  {
    name: 'too long',
    given: ['Authorization', `Bearer ${longest}d`],
    expect: 'identify/token-too-large',
  },
  {
    name: 'too long in another scheme',
    given: ['Authorization', `Basic ${longest}dddd`],
    expect: 'identify/token-too-large',
  },
  { name: 'basic', given: ['Authorization', 'Basic dTpw'], expect: 'identify/scheme' },
  { name: 'no scheme', given: ['Authorization', 'a.b.c'], expect: 'identify/scheme' },
  { name: 'empty', given: ['Authorization', ''], expect: 'identify/scheme' },
  { name: 'tab', given: ['Authorization', 'Bearer\ta.b.c'], expect: 'identify/scheme' },
  { name: 'no token', given: ['Authorization', 'Bearer'], expect: 'identify/token-malformed' },
  {
    name: 'two spaces',
    given: ['Authorization', 'Bearer  a.b.c'],
    expect: 'identify/token-malformed',
  },
  {
    name: 'two tokens',
    given: ['Authorization', 'Bearer a.b.c d.e.f'],
    expect: 'identify/token-malformed',
  },
  {
    name: 'a list',
    given: ['Authorization', 'Bearer a.b.c, Bearer d.e.f'],
    expect: 'identify/token-malformed',
  },
  { name: 'opaque', given: ['Authorization', 'Bearer a~b+/=='], expect: 'a~b+/==' },
  {
    name: 'padding inside',
    given: ['Authorization', 'Bearer a=b'],
    expect: 'identify/token-malformed',
  },
  { name: 'DPoP', given: ['Authorization', 'DPoP a.b.c', 'DPoP', 'p'], expect: 'a.b.c' },
  {
    name: 'other headers of the lengths of ours',
    given: ['Host', 'x', 'From', 'y', 'Authorization', 'Bearer a.b.c', 'X-Forwarded-', 'z'],
    expect: 'a.b.c',
  },
  { name: 'key', given: ['X-API-Key', 'k'], expect: 'k' },
  { name: 'empty key', given: ['x-api-key', ''], expect: '' },
  { name: 'another key header', given: ['x-api-keys', 'k'], expect: undefined },
  ...[
    ['Authorization', 'Bearer a', 'authorization', 'Bearer a'],
    ['X-Api-Key', 'k', 'x-api-key', 'k'],
    ['Authorization', 'Bearer a', 'X-Api-Key', 'k'],
    ['X-Api-Key', 'k', 'Authorization', ''],
    ['X-Api-Key', '', 'Authorization', 'Bearer a'],
    ['Authorization', 'DPoP a', 'DPoP', 'p', 'dpop', 'p'],
  ].map((given) => ({
    name: `two: ${given.join(' ')}`,
    given,
    expect: 'identify/two-credentials',
  })),
  {
    name: 'line break at the end',
    given: ['Authorization', 'Bearer a.b.c\n'],
    expect: 'identify/token-malformed',
  },
];

describe('credential', () => {
  test.each(cases)('$name', ({ given, expect: expected }) => {
    expect(toText(readCredential(given, 'x-api-key'))).toBe(expected);
  });
});

function toText(found: ReturnType<typeof readCredential>): string | undefined {
  if (found instanceof Refusal) return found.reason;
  return found?.scheme === 'key' ? found.key : found?.token;
}
