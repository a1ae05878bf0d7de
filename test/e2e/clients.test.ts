/**
 * Real clients against a served gateway on a socket: Apollo Client with and without its links for
 * persisted queries and batches, urql by POST and GET, graphql-request, and the client preset of
 * GraphQL code generator against introspection.
 */
import { execFile } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { CombinedGraphQLErrors } from '@apollo/client/errors';
import { BatchHttpLink } from '@apollo/client/link/batch-http';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { generate } from '@graphql-codegen/cli';
import { cacheExchange, createClient, fetchExchange } from '@urql/core';
import { buildSchema, graphql, print } from 'graphql';
import { ClientError, GraphQLClient } from 'graphql-request';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { playUpstream, serveFiles } from '../support/served.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { testEngine } from '../support/test-engine.ts';

const sdl = /* GraphQL */ `
type Query { staff: [Member!]! person(id: ID!): Person }
type Mutation { rename(id: ID!, name: String!): Person }
interface Member { id: ID! name: String! }
enum Kind { MAIN OTHER }
type Person implements Member { id: ID! name: String! kind: Kind ssn: String }
type Bot implements Member { id: ID! name: String! version: Int }
`;
const person = (id: string, name = 'Ada') => ({
  __typename: 'Person',
  id,
  name,
  kind: 'MAIN',
  ssn: '123',
});
const rootValue = {
  staff: [person('1'), { __typename: 'Bot', id: '2', name: 'Bo', version: 3 }],
  person: ({ id }: { id: string }) => person(id),
  rename: ({ id, name }: { id: string; name: string }) => person(id, name),
};
const upstream = await playUpstream(async (_request, response, body) => {
  const { query: source, variables: variableValues } = JSON.parse(body);
  const answer = await graphql({ schema: buildSchema(sdl), source, variableValues, rootValue });
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(answer));
});

const serve = (limits: string, more: Readonly<Record<string, string>> = {}) =>
  serveFiles({
    ...more,
    'gateway.yaml': `
version: 1
listen: { port: 0 }
admin: { port: 0 }
upstreams:
  staff: { graphql: staff.graphql, url: ${upstream.url} }
identity: { anonymous: allow }
introspection: everyone
`,
    'staff.graphql': sdl,
    'policies/access/staff.yaml': `
version: 1
rules:
  - name: everything-but-ssn
    fields:
      Query: [staff, person]
      Mutation: [rename]
      Member: [id, name]
      Person: [id, name, kind]
      Bot: [id, name, version]
    allow: everyone
  - { name: ssn, fields: { Person: [ssn] }, allow: { scopes: [ssn] } }
`,
    'policies/limits/default.yaml': `version: 1\n${limits}`,
  });

const gateway = await serve('');
const persisting = await serve('persistedQueries: { enabled: true }\n');

afterAll(async () => {
  await gateway.close();
  await persisting.close();
  await upstream.close();
});

/** What a client put on the wire. */
const wire: { method: string; body: unknown; status: number; url: string }[] = [];
beforeEach(() => {
  wire.length = 0;
});
const watchedFetch: typeof fetch = async (input, init) => {
  const response = await fetch(input, init);
  const { method = 'GET', body } = init ?? {};
  wire.push({
    method,
    url: String(input),
    body: typeof body === 'string' ? JSON.parse(body) : undefined,
    status: response.status,
  });
  return response;
};

const staffQuery = gql`
  query Staff($id: ID!) {
    staff { id name ... on Person { kind } ... on Bot { version } }
    person(id: $id) { ...Card }
  }
  fragment Card on Member { id name }
`;
const staffData = {
  staff: [
    { __typename: 'Person', id: '1', name: 'Ada', kind: 'MAIN' },
    { __typename: 'Bot', id: '2', name: 'Bo', version: 3 },
  ],
  person: { __typename: 'Person', id: '1', name: 'Ada' },
};
const possibleTypes = { Member: ['Person', 'Bot'] };
const sha256 = async (text: string): Promise<string> => {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Buffer.from(digest).toString('hex');
};

