/** What a change of an upstream's schema exposes and closes, and of rules on what callers give. */
import { describe } from 'vitest';
import { access, changed, swap, testRows, withMore } from './diff-rig.ts';
import { peopleWith } from './run-command.ts';

const pay = 'pay.graphql';

describe('the schema', () => {
  const withField = (text: string) =>
    swap(text, [['iban: String!, note', 'iban: String!, bic: String, note']]);
  const withScalar = (text: string) =>
    swap(text, [
      ['iban: String!, note', 'iban: String!, total: Money, note'],
      ['type Account', 'scalar Money\ntype Account'],
    ]);
  const starred = (text: string) =>
    `${text}  - { name: all, fields: { Account: ["*"] }, allow: { scopes: [pay:all] } }\n`;
  testRows([
    {
      name: 'a field that an upstream adds stays closed',
      files: peopleWith({ [pay]: withField }),
      lines: [],
    },
    {
      name: 'one that a wildcard reaches is open',
      base: peopleWith({ [access]: starred }),
      files: peopleWith({ [access]: starred, [pay]: withField }),
      lines: ['widens Account.bic: absent, now allow for scopes pay:all'],
    },
    {
      name: 'a custom scalar, of which a wildcard opens plain values alone',
      base: peopleWith({ [access]: starred, [pay]: withScalar }),
      files: peopleWith({
        [access]: (text) => starred(text).replace('["*"]', '["*", total]'),
        [pay]: withScalar,
      }),
      lines: ['widens Account.total: allow plain, now allow for scopes pay:all'],
    },
    {
      name: 'a field that is gone',
      base: peopleWith({ [access]: starred, [pay]: withField }),
      files: peopleWith({ [access]: starred }),
      lines: ['narrows Account.bic: allow, now absent for scopes pay:all'],
    },
    {
      name: 'another type under the same name',
      files: changed(pay, ['ibans: [String!]): [Account!]!', 'ibans: [String!]): [Person!]!']),
      lines: [
        'widens schema.Query.accounts: [Account!], now [Person!]',
        'narrows Account.iban: allow, now hidden for scopes pay:read',
        'narrows Account.note: deny, now hidden for authenticated',
      ],
    },
    {
      name: 'an argument that need not be given any more',
      base: changed(pay, ['ibans: [String!])', 'ibans: [String!]!)']),
      files: peopleWith({}),
      lines: ['widens schema.Query.accounts(ibans:): [String!]!, now [String!]'],
    },
    {
      name: 'a grant for fewer callers, by which the field loses its `!`',
      base: changed(
        access,
        ['    class: banking\n', ''],
        ['allow: { scopes: [pay:read] }', 'allow: authenticated'],
      ),
      files: changed(access, ['    class: banking\n', '']),
      lines: [
        'narrows Account.iban: allow, now deny for authenticated',
        'narrows Person.iban: allow, now deny for authenticated',
      ],
    },
    {
      name: 'a value that is taken where an argument is left out',
      base: changed(pay, ['ibans: [String!])', 'ibans: [String!], closed: Boolean = false)']),
      files: changed(pay, ['ibans: [String!])', 'ibans: [String!], closed: Boolean = true)']),
      lines: ['widens schema.Query.accounts(closed:): Boolean = false, now Boolean = true'],
    },
    {
      name: 'one that the service takes',
      base: changed('people.yaml', [
        'name: limit, in: query, schema: { type: integer }',
        'name: limit, in: query, schema: { type: integer, default: 5 }',
      ]),
      files: changed('people.yaml', [
        'name: limit, in: query, schema: { type: integer }',
        'name: limit, in: query, schema: { type: integer, default: 50 }',
      ]),
      lines: ['widens schema.Query.people(limit:): Int = 5, now Int = 50'],
    },
    {
      name: 'an argument that an open field brings',
      files: changed(pay, ['ibans: [String!])', 'ibans: [String!], note: String)']),
      lines: ['widens Query.accounts(note:): absent, now allow for scopes pay:read'],
    },
    {
      name: 'one that is forbidden shows its name alone',
      files: peopleWith({
        [pay]: (text) => swap(text, [['ibans: [String!])', 'ibans: [String!], note: String)']]),
        [access]: (text) =>
          `${text}  - { name: more, fields: { Query: ["accounts(note:)"] }, forbid: true }\n`,
      }),
      lines: ['widens Query.accounts(note:): absent, now reject for authenticated'],
    },
    {
      name: 'a filter and an order in what callers give already',
      files: changed(
        pay,
        ['note: String, any', 'note: String, bic: String, any'],
        ['IBAN_DESC', 'BIC IBAN_DESC'],
      ),
      lines: [
        'widens AccountFilter.bic: absent, now allow for authenticated',
        'widens AccountOrder.BIC: absent, now allow for authenticated',
      ],
    },
    {
      name: 'what comes with an argument that is new is said once',
      files: changed(
        pay,
        ['ibans: [String!])', 'ibans: [String!], by: By)'],
        [
          'interface Thing',
          'input By { bic: String, how: How }\nenum How { LIKE IS }\ninterface Thing',
        ],
      ),
      lines: ['widens Query.accounts(by:): absent, now allow for scopes pay:read'],
    },
    {
      name: 'what comes with a field that is new is said once',
      files: withMore('{ name: more, fields: { Query: [peopleById] }, allow: { roles: [clerk] } }'),
      lines: ['widens Query.peopleById: hidden, now allow for roles clerk'],
    },
    {
      name: 'an input field of a mutation stays closed until a rule lists it',
      files: peopleWith({
        'people.yaml': (text) =>
          swap(text, [
            [
              'full-name: { type: string }, boss-id',
              'pay-grade: { type: string }, full-name: { type: string }, boss-id',
            ],
          ]),
      }),
      lines: [],
    },
    {
      name: 'one that a rule lists',
      files: changed(access, [
        'PersonUpdateInput: [fullName]',
        'PersonUpdateInput: [fullName, bossId]',
      ]),
      lines: ['widens PersonUpdateInput.bossId: hidden, now allow for roles editor'],
    },
  ]);
});

