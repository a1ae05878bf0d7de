/**
 * The demo's GraphQL upstream: graphql-yoga over schema.graphql. Requires `authorization: Bearer
 * demo` and logs one line per request: the document, without its values.
 */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSchema, createYoga } from 'graphql-yoga';
import { close, listen } from '../listen.ts';
import { documentLine } from './document-line.ts';
import { createRecords } from './records.ts';
import { type PayrollContext, resolvers } from './resolvers.ts';

export interface PayrollOptions {
  /** 0 selects a free port. */
  readonly port: number;
  readonly host: string;
  readonly log?: (line: string) => void;
}

export interface RunningPayroll {
  /** The GraphQL endpoint. */
  readonly url: string;
  close(): Promise<void>;
}

const path = '/graphql';

/** Resolves when the server listens; rejects if the port is unavailable. */
export async function startPayroll({ port, host, log }: PayrollOptions): Promise<RunningPayroll> {
  const yoga = createPayrollYoga(log);
  const server = createServer((request, response) => {
    if (request.headers.authorization !== 'Bearer demo') {
      response.writeHead(401, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ errors: [{ message: 'credentials' }] }));
      return;
    }
    yoga(request, response);
  });
  await listen(server, port, host);
  const { port: bound } = server.address() as AddressInfo;
  return { url: `http://${host}:${bound}${path}`, close: () => close(server) };
}

function createPayrollYoga(log: PayrollOptions['log']) {
  const records = createRecords();
  const typeDefs = readFileSync(new URL('schema.graphql', import.meta.url), 'utf8');
  return createYoga<{ req: IncomingMessage }, PayrollContext>({
    schema: createSchema<{ req: IncomingMessage } & PayrollContext>({ typeDefs, resolvers }),
    context: ({ req }) => {
      const tenant = req.headers['x-tenant-id'];
      return { records, tenantId: typeof tenant === 'string' ? tenant : undefined };
    },
    graphqlEndpoint: path,
    graphiql: false,
    landingPage: false,
    cors: false,
    logging: false,
    plugins: [{ onParams: ({ params }) => log?.(documentLine(params.query ?? '')) }],
  });
}
