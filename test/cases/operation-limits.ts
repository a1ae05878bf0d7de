/**
 * Limits of operations: which of the limits given has to refuse which operation. A case with no
 * `refused` has to run.
 *
 * Facts (structure and outcomes, no text) from Apollo Router's operation limits tests (ELv2; facts
 * only), WunderGraph Cosmo's complexity limits tests (Apache-2.0) and Escape GraphQL Armor's
 * depth tests (MIT), told on a schema of our own.
 */
import type { Limits } from '../../gateway/limits/limits.ts';

export const operationLimitsSdl = `
  type Query { me: Employee staff: [Employee!]! employee(id: ID!): Employee }
  type Employee { id: ID! legalName: String payslips: [Payslip!]! manager: Employee details: Details }
  type Details { first: String last: String }
  type Payslip { id: ID! memo: String approver: Employee owner: Employee }
`;

export interface LimitsCase {
  readonly name: string;
  readonly given: string;
  readonly limits: Partial<Limits>;
  readonly refused?: string;
}

const router = { rootFields: 1, aliases: 2, depth: 3, height: 4 };
const details = '{ employee(id: 1) { id details { first last } } }';

export const operationLimits: readonly LimitsCase[] = [
  { name: 'under all limits', given: '{ me { id } }', limits: router },
  {
    name: 'two root fields',
    given: '{ me { id } staff { legalName } }',
    limits: router,
    refused: 'limits/too-many-root-fields',
  },
  {
    name: 'four levels',
    given: '{ staff { payslips { approver { legalName } } } }',
    limits: router,
    refused: 'limits/too-deep',
  },
  {
    name: 'height through a named fragment',
    given: '{ staff { legalName payslips { ...F } } } fragment F on Payslip { memo id }',
    limits: router,
    refused: 'limits/too-high',
  },
  {
    name: 'aliases count to height',
    given: '{ staff { n: legalName s: legalName legalName payslips { memo } } }',
    limits: router,
    refused: 'limits/too-high',
  },
  { name: 'three levels', given: details, limits: { depth: 2 }, refused: 'limits/too-deep' },
  { name: 'three levels where three are allowed', given: details, limits: { depth: 3 } },
  {
    name: 'total fields',
    given: details,
    limits: { fields: 1 },
    refused: 'limits/too-many-fields',
  },
  {
    name: 'two aliased root fields',
    given: '{ a: employee(id: 1) { id } b: employee(id: 2) { id } }',
    limits: { rootFields: 1 },
    refused: 'limits/too-many-root-fields',
  },
  {
    name: 'two aliases at the root',
    given: '{ a: employee(id: 1) { id } b: employee(id: 2) { id } }',
    limits: { aliases: 1 },
    refused: 'limits/too-many-aliases',
  },
  {
    name: 'depth with fragments flattened',
    given: '{ ...B } fragment B on Query { staff { id manager { legalName } } }',
    limits: { depth: 2 },
    refused: 'limits/too-deep',
  },
  {
    name: 'depth with fragments flattened where it fits',
    given: '{ ...B } fragment B on Query { staff { id manager { legalName } } }',
    limits: { depth: 3 },
  },
  {
    name: 'a fragment cycle',
    given: '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }',
    limits: { depth: 3 },
    refused: 'limits/fragment-cycle',
  },
  {
    name: 'a fragment measured at a shallow place and spread at a deep one',
    given:
      '{ staff { manager { ...T } } x: staff { manager { manager { manager { ...T } } } } } fragment T on Employee { manager { id } }',
    limits: { depth: 5 },
    refused: 'limits/too-deep',
  },
  {
    name: 'the same where it fits',
    given:
      '{ staff { manager { ...T } } x: staff { manager { manager { manager { ...T } } } } } fragment T on Employee { manager { id } }',
    limits: { depth: 6 },
  },
];
