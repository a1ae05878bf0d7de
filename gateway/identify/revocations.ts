/**
 * The operator's list of revoked credentials: single tokens, all of a subject or client, or those
 * issued before an instant. All conditions of an entry must match.
 *
 * Checked at every use of a credential, including one verified before. Fails closed: a token
 * without an issue time counts as issued before every instant.
 */
import { z } from 'zod';
import { Refusal } from '../decision.ts';
import type { Source } from '../files/file-source.ts';
import { complain } from '../files/yaml-complaint.ts';
import { isKey } from '../graph/upstream-value.ts';
import type { Caller } from '../request.ts';
import { instant } from './instant.ts';
import { createYamlSource, type FileTools, type WatchedFile } from './watched-yaml.ts';
import { word } from './word.ts';

const entriesMax = 20_000;

const entry = z
  .strictObject({
    issuer: word.optional(),
    jti: word.optional(),
    subject: word.optional(),
    client: word.optional(),
    issuedBefore: instant.optional(),
  })
  .superRefine(({ issuer, jti, subject, client, issuedBefore }, context) => {
    if ([jti, subject, client, issuedBefore].every((condition) => condition === undefined)) {
      const message = 'an entry names a jti, a subject, a client or issuedBefore';
      complain(context, { code: 'empty-condition', message });
    } else if (issuedBefore !== undefined && issuer === undefined) {
      const message = '"issuer" is required with issuedBefore: whose tokens are meant';
      complain(context, { code: 'missing-key', message, path: ['issuedBefore'], part: 'key' });
    }
  });

const revokedFile = z.strictObject({
  version: z.literal(1),
  revoked: z.array(entry).max(entriesMax),
});

type Entry = z.output<typeof entry>;

export interface Credentialled {
  readonly caller: Pick<Caller, 'issuer' | 'subject' | 'client'>;
  readonly jti: string | undefined;
  /** Seconds since the epoch. */
  readonly issuedAt: number | undefined;
}

export interface RevocationList {
  /** The issuers that entries name. */
  readonly issuers: readonly string[];
  has(credential: Credentialled): boolean;
}

/** A source of the list in a file, reread when it changes. */
export function createRevocationSource(
  config: WatchedFile,
  tools: FileTools,
): Source<RevocationList> {
  const about = { ...config, name: 'revoked', schema: revokedFile };
  return createYamlSource({ ...about, compile: ({ revoked }) => compileList(revoked) }, tools);
}

/** A token's id as lists write it: some issuers use numbers. */
export function toJti(claim: unknown): string | undefined {
  return isKey(claim) ? String(claim) : undefined;
}

/** A credential that passed before carries the list that cleared it. */
export type RevocationCheck = (
  credential: Credentialled & { clearedBy: object | undefined },
) => Refusal | undefined;

/** Refuses listed credentials; looks each credential up once per list. */
export function createRevocationCheck(source: Source<RevocationList> | undefined): RevocationCheck {
  if (source === undefined) return () => undefined;
  return (credential) => {
    const list = source.current();
    if (list === undefined) return new Refusal('identify/keys-unavailable');
    if (credential.clearedBy === list) return undefined;
    if (list.has(credential)) return new Refusal('identify/revoked');
    credential.clearedBy = list;
    return undefined;
  };
}

/** Indexes entries by their most selective condition: lookup does not depend on their number. */
function compileList(entries: readonly Entry[]): RevocationList {
  const byWord = Map.groupBy(entries, ({ jti, subject, client, issuer }) => {
    if (jti !== undefined) return `jti ${jti}`;
    if (subject !== undefined) return `subject ${subject}`;
    return client === undefined ? `issuer ${issuer}` : `client ${client}`;
  });
  return {
    issuers: [...new Set(entries.flatMap(({ issuer }) => issuer ?? []))],
    has(credential) {
      const { jti, caller } = credential;
      const words = [`jti ${jti}`, `subject ${caller.subject}`, `client ${caller.client}`];
      return [...words, `issuer ${caller.issuer}`].some((key) =>
        byWord.get(key)?.some((one) => fits(one, credential)),
      );
    },
  };
}

function fits(one: Entry, { caller, jti, issuedAt }: Credentialled): boolean {
  return (
    (one.issuer === undefined || one.issuer === caller.issuer) &&
    (one.jti === undefined || one.jti === jti) &&
    (one.subject === undefined || one.subject === caller.subject) &&
    (one.client === undefined || one.client === caller.client) &&
    // Tokens count whole seconds, so one issued in the very same second is revoked too.
    (one.issuedBefore === undefined || !(Math.ceil(one.issuedBefore / 1000) <= (issuedAt ?? -1)))
  );
}
