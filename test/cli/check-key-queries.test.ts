/** `check`: queries by the key of an object that rules keep apart, and that is not in the answer. */
import { expect, test } from 'vitest';
import { type Files, runCommand } from './run-command.ts';

const sdl = `
type Query {
  account(id: ID!): Account
  accounts(ownerId: ID!): [Account]
  transactions(accountId: ID!, currency: String!): [Transaction]
  ofId(id: ID!): [Transaction]
  transaction(id: ID!): Transaction
  statement(id: ID!): Statement
  total(account_id: String!): Float
  found(accountId: ID): [Transaction]
  paged(ownerId: ID!): Page
  any(ownerId: ID!): [Any]
}
type Account { id: ID, ownerId: ID, transactions: [Transaction] }
type Transaction { id: ID, amount: Float }
type Page { edges: [Edge], total: Int }
type Edge { node: Account }
union Any = Account | Statement
type Statement { accountId: ID, text: String }
`;
const files = (rules: string): Files => ({
  'gateway.yaml': `
version: 1
upstreams: { bank: { graphql: bank.graphql, url: "http://127.0.0.1:1" } }
identity: { anonymous: allow }
`,
  'bank.graphql': sdl,
  'policies/access/bank.yaml': `
version: 1
rules:
  - name: all
    fields: { Query: [account, accounts, ofId, transaction, statement, total, found, paged, any], Page: [edges, total], Edge: [node], Account: ["*"], Transaction: ["*"], Statement: ["*"] }
    allow: everyone
${rules}`,
});
const apart =
  '  - { name: apart, types: [Account], require: { when: object.ownerId == claims.sub } }\n';
const others = ['Query.ofId(id:)', 'Query.statement(id:)', 'Query.total(account_id:)'];
const transactions = (allow: string, more = '') =>
  `  - { name: more, fields: { Query: [transactions] }, allow: ${allow}${more} }\n`;

const cases = [
  { name: 'nothing is required of objects', rules: transactions('everyone'), expect: [] },
  {
    name: 'keys of what is not returned',
    rules: apart + transactions('everyone'),
    expect: ['Query.transactions(accountId:)', ...others],
  },
  {
    name: 'a claim decides on the argument',
    rules: apart + transactions('{ when: args.accountId in claims.accounts }'),
    expect: others,
  },
  {
    name: 'a claim has to hold',
    rules: `${apart}${transactions('everyone', ', require: { when: args.accountId == claims.account }')}`,
    expect: others,
  },
  {
    name: 'one of two grants asks for nothing',
    rules:
      apart +
      transactions('{ when: args.accountId in claims.accounts }') +
      '  - { name: two, fields: { Query: [transactions] }, allow: { roles: [clerk] } }\n',
    expect: ['Query.transactions(accountId:)', ...others],
  },
  {
    name: 'a rule names the argument',
    rules: `${apart}${transactions('everyone')}  - { name: arg, fields: { Query: ["transactions(accountId:)"] }, allow: { roles: [clerk] } }\n`,
    expect: others,
  },
  {
    name: 'a pin',
    rules: `${apart}${transactions('everyone')}  - { name: pin, pin: { "Query.transactions(accountId:)": claims.account } }\n`,
    expect: others,
  },
  {
    name: 'the argument filters on a field that has a class',
    rules: `${apart}  - { name: ids, class: banking, fields: { Transaction: [id] }, allow: everyone }\n`,
    expect: others,
  },
  { name: 'a query that nobody has', rules: apart, expect: others },
];
test.each(cases)('$name', async ({ rules, expect: expected }) => {
  const { code, stdout, stderr } = await runCommand(['check', '--json'], files(rules));
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout).keyQueries).toEqual(expected);
});

test('the line', async () => {
  const { stdout } = await runCommand(['check'], files(apart));
  expect(stdout).toMatch(/^by-key +Query\.ofId\(id:\): sounds like the key of an object/m);
  expect(stdout).toMatch(/^ok: .*, \d+ by keys, /m);
});
