/** A served gateway with a console, a classified field and a rate, and the state as a page asks for it. */
import { onTestFinished } from 'vitest';
import { playUpstream, type Served, serveFiles, smallFiles } from './served.ts';

export interface ConsoleState {
  readonly isReady: boolean;
  readonly missing: number;
  readonly workers?: { readonly ready: number; readonly wanted: number; readonly ended: number };
  readonly processes: readonly ConsoleProcess[];
}

export interface ConsoleProcess {
  readonly epoch: string;
  readonly slot?: number;
  readonly last: number;
  readonly skipped: number;
  readonly hasAudit: boolean;
  readonly owners?: Record<string, string>;
  readonly faults: number;
  readonly policy: { readonly digest: string; readonly complaint?: { problems: string[] } };
  readonly exposure: { class: string; rule: string; clear: number[]; masked: number[] }[];
  readonly rates: { rate: string; near: number[]; refused: number[] }[];
  readonly readings: { name: string; attributes: Record<string, string>; value: number }[];
  readonly alerts?: { detection: string; severity: string; title: string; requestId: string }[];
  readonly decisions: {
    seq: number;
    denials: {
      coordinate: string;
      rule?: string;
      classes: string[];
      scopes: string[];
      asks?: string[];
    }[];
    delivered: { coordinate: string; rule: string; count: number; masked: number }[];
    line: Record<string, unknown> & { id: string; traceId: string; reason?: string };
  }[];
}

export const consoleFiles = (upstreamUrl: string): Record<string, string> => {
  const small = smallFiles(upstreamUrl);
  return {
    ...small,
    'gateway.yaml': `${small['gateway.yaml']}audit: { directory: audit, subjects: { Person: id } }\n`,
    'policies/access/staff.yaml': `
version: 1
rules:
  - { name: directory, fields: { Query: [staff, person], Mutation: [rename], Person: [id, name] }, allow: everyone }
  - name: ids
    class: government-id
    fields: { Person: [ssn] }
    allow: { scopes: [ssn] }
`,
  };
};

/** Answers with one person, whatever is asked. */
export async function serveConsole(
  change: (files: Record<string, string>) => Record<string, string> = (files) => files,
): Promise<Served> {
  const person = { id: '1', fgs_id: '1', name: 'Ada', ssn: '900-11-1111' };
  const upstream = await playUpstream((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ data: { staff: [person], person } }));
  });
  onTestFinished(() => upstream.close());
  const gateway = await serveFiles(change(consoleFiles(upstream.url)));
  onTestFinished(() => gateway.close());
  return gateway;
}

export async function ask(url: string, query: string, headers: Record<string, string> = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query }),
  });
  return { status: response.status, text: await response.text() };
}

/** How far the processes of a state were read. */
export const cursorOf = ({ processes }: ConsoleState): string =>
  processes.map(({ epoch, last }) => `${epoch}.${last}`).join('_');

export async function stateOf(adminUrl: string, after = ''): Promise<ConsoleState> {
  const response = await fetch(`${adminUrl}/console/state?after=${after}`);
  if (!response.ok) throw new Error(`the state: ${response.status}`);
  return (await response.json()) as ConsoleState;
}
