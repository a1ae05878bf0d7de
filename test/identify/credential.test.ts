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
  { name: 'two parts', given: ['Authorization', 'Bearer a.b'], expect: 'identify/token-malformed' },
  {
    name: 'encrypted',
    given: ['Authorization', 'Bearer a.b.c.d.e'],
    expect: 'identify/token-malformed',
  },
  {
    name: 'empty header',
    given: ['Authorization', 'Bearer .b.c'],
    expect: 'identify/token-malformed',
  },
  {
    name: 'line break at the end',
    given: ['Authorization', 'Bearer a.b.c\n'],
    expect: 'identify/token-malformed',
  },
];

describe('credential', () => {
  test.each(cases)('$name', ({ given, expect: expected }) => {
    const found = readCredential({ raw: given });
    expect(found instanceof Refusal ? found.reason : found).toBe(expected);
  });
});
