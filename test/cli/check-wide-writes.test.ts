/** `check`: a `*` on the input of a write opens what is classified where it is read. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { access } from './cases-rig.ts';
import { peopleWith, runCommand } from './run-command.ts';

async function check(inputs: string, added = '') {
  const files = peopleWith({
    [access]: (text) =>
      `${text.replace('PersonUpdateInput: [fullName]', `PersonUpdateInput: ${inputs}`)}${added}`,
  });
  const { code, stdout, directory } = await runCommand(['check', '--json'], files);
  expect(code).toBe(0);
  return { found: JSON.parse(stdout).wideWrites, file: join(directory, access), files };
}

const named =
  '  - { name: names, class: personal, fields: { Person: [fullName] }, allow: { scopes: [x] } }\n';

test('what only a * opens, and the field that is classified', async () => {
  const { found, file, files } = await check('["*"]', named);
  expect(found).toEqual([
    {
      coordinate: 'PersonUpdateInput.fullName',
      means: 'Person.fullName',
      rule: 'renames',
      file,
      line: 27,
    },
  ]);
  const { stdout } = await runCommand(['check'], files);
  expect(stdout).toMatch(
    /^wide-write +PersonUpdateInput\.fullName: .*Person\.fullName has a class/m,
  );
  expect(stdout).toMatch(/, 1 wide writes, /);
});

const ofInput =
  '  - { name: input, class: personal, fields: { PersonUpdateInput: [fullName] }, allow: { scopes: [x] } }\n';
test.each([
  { name: 'a field that is named', inputs: '[fullName]', added: named },
  { name: 'nothing classified', inputs: '["*"]', added: '' },
  { name: 'an input of that class', inputs: '["*"]', added: named + ofInput },
])('not $name', async ({ inputs, added }) => {
  expect((await check(inputs, added)).found).toEqual([]);
});