describe('Apollo Client', () => {
  const http = (uri: string, useGETForQueries = false) =>
    new HttpLink({ uri, fetch: watchedFetch, useGETForQueries });
  const batched = (uri: string, batchMax = 10) =>
    new BatchHttpLink({ uri, fetch: watchedFetch, batchInterval: 5, batchMax });
  const persisted = (useGETForHashedQueries = false) =>
    new PersistedQueryLink({ sha256, useGETForHashedQueries });
  const links = [
    { name: 'POST', link: () => http(gateway.url), requests: 1 },
    { name: 'GET', link: () => http(gateway.url, true), requests: 1 },
    { name: 'batches', link: () => batched(gateway.url), requests: 1 },
    {
      name: 'persisted queries',
      link: () => persisted().concat(http(persisting.url)),
      requests: 2,
    },
    {
      name: 'persisted queries by GET',
      link: () => persisted(true).concat(http(persisting.url, true)),
      requests: undefined,
    },
    {
      name: 'persisted queries that the gateway does not keep',
      link: () => persisted().concat(http(gateway.url)),
      requests: 2,
    },
    {
      name: 'persisted queries in batches',
      link: () => persisted().concat(batched(persisting.url)),
      requests: undefined,
    },
  ];
  const clientOver = (link: ReturnType<(typeof links)[number]['link']>) =>
    new ApolloClient({ link, cache: new InMemoryCache({ possibleTypes }) });

  it.each(links)('by $name: query, cache, mutation', async ({ link, requests }) => {
    const client = clientOver(link());
    const variables = { id: '1' };
    const { data } = await client.query({ query: staffQuery, variables });
    expect(data).toEqual(staffData);
    if (requests !== undefined) expect(wire).toHaveLength(requests);
    const mutation = gql`
      mutation Rename($id: ID!, $name: String!) { rename(id: $id, name: $name) { id name } }
    `;
    await client.mutate({ mutation, variables: { id: '1', name: 'Grace' } });
    const sent = wire.length;
    const again = await client.query({ query: staffQuery, variables });
    // From the cache, which knows by __typename and id what was renamed.
    expect(again.data).toMatchObject({ person: { name: 'Grace' } });
    expect(wire).toHaveLength(sent);
  });

  it('a persisted query goes by its hash alone the second time', async () => {
    const client = clientOver(persisted().concat(http(persisting.url)));
    const query = gql`query Hashed { staff { id } }`;
    await client.query({ query });
    wire.length = 0;
    await client.query({ query, fetchPolicy: 'network-only' });
    expect(wire).toHaveLength(1);
    expect(wire[0]?.body).not.toHaveProperty('query');
  });

  it('a batch is one request, and each operation has its own answer and errors', async () => {
    const client = clientOver(batched(gateway.url));
    const ask = (query: ReturnType<typeof gql>) =>
      client.query({ query, errorPolicy: 'all', fetchPolicy: 'network-only' });
    const [fine, denied, wrong] = await Promise.all([
      ask(gql`{ staff { id } }`),
      ask(gql`{ person(id: "1") { id ssn } }`),
      ask(gql`{ nothing }`),
    ]);
    expect(wire).toHaveLength(1);
    expect(wire[0]?.body).toHaveLength(3);
    expect(fine.error).toBeUndefined();
    expect(denied.data).toMatchObject({ person: { id: '1', ssn: null } });
    expect(codesOf(denied.error)).toEqual(['FORBIDDEN']);
    expect(codesOf(wrong.error)).toEqual(['GRAPHQL_VALIDATION_FAILED']);
  });

  it('a batch over the limit is an error that the client reports', async () => {
    const client = clientOver(batched(gateway.url, 50));
    const answers = await Promise.allSettled(
      Array.from({ length: 11 }, (_, at) =>
        client.query({
          query: gql`query ($id: ID!) { person(id: $id) { id } }`,
          variables: { id: String(at) },
        }),
      ),
    );
    expect(wire).toHaveLength(1);
    for (const one of answers) {
      const reason: { result?: { errors: { extensions: { code: string } }[] }[] } =
        one.status === 'rejected' ? one.reason : {};
      expect(reason.result?.[0]?.errors[0]?.extensions.code).toBe('BAD_REQUEST');
    }
  });

  describe('where documents are trusted', () => {
    const query = gql`query Known($id: ID!) { person(id: $id) { id } }`;
    const body = print(new InMemoryCache().transformDocument(query));
    const apollo = async () => ({
      format: 'apollo-persisted-query-manifest',
      version: 1,
      operations: [{ id: await sha256(body), name: 'Known', type: 'query', body }],
    });
    const codegen = async () => ({ [await sha256(body)]: body });

    it.each([
      { name: "Apollo's manifest", manifest: apollo },
      { name: "GraphQL Code Generator's", manifest: codegen },
    ])('$name: its text and its hash run, others do not', async ({ manifest }) => {
      await using trusting = await serve('documents: trusted\nmanifest: known.json\n', {
        'policies/limits/known.json': JSON.stringify(await manifest()),
      });
      const variables = { id: '1' };
      for (const link of [http(trusting.url), persisted().concat(http(trusting.url))]) {
        const client = clientOver(link);
        expect((await client.query({ query, variables })).data).toMatchObject({
          person: variables,
        });
        const other = gql`query Other { staff { id } }`;
        const { error } = await client.query({ query: other, errorPolicy: 'all' });
        expect(codesOf(error)).toEqual(['DOCUMENT_NOT_TRUSTED']);
      }
      const hashed = wire.filter(({ body }) => !Object.hasOwn(body as object, 'query'));
      expect(hashed.map(({ status }) => status)).toEqual([200, 200]);
    });
  });

  it('a denied field is null with an error', async () => {
    const { data, error } = await clientOver(http(gateway.url)).query({
      query: gql`{ person(id: "1") { id ssn } }`,
      errorPolicy: 'all',
    });
    expect(data).toEqual({ person: { __typename: 'Person', id: '1', ssn: null } });
    expect(codesOf(error)).toEqual(['FORBIDDEN']);
  });
});

