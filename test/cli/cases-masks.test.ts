/** `test`: what a case expects of a field that objects decide and that is masked. */
import { describe } from 'vitest';
import { testRows } from './cases-rig.ts';
import { withRules } from './matrix-rig.ts';

const files =
  withRules(`  - { name: open, fields: { Query: [people], Person: [id] }, allow: authenticated }
  - name: numbers
    class: banking
    fields: { Person: [iban] }
    allow: { roles: [clerk] }
    otherwise:
      - { mask: last4, allow: { roles: [viewer] } }
      - { mask: last4, allow: { when: object.bossId == claims.person } }
  - name: names
    class: personal
    fields: { Person: [fullName] }
    allow: { when: object.id == claims.person }
    otherwise: [{ mask: first1, allow: { when: object.bossId == claims.person } }]
  - name: salaries
    class: pay
    fields: { Person: [boss] }
    allow: { when: object.id == claims.person }
`);
const person = { claims: { person: '1' } };
const clerk = { ...person, roles: ['clerk'] };
const query = '{ people { iban } }';

describe('masked where objects say so, and never whole', () => {
  testRows([
    {
      name: 'as expected',
      files,
      as: person,
      query,
      expect: { 'Query.people': 'allow', 'Person.iban': 'mask-or-deny' },
    },
    {
      name: 'whole for this caller',
      files,
      as: clerk,
      query,
      expect: { 'Query.people': 'allow', 'Person.iban': 'mask-or-deny' },
      fails: ['Person.iban: mask-or-deny, allow; by numbers'],
    },
    {
      name: 'refused to this caller',
      files,
      as: { claims: {} },
      query,
      expect: { 'Query.people': 'allow', 'Person.iban': 'mask-or-deny' },
      fails: ['Person.iban: mask-or-deny, deny; missing roles clerk'],
    },
    {
      name: 'whole at some objects',
      files,
      as: person,
      query: '{ people { fullName } }',
      expect: { 'Query.people': 'allow', 'Person.fullName': 'mask-or-deny' },
      fails: [
        'Person.fullName: mask-or-deny, depends; missing when object.id == claims.person; missing when object.bossId == claims.person',
      ],
    },
    {
      name: 'below a field that objects decide',
      files,
      as: person,
      query: '{ people { boss { iban } } }',
      expect: {
        'Query.people': 'allow',
        'Person.boss': 'depends',
        'Person.iban': 'mask-or-deny',
      },
    },
    {
      name: 'masked at every object, below a field that objects decide',
      files,
      as: { ...person, roles: ['viewer'] },
      query: '{ people { boss { iban } } }',
      expect: {
        'Query.people': 'allow',
        'Person.boss': 'depends',
        'Person.iban': 'mask-or-deny',
      },
    },
  ]);
});
