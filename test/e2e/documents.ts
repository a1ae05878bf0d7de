/** The operations of the end-to-end tests; codegen types them from the unified schema. */
import { graphql } from '../generated/gql.ts';

export const directoryDocument = graphql(`
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
`);

export const payDocument = graphql(`
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
`);

export const updateEmployeeDocument = graphql(`
  mutation UpdateEmployee($id: ID!, $input: EmployeeUpdateInput!) {
    updateEmployee(id: $id, input: $input) {
      id
      jobTitle
    }
  }
`);
