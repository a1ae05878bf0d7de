/** What a change of rules exposes and closes, coordinate by coordinate. */
import { describe } from 'vitest';
import { access, changed, swap, testRows, withMore } from './diff-rig.ts';
import { type Files, peopleWith } from './run-command.ts';

const iban = '{ mask: last4, allow: { scopes: [pay:masked] } }';

const pensOpen = (text: string): string =>
  `${text}  - { name: more, fields: { Pen: [label] }, allow: { scopes: [people:read] } }\n`;

describe('rules', () => {
  testRows([
    { name: 'nothing changed', lines: [] },
    {
      name: 'a rule that is written otherwise and asks for the same',
      files: changed(access, [
        'allow: { scopes: [tags:read] }',
        'allow: { any: [{ scopes: [tags:read] }] }',
      ]),
      lines: [],
    },
    {
      name: 'another rule before it: numbers of conditions are no difference',
      files: peopleWith({
        [access]: (text) =>
          swap(text, [
            [
              'rules:\n',
              'rules:\n  - { name: first, fields: { Query: ["people(limit:)"] }, allow: { roles: [x] } }\n',
            ],
          ]),
      }),
      lines: ['narrows Query.people(limit:): allow, now deny for scopes people:read'],
    },
    {
      name: 'a scope less',
      files: changed(access, [
        'any: [{ scopes: [pay:read] }, { claims',
        'any: [{ scopes: [people:read] }, { scopes: [pay:read] }, { claims',
      ]),
      lines: ['widens Person.salary: deny, now allow for scopes people:read'],
    },
    {
      name: 'a sign-in that may be older',
      base: withMore(
        '{ name: more, fields: { Account: [iban] }, require: { auth: { maxAge: 5m } } }',
      ),
      files: withMore(
        '{ name: more, fields: { Account: [iban] }, require: { auth: { maxAge: 1h } } }',
      ),
      lines: [
        'widens Account.iban: deny, now allow for scopes pay:read and auth at most 1h ago',
        'widens AccountFilter.IBAN_startsWith: deny, now allow for scopes pay:read and auth at most 1h ago',
        'widens AccountOrder.IBAN_DESC: deny, now allow for scopes pay:read and auth at most 1h ago',
        'widens Query.accounts(ibans:): deny, now allow for scopes pay:read and auth at most 1h ago',
      ],
    },
    {
      name: 'a sign-in that may be weaker',
      base: withMore(
        '{ name: more, fields: { Account: [iban] }, require: { auth: { acr: [mfa] } } }',
      ),
      files: withMore(
        '{ name: more, fields: { Account: [iban] }, require: { auth: { acr: [mfa, pwd] } } }',
      ),
      lines: [
        'widens Account.iban: deny, now allow for scopes pay:read and auth acr pwd',
        'widens AccountFilter.IBAN_startsWith: deny, now allow for scopes pay:read and auth acr pwd',
        'widens AccountOrder.IBAN_DESC: deny, now allow for scopes pay:read and auth acr pwd',
        'widens Query.accounts(ibans:): deny, now allow for scopes pay:read and auth acr pwd',
      ],
    },
    {
      name: 'a stronger sign-in is asked for',
      files: withMore(
        '{ name: more, fields: { Account: [iban] }, require: { auth: { acr: [mfa] } } }',
      ),
      lines: [
        'narrows Account.iban: allow, now deny for scopes pay:read',
        'narrows AccountFilter.IBAN_startsWith: allow, now deny for scopes pay:read',
        'narrows AccountOrder.IBAN_DESC: allow, now deny for scopes pay:read',
        'narrows Query.accounts(ibans:): allow, now deny for scopes pay:read',
      ],
    },
    {
      name: 'another scope: more for these, less for those',
      files: changed(access, ['allow: { roles: [editor] }', 'allow: { roles: [writer] }']),
      lines: [
        'widens Mutation.rename: deny, now allow for roles writer',
        'widens PersonUpdateInput.fullName: deny, now allow for roles writer',
        'narrows Mutation.rename: allow, now deny for roles editor',
        'narrows PersonUpdateInput.fullName: allow, now deny for roles editor',
      ],
    },
    {
      name: 'one of two scopes is enough now',
      base: withMore('{ name: more, fields: { Account: [iban] }, require: { scopes: [a, b] } }'),
      files: withMore('{ name: more, fields: { Account: [iban] }, require: { scopes: [a] } }'),
      lines: [
        'widens Account.iban: deny, now allow for scopes pay:read and scopes a',
        'widens AccountFilter.IBAN_startsWith: deny, now allow for scopes pay:read and scopes a',
        'widens AccountOrder.IBAN_DESC: deny, now allow for scopes pay:read and scopes a',
        'widens Query.accounts(ibans:): deny, now allow for scopes pay:read and scopes a',
      ],
    },
    {
      name: 'a claim with one value more, and one less',
      files: changed(access, ['team: [hr, 7]', 'team: [hr, "7"]']),
      lines: [
        'widens Person.salary: deny, now allow for claims.team 7',
        'narrows Person.salary: allow, now deny for claims.team 7',
      ],
    },
    {
      name: 'what was forbidden',
      files: changed(access, ['forbid: true', 'allow: { scopes: [pay:read] }']),
      lines: ['widens Account.note: deny, now allow for scopes pay:read'],
    },
    {
      name: 'what is forbidden',
      files: withMore('{ name: more, fields: { Person: [salary] }, forbid: true }'),
      lines: ['narrows Person.salary: allow, now deny for scopes pay:read'],
    },
    {
      name: 'another way of refusing: what is hidden does not even show its name',
      files: changed(access, ['otherwise: [reject]', 'otherwise: [hide]']),
      lines: [
        'narrows Query.accounts: reject, now hidden for authenticated',
        'narrows Query.accounts(ibans:): reject, now hidden for authenticated',
      ],
    },
    {
      name: 'the other way round',
      base: changed(access, ['otherwise: [reject]', 'otherwise: [hide]']),
      lines: [
        'widens Query.accounts: hidden, now reject for authenticated',
        'widens Query.accounts(ibans:): hidden, now reject for authenticated',
      ],
    },
    {
      name: 'what fell with something hidden comes back with its name',
      base: changed(access, [
        '      Thing: [label]\n    allow: { scopes: [people:read] }',
        '    allow: { scopes: [people:read] }\n  - { name: labels, fields: { Thing: [label] }, allow: { roles: [x] }, otherwise: [hide] }',
      ]),
      files: changed(access, [
        '      Thing: [label]\n    allow: { scopes: [people:read] }',
        '    allow: { scopes: [people:read] }\n  - { name: labels, fields: { Thing: [label] }, allow: { roles: [x] } }',
      ]),
      lines: [
        'widens Book.label: hidden, now deny for authenticated',
        'widens Thing.label: hidden, now deny for authenticated',
      ],
    },
    {
      name: 'refused in another way',
      files: changed(access, ['otherwise: [reject]', 'otherwise: [deny]']),
      lines: [],
    },
    {
      name: 'a require that is gone from an implementation',
      base: peopleWith({ [access]: pensOpen }),
      files: peopleWith({
        [access]: (text) =>
          swap(pensOpen(text), [['require: { roles: [clerk] }', 'require: everyone']]),
      }),
      lines: ['widens Pen.label: deny, now allow for scopes people:read'],
    },
    {
      name: "an interface's field that is opened, and what has it",
      files: changed(access, [
        '      Thing: [label]\n    allow: { scopes: [people:read] }',
        '    allow: { scopes: [people:read] }\n  - { name: labels, fields: { Thing: [label] }, allow: authenticated }',
      ]),
      lines: [
        'widens Book.label: deny, now allow for authenticated',
        'widens Thing.label: deny, now allow for authenticated',
      ],
    },
  ]);
});

