/** `schema`: the SDL as it is stitched, and what a caller may see of it. */
import { buildSchema, isObjectType } from 'graphql';
import { expect, test } from 'vitest';
import { type Files, people, peopleWith, runCommand } from './run-command.ts';

async function fieldsOf(args: readonly string[], files: Files = people) {
  const { code, stdout } = await runCommand(['schema', ...args], files);
  expect(code).toBe(0);
  const type = buildSchema(stdout).getType('Person');
  if (!isObjectType(type)) throw new Error('there is no type Person');
  return Object.values(type.getFields()).map(({ name, type: own }) => `${name}: ${own}`);
}

test('as it is stitched: hidden fields, and the nullability of the upstreams', async () => {
  expect((await fieldsOf([])).sort()).toEqual([
    'boss: Person',
    'bossId: String',
    'friends: [Person]',
    'fullName: String!',
    'iban: String',
    'id: ID!',
    'salary: Float',
  ]);
});

test('the view of a caller: what rules list, nullable where it may be refused', async () => {
  expect((await fieldsOf(['--as', '{"scope":"people:read"}'])).sort()).toEqual([
    'boss: Person',
    'friends: [Person]',
    'fullName: String',
    'iban: String',
    'id: ID',
    'salary: Float',
  ]);
});

test('as it is stitched needs no policies', async () => {
  const { 'policies/access/people.yaml': _, ...files } = people;
  expect(await fieldsOf([], files)).toContain('bossId: String');
  const { code } = await runCommand(['schema', '--as', '{}'], files);
  expect(code).toBe(2);
});

test('--json holds the same text', async () => {
  const plain = await runCommand(['schema']);
  const json = await runCommand(['schema', '--json']);
  expect(`${JSON.parse(json.stdout).sdl}\n`).toBe(plain.stdout);
  expect(Object.keys(JSON.parse(json.stdout))).toEqual(['sdl']);
});

test('a caller who is not let in has no view', async () => {
  const { code, stdout, stderr } = await runCommand(['schema', '--as', 'anonymous']);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain('identify/missing');
});

test('a configuration that does not load', async () => {
  const files = peopleWith({
    'gateway.yaml': (text) => text.replace('argument: ids', 'argument: idz'),
  });
  const { code, stdout } = await runCommand(['schema'], files);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
});
