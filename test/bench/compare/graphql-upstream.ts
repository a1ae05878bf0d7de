/**
 * A GraphQL upstream's stand-in, in a process of its own: graphql-js with a cache of parsed
 * documents. It speaks federation as well, for the gateways that need it; `staff` is the REST
 * upstream's records for gateways without REST. Prints its port.
 * `node test/bench/compare/graphql-upstream.ts pay|staff`
 */
import { createServer } from 'node:http';
import { buildSchema, type DocumentNode, execute, parse } from 'graphql';
import { employee, employees, pay } from './staff.ts';
import { payFederatedSdl, staffFederatedSdl } from './staff-schema.ts';

const isPay = process.argv[2] === 'pay';
const sdl = isPay ? payFederatedSdl : staffFederatedSdl;

const schema = buildSchema(`
${sdl.slice(sdl.indexOf('\n'))}
directive @key(fields: String!) on OBJECT
scalar _Any
union _Entity = Employee
type _Service { sdl: String! }
extend type Query { _service: _Service! _entities(representations: [_Any!]!): [_Entity]! }
`);

type Reference = { readonly id: string };

const record = isPay ? pay : employee;
const entity = ({ id }: Reference) => ({ __typename: 'Employee', ...record(Number(id)) });

const rootValue = {
  _service: { sdl },
  _entities: ({ representations }: { representations: readonly Reference[] }) =>
    representations.map(entity),
  employeesById: ({ ids }: { ids: readonly string[] }) => ids.map((id) => entity({ id })),
  employee: entity,
  employees: ({ limit = 20, offset = 0 }: { limit?: number; offset?: number }) =>
    employees(limit, offset),
  updateEmployee: ({ id, input }: { id: string; input: object }) => ({
    ...entity({ id }),
    ...input,
  }),
};

const documents = new Map<string, DocumentNode>();
const documentsMax = 1_000;

function documentOf(query: string): DocumentNode {
  const known = documents.get(query);
  if (known !== undefined) return known;
  const document = parse(query);
  if (documents.size < documentsMax) documents.set(query, document);
  return document;
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', async () => {
    const { query, variables, operationName } = JSON.parse(Buffer.concat(chunks).toString());
    const result = await execute({
      schema,
      document: documentOf(query),
      rootValue,
      variableValues: variables,
      operationName,
    });
    const body = JSON.stringify(result);
    response
      .writeHead(200, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      })
      .end(body);
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address !== 'string') process.stdout.write(`${address.port}\n`);
});
