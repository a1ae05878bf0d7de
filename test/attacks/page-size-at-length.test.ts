/**
 * A page size as long as a body, in one variable at every alias: it is read to the end of a number,
 * and no further. Each digit was looked up: a hundred kilobytes at twenty aliases held a process for
 * two tenths of a second.
 */
import { afterEach, expect, it, vi } from 'vitest';
import { testGateway } from '../support/gateway.ts';
import { played } from './obvious.ts';

const sdl = 'type Query { people(limit: String): [Person] } type Person { id: ID }';
const rules = `
version: 1
rules: [{ name: open, fields: { Query: [people], Person: [id] }, allow: everyone }]
`;
const aliases = Array.from({ length: 20 }, (_, at) => `a${at}: people(limit: $l) { id }`);
const query = `query ($l: String) { ${aliases.join(' ')} }`;

/** How often a digit was looked up. */
function spyOnDigits() {
  const spy = vi.spyOn(Map.prototype, 'get');
  return () =>
    spy.mock.calls.filter(([key]) => typeof key === 'string' && /^\p{Nd}$/u.test(key)).length;
}

afterEach(() => void vi.restoreAllMocks());

it.each([
  { name: 'digits', l: `${'1'.repeat(5_000)}x` },
  { name: 'digits of another script', l: `${'\u0661'.repeat(5_000)}x` },
])('$name are read as far as a number goes', async ({ l }) => {
  const gateway = await testGateway({ upstreams: { hr: played(sdl, {}) }, rules });
  const looked = spyOnDigits();
  const { status, body } = await gateway.query(query, { variables: { l } });
  expect(looked()).toBeLessThan(20 * 1_000);
  expect(status).toBe(400);
  expect(body.errors?.[0]?.extensions.code).toBe('LIST_TOO_LARGE');
});
