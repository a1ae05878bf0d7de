/** `check`: masks that nobody gets. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { access, withAnonymous, withRules } from './matrix-rig.ts';
import { runCommand } from './run-command.ts';

const office = {
  'policies/network/lists.yaml': 'version: 1\nlists: { office: { file: office.txt } }\n',
  'policies/network/office.txt': '192.0.2.0/24\n',
};
const rule = (allow: string, masks: string, more = '') =>
  withRules(
    `  - { name: open, fields: { Query: [people], Person: [id] }, allow: authenticated }
  - name: banking
    class: banking
    fields: { Person: [iban] }
    allow: ${allow}
    otherwise: [${masks}]
${more}`,
    office,
  );
const last4 = (allow: string) => `{ mask: last4, allow: ${allow} }`;
const clerks = 'scopes: [pay]';

const cases = [
  { name: 'one that others get', files: rule(`{ ${clerks} }`, last4('{ scopes: [people] }')) },
  {
    name: 'who it is for has the whole value',
    files: rule(`{ ${clerks} }`, last4(`{ ${clerks}, roles: [clerk] }`)),
    dead: ['last4'],
  },
  {
    name: 'everybody has the whole value, by another rule',
    files: rule(
      `{ ${clerks} }`,
      last4('{ roles: [clerk] }'),
      '  - { name: all, fields: { Person: [iban] }, allow: authenticated }\n',
    ),
    dead: ['last4'],
  },
  {
    name: 'a mask before it is for the same callers',
    files: rule(
      `{ ${clerks} }`,
      `${last4('authenticated')}, { mask: redact, allow: { roles: [a] } }`,
    ),
    dead: ['redact'],
  },
  {
    name: 'a requirement refuses them',
    files: rule(
      `{ ${clerks} }`,
      last4('{ clients: [app] }'),
      '  - { name: must, fields: { Person: [iban] }, require: { clients: [other] } }\n',
    ),
    dead: ['last4'],
  },
  {
    name: 'the same expression on the object',
    files: rule('{ when: object.id == claims.me }', last4('{ when: object.id == claims.me }')),
    dead: ['last4'],
  },
  {
    name: 'another expression, another place, another sign-in',
    files: rule(
      `{ ${clerks}, network: office, auth: { maxAge: 5m } }`,
      `${last4('{ when: object.id == claims.me }')}, ${last4(`{ ${clerks}, network: office }`)}, ${last4(`{ ${clerks} }`)}`,
    ),
  },
  {
    name: 'of anonymous callers, who are not let in',
    files: rule('authenticated', last4('everyone')),
    dead: ['last4'],
  },
  {
    name: 'of anonymous callers, who are let in',
    files: withAnonymous(rule('authenticated', last4('everyone'))),
  },
];
test.each(cases)('$name', async ({ files, dead = [] }) => {
  const { code, stdout, directory } = await runCommand(['check', '--json'], files);
  expect(code).toBe(0);
  const file = join(directory, access);
  expect(JSON.parse(stdout).deadMasks).toEqual(
    dead.map((mask) => ({ coordinate: 'Person.iban', mask, rule: 'banking', file, line: 8 })),
  );
});

test('the line', async () => {
  const files = rule(`{ ${clerks} }`, last4(`{ ${clerks} }`));
  const { stdout } = await runCommand(['check'], files);
  expect(stdout).toMatch(
    /^dead-mask +Person\.iban: last4 of banking \(.+people\.yaml:8\) is shown/m,
  );
  expect(stdout).toMatch(/, 1 dead masks, /);
});
