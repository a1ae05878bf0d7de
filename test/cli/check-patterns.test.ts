/** `check`: names with a * in conditions are those names alone, and who meant all that begin so is told. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { peopleWith, runCommand } from './run-command.ts';

const access = 'policies/access/people.yaml';
const withRule = (text: string) =>
  peopleWith({ [access]: (rules) => rules.replace('rules:\n', `rules:\n  - ${text}\n`) });

async function check(files = peopleWith({})) {
  const ran = await runCommand(['check', '--json'], files);
  return { ...ran, found: JSON.parse(ran.stdout) };
}

const nextMonth = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
const salaries = 'name: wide, fields: { Person: [salary] }';
const cases = [
  {
    name: 'a scope',
    rule: `{ ${salaries}, allow: { scopes: ["pay:*"] } }`,
    expect: ['scope', 'pay:*'],
  },
  {
    name: 'a role inside of others',
    rule: `{ ${salaries}, allow: { any: [{ all: [authenticated, { roles: ["hr-*"] }] }] } }`,
    expect: ['role', 'hr-*'],
  },
  {
    name: 'a client',
    rule: `{ ${salaries}, require: { clients: ["*-app"] } }`,
    expect: ['client', '*-app'],
  },
  {
    name: 'a value of a claim',
    rule: `{ ${salaries}, allow: { claims: { mail: ["*@acme.com", 7, true] } } }`,
    expect: ['value of the claim mail', '*@acme.com'],
  },
  {
    name: 'behind a mask',
    rule: '{ name: wide, fields: { Person: [fullName] }, allow: { scopes: [x] }, otherwise: [{ mask: redact, allow: { scopes: ["hr:*"] } }, deny] }',
    expect: ['scope', 'hr:*'],
  },
  {
    name: 'of a rule in shadow mode',
    rule: `{ name: wide, fields: { Person: [boss] }, allow: { scopes: ["*"] }, shadow: { until: ${nextMonth} } }`,
    expect: ['scope', '*'],
  },
];
test.each(cases)('$name', async ({ rule, expect: [what, text] }) => {
  const { code, found, directory } = await check(withRule(rule));
  expect(code).toBe(0);
  expect(found.patterns).toEqual([
    { rule: 'wide', file: join(directory, access), line: 3, what, text },
  ]);
});

test('in rates and in detections', async () => {
  const rate = '{ name: slow, per: caller, limit: 1, window: 1m, for: { clients: ["app-*"] } }';
  const detection = '{ name: odd, severity: low, match: { clients: [ok, "app-*"] }, per: caller }';
  const { found } = await check({
    ...peopleWith({}),
    'policies/rates/a.yaml': `version: 1\nrates:\n  - ${rate}\n`,
    'policies/detect/a.yaml': `version: 1\ndetections:\n  - ${detection}\n`,
  });
  const named = { line: 3, what: 'client', text: 'app-*' };
  expect(found.patterns).toMatchObject([
    { rule: 'slow', ...named },
    { rule: 'odd', ...named },
  ]);
});

test('says what to write, with file and line, and only where there is one', async () => {
  const { stdout, directory } = await runCommand(
    ['check'],
    withRule(`{ ${salaries}, allow: { scopes: ["pay:*"] } }`),
  );
  const place = join(directory, access);
  expect(stdout).toContain(`wide (${place}:3): the scope "pay:*" is that text alone`);
  expect(stdout).toMatch(/^no-pattern +wide /m);
  expect(stdout).toMatch(/, 1 names with \*, /);
  expect((await check()).found.patterns).toEqual([]);
});
