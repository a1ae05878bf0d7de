/**
 * The resolvers of schema.graphql, typed by codegen. Another tenant's record is answered like one
 * that does not exist.
 */
import { createGraphQLError } from 'graphql-yoga';
import type { Resolvers } from './generated/resolvers.ts';
import { isIban } from './iban.ts';
import type { PayrollRecord } from './records.ts';

export interface PayrollContext {
  readonly records: ReadonlyMap<string, PayrollRecord>;
  /** Undefined: every tenant. */
  readonly tenantId: string | undefined;
}

const idsMax = 1_000;

function recordFor({ records, tenantId }: PayrollContext, id: string): PayrollRecord | null {
  const record = records.get(id);
  if (record === undefined) return null;
  return tenantId === undefined || record.tenantId === tenantId ? record : null;
}

export const resolvers: Resolvers = {
  Query: {
    employeesById: (_, { ids }, context) => {
      if (ids.length > idsMax) throw createGraphQLError(`at most ${idsMax} ids`);
      return ids.map((id) => recordFor(context, id));
    },
    payslip: (_, { id }, context) => {
      const [employeeId = ''] = id.split('-', 1);
      return recordFor(context, employeeId)?.slips.find((slip) => slip.id === id) ?? null;
    },
  },
  Mutation: {
    updateBankAccount: (_, { employeeId, input }, context) => {
      if (!isIban(input.iban)) throw createGraphQLError('the IBAN is not well-formed');
      const record = recordFor(context, employeeId);
      if (record === null) return null;
      const account = {
        iban: input.iban,
        bic: input.bic ?? null,
        holder: input.holder,
        primary: true,
      };
      record.accounts = [account, ...record.accounts.filter(({ primary }) => !primary)];
      return account;
    },
  },
  Employee: {
    bankAccounts: (record) => [...record.accounts],
    // An explicit null bypasses the schema's default of three.
    payslips: (record, { last }) => record.slips.slice(0, Math.max(0, last ?? 3)),
  },
};