function codesOf(error: unknown): unknown[] {
  return CombinedGraphQLErrors.is(error)
    ? error.errors.map(({ extensions }) => extensions?.code)
    : [];
}

describe('urql', () => {
  const clientBy = (preferGetMethod: boolean | 'force') =>
    createClient({
      url: gateway.url,
      fetch: watchedFetch,
      preferGetMethod,
      exchanges: [cacheExchange, fetchExchange],
    });

  it.each([
    { name: 'POST', prefer: false as const },
    { name: 'GET', prefer: 'force' as const },
  ])('by $name', async ({ name, prefer }) => {
    const client = clientBy(prefer);
    const { data, error } = await client.query(staffQuery, { id: '1' }).toPromise();
    expect({ data, error }).toEqual({ data: staffData, error: undefined });
    expect(wire.map(({ method }) => method)).toEqual([name]);
    const mutation = gql`mutation { rename(id: "1", name: "Grace") { id name } }`;
    const renamed = await client.mutation(mutation, {}).toPromise();
    expect(renamed.data).toMatchObject({ rename: { id: '1', name: 'Grace' } });
    const denied = await client.query(gql`{ person(id: "1") { id ssn } }`, {}).toPromise();
    expect(denied.error?.graphQLErrors.map(({ extensions }) => extensions.code)).toEqual([
      'FORBIDDEN',
    ]);
    expect(denied.data).toMatchObject({ person: { id: '1', ssn: null } });
  });
});

