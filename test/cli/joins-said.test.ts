/** What is said of a join or a link that names what there is not: the name that is nearest. */
import { expect, it } from 'vitest';
import { peopleWith, runCommand } from './run-command.ts';

const cases: { name: string; written: string; wrong: string; says: string }[] = [
  {
    name: 'the key',
    written: 'key: id',
    wrong: 'key: idd',
    says: 'joins.Person: Person.idd is missing in people (did you mean "id"?)',
  },
  {
    name: 'a query field',
    written: 'pay: { field: peopleById',
    wrong: 'pay: { field: poepleById',
    says: 'joins.Person: pay has no Query.poepleById (did you mean "peopleById"?)',
  },
  {
    name: 'an argument',
    written: 'argument: ids',
    wrong: 'argument: idss',
    says: 'joins.Person: Query.peopleById of pay has no argument idss (did you mean "ids"?)',
  },
  {
    name: 'where a link comes from',
    written: 'from: bossId',
    wrong: 'from: bosId',
    says: 'links.Person.boss: there is no Person.bosId (did you mean "bossId"?)',
  },
  {
    name: 'the type of a link',
    written: 'Person.boss: {',
    wrong: 'Persn.boss: {',
    says: 'links.Persn.boss: there is no object type Persn (did you mean "Person"?)',
  },
];

it.each(cases)('$name', async ({ written, wrong, says }) => {
  const files = peopleWith({ 'gateway.yaml': (text) => text.replace(written, wrong) });
  const { code, stderr } = await runCommand(['check'], files);
  expect(stderr.replace(/^\S+gateway\.yaml:\d+:\d+: /, '')).toBe(`${says}\n`);
  expect(code).toBe(2);
});
