/** What the commands say of a field that objects decide, where masks and places decide on it too. */
import { expect, it } from 'vitest';
import { cellOf, matrixOf, office, withRules } from './matrix-rig.ts';
import { runCommand } from './run-command.ts';

const apart =
  '  - { name: apart, types: [Person], require: { when: object.bossId == claims.tenant } }';
const files = withRules(
  `  - { name: open, fields: { Query: [people], Person: [id] }, allow: authenticated }
${apart}
  - name: names
    class: personal
    fields: { Person: [fullName] }
    allow: { any: [{ roles: [hr] }, { roles: [employee], when: object.id == claims.person }] }
    otherwise: [{ mask: first1, allow: { roles: [auditor, employee] } }, deny]
  - name: salaries
    class: pay
    fields: { Person: [iban] }
    allow: { roles: [hr], auth: { maxAge: 5m } }
    otherwise: [{ mask: last4, allow: { roles: [hr] } }, deny]
  - name: ibans
    class: banking
    fields: { Person: [iban] }
    allow: { all: [{ roles: [pay] }, { network: office }] }
`,
  office,
);

const cases = [
  { role: 'auditor', mask: 'first1', needs: ['require'], said: 'depends first1' },
  { role: 'employee', mask: 'first1', needs: ['require', 'allow'], said: 'depends, else first1' },
  { role: 'hr', mask: undefined, needs: ['require'], said: 'depends' },
];
it.each(cases)('explain: $said of $role', async ({ role, mask, needs, said }) => {
  const as = JSON.stringify({ roles: [role], tenant: 't', person: '1' });
  const args = ['explain', '--as', as, '--query', '{ people { fullName } }'];
  const { stdout } = await runCommand([...args, '--json'], files);
  const found = JSON.parse(stdout).coordinates[1];
  expect([found.verdict, found.mask]).toEqual(['depends', mask]);
  expect(found.missing.map((one: { needs: string }) => one.needs)).toEqual(needs);
  const { stdout: text } = await runCommand(args, files);
  expect(text).toMatch(new RegExp(`^Person\\.fullName +${said} +- +when object\\.bossId`, 'm'));
});

const delegated =
  withRules(`  - { name: open, fields: { Query: [people], Person: [id] }, allow: authenticated }
  - name: numbers
    class: banking
    fields: { Person: [iban] }
    allow: { roles: [clerk] }
    otherwise: [{ mask: last4, allow: { when: object.bossId == claims.person } }]
  - name: names
    class: personal
    fields: { Person: [fullName] }
    allow: { when: object.id == claims.person }
    otherwise: [{ mask: first1, allow: { when: object.bossId == claims.person } }]
`);

it('explain: what objects mask at most, and under which condition', async () => {
  const as = JSON.stringify({ person: '1' });
  const args = ['explain', '--as', as, '--query', '{ people { iban fullName } }'];
  const { stdout } = await runCommand([...args, '--json'], delegated);
  const [, iban, fullName] = JSON.parse(stdout).coordinates;
  expect(iban).toMatchObject({ mask: 'last4', missing: [{ needs: 'mask' }] });
  expect(fullName).toMatchObject({
    mask: 'first1',
    missing: [{ needs: 'allow' }, { needs: 'mask' }],
  });
  const { stdout: text } = await runCommand(args, delegated);
  expect(text).toMatch(
    /^Person\.iban +depends last4 +- +when object\.bossId == claims\.person \(n/m,
  );
  expect(text).toMatch(
    /^Person\.fullName +depends, else first1 +- +when object\.id == .+\), else first1 needs when object\.bossId/m,
  );
});

it('matrix: a mask that objects decide is not said to be there for all of them', async () => {
  const as = ['--as', JSON.stringify({ person: '1' })];
  const { stdout } = await runCommand(['matrix', ...as], delegated);
  expect(stdout).toMatch(/^if \w +~last4 where when object\.bossId == claims\.person \(/m);
  expect(stdout).toMatch(
    /^if \w +where when object\.id == claims\.person \(.+\); else ~first1 where when object\.bossId/m,
  );
});

it('matrix: the mask, and what there is in the right place alone', async () => {
  const matrix = await matrixOf(files);
  const cell = (coordinate: string, caller: string) => cellOf(matrix, coordinate, caller);
  expect(cell('Person.fullName', 'role auditor')).toMatchObject({
    verdict: 'depends',
    mask: 'first1',
  });
  expect(cell('Person.iban', 'role pay')).toMatchObject({
    verdict: 'deny',
    only: [{ verdict: 'depends', assumes: ['from network office'] }],
  });
  expect(cell('Person.iban', 'role hr')).toMatchObject({
    mask: 'last4',
    only: [{ verdict: 'depends', assumes: ['signed in at most 5m ago'] }],
  });
  const { stdout } = await runCommand(['matrix'], files);
  expect(stdout).toMatch(/^if \w +~first1 where when object\.bossId/m);
  expect(stdout).toMatch(/^if \w +depends only from network office; otherwise deny$/m);
});