describe('arguments', () => {
  testRows([
    {
      name: 'one that loses its rule goes with its field',
      files: changed(access, ['Query: ["people(tag:)"]', 'Query: ["people(limit:)"]']),
      lines: [
        'widens Query.people(tag:): deny, now allow for scopes people:read',
        'narrows Query.people(limit:): allow, now deny for scopes people:read',
      ],
    },
    {
      name: 'a rule that asks for what the field asks for closes nothing',
      files: withMore(
        '{ name: more, fields: { Query: ["people(limit:)"] }, allow: { scopes: [people:read] } }',
      ),
      lines: [],
    },
    {
      name: 'a filter on a field that loses its class',
      files: changed(access, ['    class: banking\n', '']),
      lines: [
        'widens class of Account.iban: banking, now nothing',
        'widens class of Person.iban: banking, now nothing',
        'widens AccountFilter.IBAN_startsWith: deny, now allow for authenticated',
        'widens AccountOrder.IBAN_DESC: deny, now allow for authenticated',
      ],
    },
    {
      name: 'a filter that a rule opens for more than have the field',
      files: withMore(
        '{ name: more, fields: { AccountFilter: [IBAN_startsWith] }, allow: everyone }',
      ),
      lines: ['widens AccountFilter.IBAN_startsWith: deny, now allow for authenticated'],
    },
    {
      name: 'a filter that was hidden with the field it means',
      base: changed(access, ['[pay:masked] } }, deny]', '[pay:masked] } }, hide]']),
      lines: [
        'widens Account.iban: hidden, now deny for authenticated',
        'widens AccountFilter.IBAN_startsWith: hidden, now deny for authenticated',
        'widens AccountOrder.IBAN_DESC: hidden, now deny for authenticated',
        'widens Person.iban: hidden, now deny for authenticated',
        'widens Query.accounts(ibans:): hidden, now reject for authenticated',
      ],
    },
  ]);
});
