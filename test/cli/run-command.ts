/** Runs one command over files of its own: a REST and a GraphQL upstream that share people by id. */
import { join } from 'node:path';
import { parseCommand } from '../../gateway/cli/command-line.ts';
import { writeFiles } from '../support/config-files.ts';

export type Files = Readonly<Record<string, string>>;

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Where the files are. */
  readonly directory: string;
}

/** `args` without `--config`, which names the files' gateway.yaml. */
export async function runCommand(args: readonly string[], files: Files = people): Promise<Ran> {
  return runIn(await writeFiles(files), args);
}

/** The same over files that are there. */
export async function runIn(directory: string, args: readonly string[]): Promise<Ran> {
  const [command = '', ...rest] = args;
  let stdout = '';
  let stderr = '';
  const code = await parseCommand([command, '--config', join(directory, 'gateway.yaml'), ...rest], {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    env: {},
    stop: new AbortController().signal,
  });
  return { code, stdout, stderr, directory };
}

export const people: Files = {
  'gateway.yaml': `
version: 1
upstreams:
  people:
    openapi: people.yaml
    url: http://127.0.0.1:1
    operations:
      Query.people: GET /people
      Query.person: GET /people/{person-id}
      Mutation.rename: PATCH /people/{person-id}
    headers: { x-tenant: "{claims.tenant}" }
  pay: { graphql: pay.graphql, url: "http://127.0.0.1:1" }
joins:
  Person:
    key: id
    people: { field: person, argument: personId }
    pay: { field: peopleById, argument: ids, batch: true }
links:
  Person.boss: { upstream: people, field: person, argument: personId, from: bossId }
identity:
  jwt:
    - { issuer: https://idp.example.com, audience: graph, jwks: keys.json, algorithms: [ES256] }
`,
  'people.yaml': `
openapi: 3.1.0
info: { title: People, version: "1" }
paths:
  /people:
    get:
      parameters:
        - { name: tag, in: query, schema: { type: string } }
        - { name: limit, in: query, schema: { type: integer } }
        - { name: x-tenant, in: header, schema: { type: string } }
      responses:
        "200":
          description: people
          content:
            application/json:
              schema: { type: array, items: { $ref: "#/components/schemas/Person" } }
  /people/{person-id}:
    parameters:
      - { name: person-id, in: path, required: true, schema: { type: string } }
    get:
      responses: { "200": { $ref: "#/components/responses/Person" } }
    patch:
      requestBody:
        required: true
        content: { application/json: { schema: { $ref: "#/components/schemas/PersonUpdate" } } }
      responses: { "200": { $ref: "#/components/responses/Person" } }
components:
  responses:
    Person:
      description: a person
      content: { application/json: { schema: { $ref: "#/components/schemas/Person" } } }
  schemas:
    Person:
      type: object
      required: [id, full-name]
      properties:
        id: { type: string }
        full-name: { type: string }
        boss-id: { type: [string, "null"] }
        friends: { type: array, items: { $ref: "#/components/schemas/Person" } }
    PersonUpdate:
      type: object
      properties: { full-name: { type: string }, boss-id: { type: string } }
`,
  'pay.graphql': `
type Query {
  peopleById(ids: [ID!]!): [Person]!
  accounts(filter: AccountFilter, orderBy: AccountOrder, ibans: [String!]): [Account!]!
  things: [Thing!]!
}
type Person { id: ID!, salary: Float, iban: String }
type Account { iban: String!, note: String }
input AccountFilter { IBAN_startsWith: String, note: String, any: [AccountFilter!] }
enum AccountOrder { IBAN_DESC NOTE }
interface Thing { label: String }
type Book implements Thing { label: String }
type Pen implements Thing { label: String }
`,
  'policies/access/people.yaml': `version: 1
rules:
  - name: directory
    fields:
      Query: [people, person, things]
      Person: [id, fullName, boss, friends]
      Thing: [label]
    allow: { scopes: [people:read] }
  - name: tags
    fields: { Query: ["people(tag:)"] }
    allow: { scopes: [tags:read] }
  - name: pens
    fields: { Pen: [label] }
    require: { roles: [clerk] }
  - name: banking
    class: banking
    fields: { Person: [iban], Account: [iban] }
    allow: { scopes: [pay:read] }
    otherwise: [{ mask: last4, allow: { scopes: [pay:masked] } }, deny]
  - name: salaries
    fields: { Person: [salary] }
    allow: { any: [{ scopes: [pay:read] }, { claims: { team: [hr, 7] } }] }
  - name: accounts
    fields: { Query: [accounts] }
    allow: { scopes: [pay:read] }
    otherwise: [reject]
  - name: renames
    fields: { Mutation: [rename], PersonUpdateInput: [fullName] }
    allow: { roles: [editor] }
  - name: notes
    fields: { Account: [note] }
    forbid: true
`,
};

/** The files with some of them changed. */
export function peopleWith(change: Readonly<Record<string, (text: string) => string>>): Files {
  return Object.fromEntries(
    Object.entries(people).map(([name, text]) => [name, change[name]?.(text) ?? text]),
  );
}
