/**
 * What filters of the unified schema mean, by the field that takes them, written by hand:
 * which fields of which types, whatever the rules say of these.
 */
type Field = readonly [type: string, field: string];

interface Meaning {
  /** The field that takes it; where no rule lists that, nobody can filter by it. */
  readonly via: Field;
  /** All of them where they are ids: one that is open is a way to an object. */
  readonly fields: readonly Field[];
  /** Where none of these has a class: the leaves of the object that is meant, if all have one. */
  readonly or?: readonly Field[];
}

const names: readonly Field[] = [
  ['Employee', 'name'],
  ['Contractor', 'name'],
];
const numbers: readonly Field[] = [
  ['Employee', 'ssn'],
  ['Contractor', 'ssn'],
];
const iban: readonly Meaning[] = [{ via: ['Query', 'accounts'], fields: [['Account', 'iban']] }];
const money: readonly Field[] = [
  ['Money', 'amount'],
  ['Money', 'currency'],
];
const salary: readonly Field[] = [['Employee', 'salary']];
const idOf = (via: string, ...types: string[]): readonly Meaning[] => [
  { via: ['Query', via], fields: types.map((type) => [type, 'id']) },
];
/** `echo` returns text: it may filter on anything. */
const peopleBy = (fields: readonly Field[]): readonly Meaning[] => [
  { via: ['Query', 'employees'], fields: fields.filter(([type]) => type === 'Employee') },
  { via: ['Query', 'echo'], fields },
];

export const filters: Readonly<Record<string, readonly Meaning[]>> = {
  'Query.employee(id:)': idOf('employee', 'Employee'),
  'Query.employeesById(ids:)': idOf('employeesById', 'Employee'),
  'Query.node(id:)': idOf('node', 'Employee', 'Contractor', 'Office'),
  'Query.account(id:)': idOf('account', 'Account'),
  'Employee.salary(currency:)': [{ via: ['Employee', 'salary'], fields: [['Money', 'currency']] }],
  'EmployeeFilter.nameLike': peopleBy(names),
  'EmployeeFilter.ssn': peopleBy(numbers),
  'Nested.ssn': peopleBy(numbers),
  'Nested.level': peopleBy([['Employee', 'level']]),
  'AccountQuery.iban': iban,
  'BankQuery.iban': iban,
  'Sort.NAME': peopleBy(names),
  'Sort.SSN': peopleBy(numbers),
  'Sort.SALARY': [
    { via: ['Query', 'employees'], fields: salary, or: money },
    { via: ['Query', 'echo'], fields: salary },
  ],
};