describe('masks', () => {
  const otherwise = (written: string): Files => changed(access, [iban, written]);
  testRows([
    {
      name: 'in the place of what was whole, and for more callers',
      files: changed(access, [
        '    allow: { scopes: [pay:read] }\n    otherwise: [{ mask: last4, allow: { scopes: [pay:masked] } }',
        '    allow: { scopes: [pay:all] }\n    otherwise: [{ mask: last4, allow: { scopes: [pay:read] } }',
      ]),
      lines: [
        'widens Account.iban: deny, now allow for scopes pay:all',
        'widens AccountFilter.IBAN_startsWith: deny, now allow for scopes pay:all',
        'widens AccountOrder.IBAN_DESC: deny, now allow for scopes pay:all',
        'widens Person.iban: deny, now allow for scopes pay:all',
        'narrows Account.iban: allow, now mask last4 for scopes pay:read',
        'narrows AccountFilter.IBAN_startsWith: allow, now deny for scopes pay:read',
        'narrows AccountOrder.IBAN_DESC: allow, now deny for scopes pay:read',
        'narrows Person.iban: allow, now mask last4 for scopes pay:read',
        'narrows Query.accounts(ibans:): allow, now deny for scopes pay:read',
      ],
    },
    {
      name: 'another one may show what the first does not',
      files: otherwise('{ mask: first1, allow: { scopes: [pay:masked] } }'),
      lines: [
        'widens Account.iban: mask last4, now mask first1 for scopes pay:masked',
        'widens Person.iban: mask last4, now mask first1 for scopes pay:masked',
      ],
    },
    {
      name: 'redact shows less than any',
      files: otherwise('{ mask: redact, allow: { scopes: [pay:masked] } }'),
      lines: [
        'narrows Account.iban: mask last4, now mask redact for scopes pay:masked',
        'narrows Person.iban: mask last4, now mask redact for scopes pay:masked',
      ],
    },
    {
      name: 'any shows more than redact',
      base: otherwise('{ mask: redact, allow: { scopes: [pay:masked] } }'),
      lines: [
        'widens Account.iban: mask redact, now mask last4 for scopes pay:masked',
        'widens Person.iban: mask redact, now mask last4 for scopes pay:masked',
      ],
    },
    {
      name: 'one that stands before another takes its callers',
      files: otherwise(`{ mask: redact, allow: { roles: [trainee] } }, ${iban}`),
      lines: [
        'widens Account.iban: deny, now mask redact for roles trainee',
        'widens Person.iban: deny, now mask redact for roles trainee',
        'narrows Account.iban: mask last4, now mask redact for scopes pay:masked and roles trainee',
        'narrows Person.iban: mask last4, now mask redact for scopes pay:masked and roles trainee',
      ],
    },
  ]);
});
