/**
 * A served gateway on real sockets in front of an upstream that a test plays on a real socket:
 * configuration and policies in a folder of their own, ports chosen by the system.
 */
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type ServedGateway, serve } from '../../gateway/cli/serve.ts';
import { withTestEngine } from './test-engine.ts';

export interface Served extends ServedGateway {
  /** Parsed log lines so far. */
  readonly lines: Record<string, unknown>[];
  /** Where its files are. */
  readonly directory: string;
  /** Closes the gateway and keeps its files. */
  closeOnly(): Promise<void>;
}

export interface PlayedUpstream {
  readonly url: string;
  close(): Promise<void>;
}

/** An HTTP upstream; `answer` gets the request with its body read. */
export async function playUpstream(
  answer: (request: IncomingMessage, response: ServerResponse, body: string) => unknown,
): Promise<PlayedUpstream> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    await answer(request, response, Buffer.concat(chunks).toString('utf8'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** Serves `files` (paths to texts, `gateway.yaml` among them) and cleans up when disposed. */
export async function serveFiles(
  files: Readonly<Record<string, string>>,
  options: { dev?: boolean; env?: Record<string, string> } = {},
): Promise<Served & AsyncDisposable> {
  const directory = await mkdtemp(join(tmpdir(), 'fieldgate-'));
  for (const [name, text] of Object.entries(withTestEngine(files))) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), text);
  }
  const lines: Record<string, unknown>[] = [];
  const gateway = await serve({
    configFile: join(directory, 'gateway.yaml'),
    dev: options.dev ?? false,
    env: options.env ?? {},
    log: (line) => lines.push(JSON.parse(line)),
  });
  let closing: Promise<void> | undefined;
  const closeOnly = (): Promise<void> => {
    closing ??= gateway.close();
    return closing;
  };
  const close = async (): Promise<void> => {
    await closeOnly();
    await rm(directory, { recursive: true, force: true });
  };
  return { ...gateway, lines, directory, closeOnly, close, [Symbol.asyncDispose]: close };
}

/** The smallest whole configuration: one GraphQL upstream, anonymous callers. */
export function smallFiles(upstreamUrl: string): Record<string, string> {
  return {
    'gateway.yaml': `
version: 1
listen: { port: 0 }
admin: { port: 0 }
upstreams:
  staff: { graphql: staff.graphql, url: ${upstreamUrl} }
identity: { anonymous: allow }
introspection: everyone
`,
    'staff.graphql': `
type Query { staff: [Person!]! person(id: ID!): Person }
type Mutation { rename(id: ID!, name: String!): Person }
type Person { id: ID! name: String! ssn: String }
`,
    'policies/access/staff.yaml': `
version: 1
rules:
  - name: everything-but-ssn
    fields: { Query: [staff, person], Mutation: [rename], Person: [id, name] }
    allow: everyone
  - name: ssn
    fields: { Person: [ssn] }
    allow: { scopes: [ssn] }
`,
  };
}
