/** `explain` where a GraphQL upstream has a `prefix`: it is shown what the upstream would get. */
import { expect, it } from 'vitest';
import { runCommand } from './run-command.ts';

it('explain plays an upstream with a prefix under its own names', async () => {
  const { code, stdout } = await runCommand(
    [
      'explain',
      '--json',
      '--as',
      '{}',
      '--query',
      '{ found { ... on Pay_Person { name } ... on Pay_Bot { id } } }',
    ],
    {
      'gateway.yaml': `
version: 1
identity: { anonymous: allow }
upstreams:
  staff: { graphql: staff.graphql, url: "http://127.0.0.1:1", prefix: Pay_ }
`,
      'staff.graphql':
        'type Query { found: [Found!] } union Found = Person | Bot type Person { name: String } type Bot { id: ID }',
      'policies/access/a.yaml': `
version: 1
rules:
  - { name: all, fields: { Query: [found], Pay_Person: [name], Pay_Bot: [id] }, allow: everyone }
`,
    },
  );
  expect(code).toBe(0);
  expect(stdout).toMatch(/\.\.\. ?on Person/);
  expect(stdout).not.toMatch(/\.\.\. ?on Pay_Person/);
});
