/** `matrix`: what its cells say, and which rows there are. */
import { expect, test } from 'vitest';
import {
  cellOf,
  known,
  matrixOf,
  office,
  open,
  pay,
  sayCell,
  tableOf,
  withRules,
} from './matrix-rig.ts';
import { type Files, people } from './run-command.ts';

const cellCases: { name: string; files: Files; at: string; as?: string; expect: string }[] = [
  {
    name: 'allow',
    files: people,
    at: 'Person.iban',
    as: 'scopes pay:read people:read',
    expect: 'allow',
  },
  {
    name: 'a way closed',
    files: people,
    at: 'Person.iban',
    as: 'scope pay:read',
    expect: 'unreachable',
  },
  {
    name: 'mask',
    files: people,
    at: 'Person.iban',
    as: 'scopes pay:masked people:read',
    expect: 'mask last4',
  },
  {
    name: 'another way open',
    files: people,
    at: 'Account.iban',
    as: 'scope pay:read',
    expect: 'allow',
  },
  { name: 'deny', files: people, at: 'Person.iban', expect: 'deny' },
  {
    name: 'hidden by its own rule',
    files: pay('allow: { scopes: [pay] }, otherwise: [hide]'),
    at: 'Person.salary',
    expect: 'hidden',
  },
  {
    name: 'hidden with what leads there',
    files: withRules(
      `${open}  - { name: pay, class: pay, fields: { Account: [note] }, allow: { scopes: [pay] } }
  - { name: way, fields: { Query: [accounts] }, allow: { scopes: [accounts] }, otherwise: [hide] }\n`,
    ),
    at: 'Account.note',
    as: 'scope pay',
    expect: 'hidden',
  },
  {
    name: 'hidden where no rule lists what leads there',
    files: withRules(
      `${open}  - { name: pay, class: pay, fields: { Account: [note] }, allow: { scopes: [pay] } }\n`,
    ),
    at: 'Account.note',
    as: 'scope pay',
    expect: 'hidden',
  },
  {
    name: 'not hidden where a claim that objects are compared with is not known',
    files: withRules(
      `${open}  - { name: pay, class: pay, fields: { Person: [salary] }, allow: { scopes: [pay] }, otherwise: [hide] }
  - { name: own, fields: { Person: [salary] }, require: { when: object.id == claims.employee_id } }\n`,
    ),
    at: 'Person.salary',
    as: 'scope pay',
    expect: 'depends',
  },
  {
    name: 'reject',
    files: pay('allow: { scopes: [pay] }, otherwise: [reject]'),
    at: 'Person.salary',
    expect: 'reject',
  },
  { name: 'forbidden', files: pay('forbid: true'), at: 'Person.salary', expect: 'deny' },
  {
    name: 'from a place only',
    files: pay('allow: { network: office }'),
    at: 'Person.salary',
    expect: 'deny + allow: from network office',
  },
  {
    name: 'from any of two places and a country',
    files: pay('allow: { any: [{ network: [office, vpn] }, { regions: [CH] }] }'),
    at: 'Person.salary',
    expect: 'deny + allow: from CH + allow: from network office + allow: from network vpn',
  },
  {
    name: 'place and time together',
    files: pay(
      'allow: { all: [{ network: office }, { hours: { days: [mon], from: "08:00", to: "08:01", zone: UTC } }] }',
    ),
    at: 'Person.salary',
    expect: 'deny + allow: from network office, within mon 08:00-08:01 UTC',
  },
  {
    name: 'after a recent sign-in only',
    files: pay('allow: { auth: { maxAge: 5m } }'),
    at: 'Person.salary',
    expect: 'deny + allow: signed in at most 5m ago',
  },
  {
    name: 'after a strong sign-in, which is a caller, and a recent one',
    files: pay('allow: { any: [{ auth: { acr: [mfa], maxAge: 1h } }, { auth: { acr: [phr] } }] }'),
    at: 'Person.salary',
    as: 'claims.acr mfa',
    expect: 'deny + allow: signed in at most 1h ago',
  },
  {
    name: 'after a strong sign-in, whenever',
    files: pay('allow: { any: [{ auth: { acr: [mfa], maxAge: 1h } }, { auth: { acr: [phr] } }] }'),
    at: 'Person.salary',
    as: 'claims.acr phr',
    expect: 'allow',
  },
  {
    name: 'the longest of two that is enough',
    files: pay('allow: { any: [{ auth: { maxAge: 5m } }, { auth: { maxAge: 1h }, roles: [r] }] }'),
    at: 'Person.salary',
    as: 'role r',
    expect: 'deny + allow: signed in at most 1h ago',
  },
  {
    name: 'a recent sign-in at the right time',
    files: pay(
      'allow: { auth: { maxAge: 5m }, hours: { days: [mon], from: "08:00", to: "08:01", zone: UTC } }',
    ),
    at: 'Person.salary',
    expect: 'deny + allow: within mon 08:00-08:01 UTC, signed in at most 5m ago',
  },
  {
    name: 'two countries at once are nowhere',
    files: pay('allow: { all: [{ regions: [CH] }, { regions: [DE] }] }'),
    at: 'Person.salary',
    expect: 'deny',
  },
  {
    name: 'a way that a place opens',
    files: withRules(
      `  - { name: open, fields: { Person: [id], Query: [person] }, allow: everyone }
  - { name: way, fields: { Query: [accounts] }, allow: { network: office } }
  - { name: pay, class: pay, fields: { Account: [note] }, allow: authenticated }\n`,
      office,
    ),
    at: 'Account.note',
    expect: 'unreachable + allow: from network office',
  },
  {
    name: 'a mask everywhere, and all of it in one place',
    files: withRules(
      `${open}  - { name: iban, class: banking, fields: { Person: [iban] }, allow: { network: office }, otherwise: [{ mask: last4, allow: authenticated }, deny] }\n`,
      office,
    ),
    at: 'Person.iban',
    expect: 'mask last4 + allow: from network office',
  },
  {
    name: 'an argument without its scope',
    files: withRules(
      `${open}  - { name: tags, class: tags, fields: { Query: ["people(tag:)"] }, allow: { scopes: [tags] } }\n`,
    ),
    at: 'Query.people(tag:)',
    expect: 'deny',
  },
  {
    name: 'an argument with its scope',
    files: withRules(
      `${open}  - { name: tags, class: tags, fields: { Query: ["people(tag:)"] }, allow: { scopes: [tags] } }\n`,
    ),
    at: 'Query.people(tag:)',
    as: 'scope tags',
    expect: 'allow',
  },
  {
    name: 'a write whose required argument cannot be given',
    files: withRules(
      `${open}  - { name: write, class: writes, fields: { Mutation: [rename], PersonUpdateInput: [fullName] }, allow: authenticated }
  - { name: key, fields: { Mutation: ["rename(personId:)"] }, allow: { scopes: [keys] } }\n`,
    ),
    at: 'Mutation.rename',
    expect: 'unreachable',
  },
  {
    name: 'an input field behind a write that is closed',
    files: withRules(
      `${open}  - { name: write, fields: { Mutation: [rename] }, allow: { roles: [editor] } }
  - { name: names, class: names, fields: { PersonUpdateInput: [fullName] }, allow: authenticated }\n`,
    ),
    at: 'PersonUpdateInput.fullName',
    expect: 'unreachable',
  },
];

