/* eslint-disable */
import * as types from './graphql.ts';



/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  query Directory($limit: Int!) {\n    employees(limit: $limit) {\n      id\n      firstName\n      ssn\n      manager {\n        id\n        firstName\n      }\n    }\n  }\n": typeof types.DirectoryDocument,
    "\n  query Pay($id: ID!) {\n    employee(id: $id) {\n      firstName\n      salary {\n        amount\n        currency\n        period\n      }\n      bankAccounts {\n        iban\n        holder\n        primary\n      }\n      payslips(last: 1) {\n        month\n        net\n      }\n    }\n  }\n": typeof types.PayDocument,
    "\n  mutation UpdateEmployee($id: ID!, $input: EmployeeUpdateInput!) {\n    updateEmployee(id: $id, input: $input) {\n      id\n      jobTitle\n    }\n  }\n": typeof types.UpdateEmployeeDocument,
};
const documents: Documents = {
    "\n  query Directory($limit: Int!) {\n    employees(limit: $limit) {\n      id\n      firstName\n      ssn\n      manager {\n        id\n        firstName\n      }\n    }\n  }\n": types.DirectoryDocument,
    "\n  query Pay($id: ID!) {\n    employee(id: $id) {\n      firstName\n      salary {\n        amount\n        currency\n        period\n      }\n      bankAccounts {\n        iban\n        holder\n        primary\n      }\n      payslips(last: 1) {\n        month\n        net\n      }\n    }\n  }\n": types.PayDocument,
    "\n  mutation UpdateEmployee($id: ID!, $input: EmployeeUpdateInput!) {\n    updateEmployee(id: $id, input: $input) {\n      id\n      jobTitle\n    }\n  }\n": types.UpdateEmployeeDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Directory($limit: Int!) {\n    employees(limit: $limit) {\n      id\n      firstName\n      ssn\n      manager {\n        id\n        firstName\n      }\n    }\n  }\n"): typeof import('./graphql.ts').DirectoryDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Pay($id: ID!) {\n    employee(id: $id) {\n      firstName\n      salary {\n        amount\n        currency\n        period\n      }\n      bankAccounts {\n        iban\n        holder\n        primary\n      }\n      payslips(last: 1) {\n        month\n        net\n      }\n    }\n  }\n"): typeof import('./graphql.ts').PayDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation UpdateEmployee($id: ID!, $input: EmployeeUpdateInput!) {\n    updateEmployee(id: $id, input: $input) {\n      id\n      jobTitle\n    }\n  }\n"): typeof import('./graphql.ts').UpdateEmployeeDocument;


export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}
