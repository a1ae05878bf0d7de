/** What the two upstreams publish about themselves, and the same as federation subgraphs. */

const fields = [
  'id',
  'firstName',
  'lastName',
  'jobTitle',
  'department',
  'workEmail',
  'dateOfBirth',
  'homePhone',
  'homeCity',
  'ssn',
];

const one = {
  '200': {
    description: 'One employee.',
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Employee' } } },
  },
};
const idParameter = { name: 'id', in: 'path', required: true, schema: { type: 'string' } };
const number = (name: string) => ({ name, in: 'query', schema: { type: 'integer' } });

/** The REST upstream, as OpenAPI 3.0 because that is what most tools read. */
export const staffOpenApi = {
  openapi: '3.0.3',
  info: { title: 'Staff', version: '1.0.0' },
  paths: {
    '/employees': {
      get: {
        operationId: 'employees',
        parameters: [number('limit'), number('offset')],
        responses: {
          '200': {
            description: 'Employees.',
            content: {
              'application/json': {
                schema: { type: 'array', items: { $ref: '#/components/schemas/Employee' } },
              },
            },
          },
        },
      },
    },
    '/employees/{id}': {
      get: { operationId: 'employee', parameters: [idParameter], responses: one },
      patch: {
        operationId: 'updateEmployee',
        parameters: [idParameter],
        requestBody: {
          required: true,
          content: {
            'application/json': { schema: { $ref: '#/components/schemas/EmployeeUpdate' } },
          },
        },
        responses: one,
      },
    },
  },
  components: {
    schemas: {
      Employee: {
        type: 'object',
        required: fields,
        properties: Object.fromEntries(fields.map((name) => [name, { type: 'string' }])),
      },
      EmployeeUpdate: { type: 'object', properties: { jobTitle: { type: 'string' } } },
    },
  },
};

/** The GraphQL upstream. */
export const paySdl = `
type Query { employeesById(ids: [ID!]!): [Employee]! }
type Employee { id: ID! salary: Int currency: String grade: String }
`;

const federation =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.0", import: ["@key"])';

/** The GraphQL upstream as a federation subgraph. */
export const payFederatedSdl = `${federation}
type Query { employeesById(ids: [ID!]!): [Employee]! }
type Employee @key(fields: "id") { id: ID! salary: Int currency: String grade: String }
`;

/** The REST upstream for gateways without REST: a federation subgraph with the same records. */
export const staffFederatedSdl = `${federation}
type Query { employee(id: ID!): Employee employees(limit: Int, offset: Int): [Employee!]! }
type Mutation { updateEmployee(id: ID!, input: EmployeeUpdate!): Employee }
input EmployeeUpdate { jobTitle: String }
type Employee @key(fields: "id") {
${fields.map((name) => `  ${name}: ${name === 'id' ? 'ID' : 'String'}!`).join('\n')}
}
`;
