/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
export type AddressInput = {
  city: string;
  country: string;
  postalCode: string;
  street: string;
};

export type Department =
  | 'engineering'
  | 'finance'
  | 'legal'
  | 'operations'
  | 'people'
  | 'sales';

export type EmployeeUpdateInput = {
  department?: Department | null | undefined;
  homeAddress?: AddressInput | null | undefined;
  jobTitle?: string | null | undefined;
};

export type PayPeriod =
  | 'MONTH'
  | 'YEAR';

export type DirectoryQueryVariables = Exact<{
  limit: number;
}>;


export type DirectoryQuery = { employees: Array<{ id: string | null, firstName: string | null, ssn: string | null, manager: { id: string | null, firstName: string | null } | null } | null> | null };

export type PayQueryVariables = Exact<{
  id: string | number;
}>;


export type PayQuery = { employee: { firstName: string | null, salary: { amount: number | null, currency: string | null, period: PayPeriod | null } | null, bankAccounts: Array<{ iban: string | null, holder: string | null, primary: boolean | null }> | null, payslips: Array<{ month: string | null, net: number | null }> | null } | null };

export type UpdateEmployeeMutationVariables = Exact<{
  id: string | number;
  input: EmployeeUpdateInput;
}>;


export type UpdateEmployeeMutation = { updateEmployee: { id: string | null, jobTitle: string | null } | null };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}

export const DirectoryDocument = new TypedDocumentString(`
    query Directory($limit: Int!) {
  employees(limit: $limit) {
    id
    firstName
    ssn
    manager {
      id
      firstName
    }
  }
}
    `) as unknown as TypedDocumentString<DirectoryQuery, DirectoryQueryVariables>;
export const PayDocument = new TypedDocumentString(`
    query Pay($id: ID!) {
  employee(id: $id) {
    firstName
    salary {
      amount
      currency
      period
    }
    bankAccounts {
      iban
      holder
      primary
    }
    payslips(last: 1) {
      month
      net
    }
  }
}
    `) as unknown as TypedDocumentString<PayQuery, PayQueryVariables>;
export const UpdateEmployeeDocument = new TypedDocumentString(`
    mutation UpdateEmployee($id: ID!, $input: EmployeeUpdateInput!) {
  updateEmployee(id: $id, input: $input) {
    id
    jobTitle
  }
}
    `) as unknown as TypedDocumentString<UpdateEmployeeMutation, UpdateEmployeeMutationVariables>;