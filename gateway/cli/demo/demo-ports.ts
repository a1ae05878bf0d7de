/**
 * The ports of the demo: read from the environment and probed before anything starts, so that one
 * message names every port that is taken.
 */
import { createServer } from 'node:net';
import type { Environment } from '../../files/environment-text.ts';

export const demoHost = '127.0.0.1';

const defaults = [
  { service: 'gateway', variable: 'FIELDGATE_PORT', port: 4000 },
  { service: 'admin', variable: 'FIELDGATE_ADMIN_PORT', port: 4001 },
  { service: 'hris', variable: 'HRIS_PORT', port: 4101 },
  { service: 'payroll', variable: 'PAYROLL_PORT', port: 4102 },
  { service: 'accounts', variable: 'ACCOUNTS_PORT', port: 4103 },
] as const;

type Service = (typeof defaults)[number]['service'];

export type DemoPorts = Readonly<Record<Service, number>>;

/** Returns the ports, or their problems, one line each. */
export function readDemoPorts(env: Environment): { ports: DemoPorts } | { problems: string[] } {
  const ports: Record<Service, number> = {
    gateway: 0,
    admin: 0,
    hris: 0,
    payroll: 0,
    accounts: 0,
  };
  const takenBy = new Map<number, string>();
  const problems: string[] = [];
  for (const { service, variable, port: usual } of defaults) {
    const port = env[variable] ? toPort(env[variable]) : usual;
    const other = takenBy.get(port);
    if (Number.isNaN(port)) problems.push(`${variable} is not a port (1 to 65535)`);
    else if (other !== undefined) problems.push(`${variable} and ${other} are both ${port}`);
    ports[service] = port;
    if (other === undefined) takenBy.set(port, variable);
  }
  return problems.length > 0 ? { problems } : { ports };
}

function toPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  return port >= 1 && port <= 65_535 ? port : Number.NaN;
}

/** One line per port that cannot be listened on; empty if all are free. */
export async function findTakenPorts(ports: DemoPorts): Promise<string[]> {
  const lines = await Promise.all(
    defaults.map(async ({ service, variable }) => {
      const port = ports[service];
      const why = await whyNotFree(port);
      return why === undefined
        ? []
        : [`port ${port} (${service}) ${why}: set ${variable} to another`];
    }),
  );
  return lines.flat();
}

function whyNotFree(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code === 'EADDRINUSE' ? 'is taken' : `cannot be used (${error.code})`);
    });
    probe.listen(port, demoHost, () => probe.close(() => resolve(undefined)));
  });
}
