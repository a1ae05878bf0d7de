/**
 * `npm start`: the demo's upstreams and the gateway in one process, with throwaway keys.
 *
 * Probes the ports first, so that nothing is half-started if one is taken. Runs until `signal`
 * aborts, then closes the gateway before the upstreams that it may still be calling.
 */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startAccounts } from '../../subgraphs/accounts/server.ts';
import { tenants } from '../../subgraphs/hris/people.ts';
import { startHris } from '../../subgraphs/hris/server.ts';
import { startPayroll } from '../../subgraphs/payroll/server.ts';
import type { Environment } from '../files/environment-text.ts';
import { demoBanner } from './demo/demo-banner.ts';
import { type DemoPorts, demoHost, findTakenPorts, readDemoPorts } from './demo/demo-ports.ts';
import { createDemoTokens } from './demo/demo-tokens.ts';
import { serve } from './serve.ts';

export interface DemoOptions {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  readonly env: Environment;
  /** Must be empty; any argument is misuse. */
  readonly args: readonly string[];
  readonly rssBytes?: (() => number) | undefined;
  /** Ends the demo. */
  readonly signal: AbortSignal;
}

const configFile = fileURLToPath(new URL('../../gateway.yaml', import.meta.url));
const audience = 'fieldgate-demo';

/** Resolves with the exit code: 0 when stopped, 1 if it could not start, 2 for misuse. */
export async function runDemo(options: DemoOptions): Promise<number> {
  const complain = (code: number, lines: readonly string[]): number => {
    options.stderr.write(`${lines.map((line) => `demo: ${line}`).join('\n')}\n`);
    return code;
  };
  if (options.args.length > 0) return complain(2, ['takes no arguments']);
  const read = readDemoPorts(options.env);
  if ('problems' in read) return complain(1, read.problems);
  const taken = await findTakenPorts(read.ports);
  if (taken.length > 0) return complain(1, taken);
  await using running = new AsyncDisposableStack();
  options.stdout.write(await start(running, read.ports, options));
  await aborted(options.signal);
  return 0;
}

/** Starts everything and returns the text to print; `running` closes what was started. */
async function start(
  running: AsyncDisposableStack,
  ports: DemoPorts,
  { stdout, env, rssBytes }: DemoOptions,
): Promise<string> {
  const logAs = (name: string) => (line: string) => {
    stdout.write(`${name.padEnd(7)} | ${line}\n`);
  };
  const host = demoHost;
  const hris = await startHris({ port: ports.hris, host, log: logAs('hris') });
  running.defer(() => hris.close());
  const payroll = await startPayroll({ port: ports.payroll, host, log: logAs('payroll') });
  running.defer(() => payroll.close());
  const accounts = await startAccounts({ port: ports.accounts, host, log: logAs('accounts') });
  running.defer(() => accounts.close());

  const issuer = `http://${host}:${ports.gateway}/demo`;
  const directory = env.FIELDGATE_DEMO_DIR || '.demo';
  const { jwksFile, tokens } = await createDemoTokens({
    directory,
    issuer,
    audience,
    tenantId: tenants[0],
    nowMs: Date.now(),
  });
  const gateway = await serve({
    configFile,
    dev: true,
    env: {
      ...env,
      FIELDGATE_PORT: String(ports.gateway),
      FIELDGATE_ADMIN_PORT: String(ports.admin),
      FIELDGATE_ISSUER: issuer,
      FIELDGATE_AUDIENCE: audience,
      FIELDGATE_JWKS: resolve(jwksFile),
      HRIS_URL: hris.url,
      HRIS_TOKEN: 'demo',
      PAYROLL_URL: payroll.url,
      PAYROLL_TOKEN: 'demo',
      ACCOUNTS_URL: accounts.url,
      ACCOUNTS_TOKEN: 'demo',
      FIELDGATE_AUDIT_DIR: resolve(directory, 'audit'),
    },
    log: logAs('gateway'),
    rssBytes,
  });
  running.defer(() => gateway.close());
  return demoBanner({ endpoint: gateway.url, adminUrl: gateway.adminUrl, directory, tokens });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    else signal.addEventListener('abort', () => done(), { once: true });
  });
}