describe('graphql-request', () => {
  it.each(['POST', 'GET'] as const)('by %s', async (method) => {
    const client = new GraphQLClient(gateway.url, { fetch: watchedFetch, method });
    const query = '{ person(id: "1") { __typename id name } }';
    expect(await client.request(query)).toEqual({ person: person1 });
    const refused: unknown = await client.request('{ nothing }').catch((error: unknown) => error);
    expect(refused instanceof ClientError && refused.response.errors?.[0]?.extensions?.code).toBe(
      'GRAPHQL_VALIDATION_FAILED',
    );
  });

  it('its batches', async () => {
    const client = new GraphQLClient(gateway.url, { fetch: watchedFetch });
    const answers = await client.batchRequests([
      { document: '{ person(id: "1") { __typename id name } }' },
      { document: 'query ($id: ID!) { person(id: $id) { id } }', variables: { id: '7' } },
    ]);
    expect(answers.map(({ data }) => data)).toEqual([{ person: person1 }, { person: { id: '7' } }]);
    expect(wire).toHaveLength(1);
  });
});
const person1 = { __typename: 'Person', id: '1', name: 'Ada' };

describe('the client preset of GraphQL code generator', () => {
  const use = `
import { graphql } from './gql/gql.ts';
export const document = graphql(\`
  query Cards($id: ID!) {
    staff { __typename id ... on Person { kind } ... on Bot { version } }
    person(id: $id) { __typename id name kind }
  }
\`);
`;
  const check = `
import { document } from './use.ts';
import type { CardsQuery, CardsQueryVariables } from './gql/graphql.ts';
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const names: Equal<NonNullable<CardsQuery['staff']>[number]['__typename'], 'Person' | 'Bot'> = true;
const kinds: Equal<NonNullable<NonNullable<CardsQuery['person']>['kind']>, 'MAIN' | 'OTHER'> = true;
const variables: CardsQueryVariables = { id: '1' };
export { document, kinds, names, variables };
`;

  // Introspection is answered without an engine.
  it.skipIf(testEngine === 'reference')(
    'generates from introspection what type-checks and runs',
    async () => {
      const root = fileURLToPath(new URL('../../', import.meta.url));
      const directory = await tempFolder('codegen');
      await symlink(join(root, 'node_modules'), join(directory, 'node_modules'));
      await writeFile(join(directory, 'use.ts'), use);
      await writeFile(join(directory, 'check.ts'), check);
      const files = await generate(
        {
          cwd: directory,
          silent: true,
          importExtension: '.ts',
          schema: gateway.url,
          documents: join(directory, 'use.ts'),
          generates: {
            [`${join(directory, 'gql')}/`]: {
              preset: 'client',
              presetConfig: { fragmentMasking: false },
              config: { documentMode: 'string', enumsAsTypes: true, useTypeImports: true },
            },
          },
        },
        false,
      );
      for (const { filename, content } of files) {
        await mkdir(dirname(filename), { recursive: true });
        await writeFile(filename, content);
      }
      const tsc = join(root, 'node_modules/typescript/bin/tsc');
      const strict = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'es2022'];
      const modules = ['--module', 'nodenext', '--allowImportingTsExtensions', '--types', ''];
      await promisify(execFile)(
        process.execPath,
        [tsc, ...strict, ...modules, join(directory, 'check.ts')],
        { cwd: directory },
      );
      const { document }: { document: unknown } = await import(
        pathToFileURL(join(directory, 'use.ts')).href
      );
      const response = await fetch(gateway.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: String(document), variables: { id: '1' } }),
      });
      expect(await response.json()).toEqual({
        data: {
          staff: [
            { __typename: 'Person', id: '1', kind: 'MAIN' },
            { __typename: 'Bot', id: '2', version: 3 },
          ],
          person: { __typename: 'Person', id: '1', name: 'Ada', kind: 'MAIN' },
        },
      });
    },
    60_000,
  );
});
