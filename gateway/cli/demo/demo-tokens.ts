/**
 * Throwaway keys and ready-made tokens for the demo: a new ES256 pair at every start, in a
 * directory that only its owner can read. The gateway receives the public key; tokens of earlier
 * starts become invalid.
 */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { makeFolder } from '../../files/make-folder.ts';

export interface DemoToken {
  readonly name: string;
  readonly about: string;
  readonly scopes: readonly string[];
  readonly roles?: readonly string[];
  /** The caller's own employee record. */
  readonly employeeId?: string;
  /** The file that holds the token. */
  readonly file: string;
}

export interface DemoTokens {
  readonly jwksFile: string;
  readonly tokens: readonly DemoToken[];
}

const lifetimeSeconds = 8 * 60 * 60;

const callers: readonly Omit<DemoToken, 'file'>[] = [
  {
    name: 'partner',
    about: 'the directory, and signing people in: no SSN, no pay',
    scopes: ['hr:read', 'accounts:sign-in'],
  },
  {
    name: 'hr',
    about: 'personal data and changes: the SSN masked, no pay',
    scopes: [
      'hr:read',
      'hr:personal:read',
      'hr:ssn:masked',
      'hr:employment:read',
      'hr:time-off:read',
      'hr:time-off:write',
      'hr:write',
    ],
  },
  {
    name: 'payroll',
    about: 'pay and bank accounts: the SSN whole',
    scopes: ['hr:read', 'hr:ssn:read', 'payroll:read'],
  },
  {
    name: 'manager',
    about: 'the directory, their own pay, and changes to the jobs of those who report to them',
    scopes: ['hr:read'],
    roles: ['employee', 'manager'],
    employeeId: '1003',
  },
];

/** Writes keys and tokens into `directory`, replacing earlier ones, and returns them. */
export async function createDemoTokens(about: {
  directory: string;
  issuer: string;
  audience: string;
  tenantId: string;
  nowMs: number;
}): Promise<DemoTokens> {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const publicJwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(publicJwk);
  const key = { kid, alg: 'ES256', use: 'sig' };
  await makeFolder(about.directory, 0o700);
  const write = async (name: string, text: string): Promise<string> => {
    const file = join(about.directory, name);
    // An existing file would keep its mode.
    await rm(file, { force: true });
    await writeFile(file, text, { mode: 0o600, flag: 'wx' });
    return file;
  };
  await write('private-key.json', JSON.stringify({ ...(await exportJWK(privateKey)), ...key }));
  const jwksFile = await write('jwks.json', JSON.stringify({ keys: [{ ...publicJwk, ...key }] }));

  const issuedAt = Math.floor(about.nowMs / 1000);
  const tokens = callers.map(async (caller): Promise<DemoToken> => {
    const token = await new SignJWT({
      azp: `${caller.name}-app`,
      scope: caller.scopes.join(' '),
      tenant_id: about.tenantId,
      ...(caller.roles && { roles: caller.roles }),
      ...(caller.employeeId && { employee_id: caller.employeeId }),
    })
      .setProtectedHeader({ alg: 'ES256', kid, typ: 'JWT' })
      .setIssuer(about.issuer)
      .setAudience(about.audience)
      .setSubject(`demo-${caller.name}`)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + lifetimeSeconds)
      .sign(privateKey);
    return { ...caller, file: await write(`${caller.name}.token`, token) };
  });
  return { jwksFile, tokens: await Promise.all(tokens) };
}
