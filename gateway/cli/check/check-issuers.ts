/**
 * Finds issuers in the revocation list that this configuration does not have: their entries revoke
 * nothing, while the operator relies on them.
 */
import type { IdentityConfig } from '../../config.ts';
import { nearest } from '../../files/nearest.ts';
import { readFileVersion } from '../../files/read-file.ts';
import { keyIssuer } from '../../identify/key-issuer.ts';
import { createRevocationSource } from '../../identify/revocations.ts';
import { toCheckLine } from './check-line.ts';

export interface OtherIssuer {
  readonly issuer: string;
  readonly file: string;
  /** A configured issuer with a similar name. */
  readonly near?: string;
}

/** Checks the list if it is present; throws ConfigError if it is invalid. */
export async function findOtherIssuers(
  { revoked, jwt, introspection, apiKeys }: IdentityConfig,
  absent: readonly string[],
): Promise<readonly OtherIssuer[]> {
  if (revoked === undefined || absent.includes(revoked.file)) return [];
  const tools = { now: Date.now, readFile: readFileVersion, report: () => undefined };
  const source = createRevocationSource(revoked, tools);
  await source.start();
  const known = [...jwt, ...introspection].map(({ issuer }) => issuer);
  if (apiKeys !== undefined) known.push(keyIssuer);
  const others = source.current()?.issuers.filter((issuer) => !known.includes(issuer)) ?? [];
  return others.map((issuer) => {
    const near = nearest(issuer, known);
    return { issuer, file: revoked.file, ...(near !== undefined && { near }) };
  });
}

export const toIssuerLine = ({ issuer, file, near }: OtherIssuer): string =>
  toCheckLine(
    'other-issuer',
    `${file}: ${JSON.stringify(issuer)} is no issuer of this configuration, and its entries revoke nothing${near === undefined ? '' : ` (did you mean "${near}"?)`}`,
  );