test.each(cellCases)('cell: $name', async ({ files, at, as = known, expect: said }) => {
  expect(sayCell(cellOf(await matrixOf(files), at, as))).toBe(said);
});

test('a cell names its rule and place, or what is missing', async () => {
  const matrix = await matrixOf(people);
  const open = cellOf(matrix, 'Account.iban', 'scope pay:read');
  expect(open.rule?.name).toBe('banking');
  expect(open.rule?.file).toMatch(/people\.yaml$/);
  expect(open.rule?.line).toBeGreaterThan(1);
  const closed = cellOf(matrix, 'Account.iban', known);
  expect(closed.missing?.map(({ condition }) => condition)).toEqual(['scopes pay:read']);
});

test('an interface has no rows of its own; --all takes every other coordinate', async () => {
  const files = withRules(
    `  - { name: labels, class: labels, fields: { Query: [things], Thing: [label] }, allow: authenticated }\n`,
  );
  expect(tableOf(await matrixOf(files))).toEqual({
    'Query.things': { [known]: 'allow' },
    'Book.label': { [known]: 'allow' },
    'Pen.label': { [known]: 'allow' },
  });
  const all = tableOf(await matrixOf(files, ['--all']));
  expect(all).toMatchObject({
    'Book.label': { [known]: 'allow' },
    'Person.salary': { [known]: 'hidden' },
    'PersonUpdateInput.fullName': { [known]: 'hidden' },
  });
  expect(Object.keys(all)).not.toContain('Thing.label');
});
