/** What is said of a rate whose fields nobody can ask for: why, and never that there is no such type. */
import { expect, it } from 'vitest';
import { type Files, people, peopleWith, runCommand } from './run-command.ts';

const rates = (fields: string): string => `version: 1
rates:
  - { name: few, fields: ${fields}, per: caller, limit: 5, window: 1m }
`;

const readOnly = peopleWith({
  'policies/access/people.yaml': (text) => text.replace(/ {2}- name: renames\n.*\n.*\n/, ''),
});
const withFallen: Files = {
  ...people,
  'pay.graphql': `${people['pay.graphql']}
type Mutation { pay(iban: String!): Receipt }
type Receipt { number: String }
`,
  'policies/access/pay.yaml': `version: 1
rules:
  - { name: pay, fields: { Mutation: [pay] }, allow: { roles: [payer] } }
`,
};

const ungranted = 'no rule grants this field: nobody can ask for it, and nothing is counted';
const cases: { name: string; files: Files; fields: string; says: string }[] = [
  {
    name: 'a mutation of a graph in which no rule grants any',
    files: readOnly,
    fields: '{ Mutation: [rename] }',
    says: ungranted,
  },
  {
    name: 'a name that is none, of a type of which nobody has anything',
    files: readOnly,
    fields: '{ Mutation: [renam] }',
    says: 'the schema has no Mutation.renam (did you mean Mutation.rename?)',
  },
  {
    name: 'a type that is none',
    files: people,
    fields: '{ Mutatoin: [rename] }',
    says: 'the schema has no Mutatoin (did you mean Mutation?)',
  },
  {
    name: 'a field that no rule grants',
    files: people,
    fields: '{ Query: [peopleById] }',
    says: ungranted,
  },
  {
    name: 'a field that a rule grants, and that falls with the type it returns',
    files: withFallen,
    fields: '{ Mutation: [pay] }',
    says: 'nobody can ask for this field, and nothing is counted: a rule grants it, and not what it needs: something of the type that it returns, and its required inputs',
  },
];

it.each(cases)('$name', async ({ files, fields, says }) => {
  const ran = await runCommand(['check'], { ...files, 'policies/rates/few.yaml': rates(fields) });
  expect(ran.stderr).toMatch(/^\S*policies\/rates\/few\.yaml:3:\d+: /);
  expect(ran.stderr.replace(/^\S+ /, '')).toBe(`${says}\n`);
  expect(ran.code).toBe(2);
});

it('names the nearest class where no field has the one that a rate counts', async () => {
  const ran = await runCommand(['check'], {
    ...people,
    'policies/rates/few.yaml': `version: 1
rates:
  - { name: few, class: bankin, per: caller, limit: 5, window: 1m }
`,
  });
  expect(ran.code).toBe(2);
  expect(ran.stderr).toContain('no field has the class "bankin" (did you mean "banking"?)');
});
