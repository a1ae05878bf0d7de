/**
 * Records each query about who saw what, with its viewer, before it is answered: in a chain of its
 * own, `queries` under the audit directory, so that the gateway's lock is not needed. Queries per
 * minute are bounded. Fails closed: a query that cannot be recorded is not answered.
 */
import { type KeyObject, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { AuditLog } from '../audit-log.ts';
import { DirectoryLocked } from '../lock-file.ts';
import { openAuditLog } from '../open-audit-log.ts';
import { eachLine, listSegments, readBlocks } from '../read-segment.ts';
import { timeOf } from '../time-of.ts';

export interface Query {
  readonly kind: 'who-saw' | 'who-accessed';
  /** Name of the asking user's system account, and the machine. */
  readonly viewer: string;
  readonly host: string;
  /** The question: keyed ids, never the ids themselves. */
  readonly about: Readonly<Record<string, unknown>>;
}

export interface QueryLogOptions {
  /** The audit directory. */
  readonly directory: string;
  readonly signingKey: KeyObject;
  readonly clock: () => number;
  readonly perMinuteMax?: number;
}

export const queriesName = 'queries';

/** Too many queries in the last minute. */
class TooManyQueries extends Error {
  override readonly name = 'TooManyQueries';
}

const windowMs = 60_000;
const attemptsMax = 50;

/**
 * Resolves once the query is on the disk; throws TooManyQueries, or the error that prevented it.
 */
export async function recordQuery(query: Query, options: QueryLogOptions): Promise<void> {
  const { directory, signingKey, clock, perMinuteMax = 30 } = options;
  const queries = join(directory, queriesName);
  const log = await openPatiently(queries, signingKey);
  try {
    const recent = await countSince(queries, clock() - windowMs);
    if (recent >= perMinuteMax) {
      throw new TooManyQueries(`${recent} queries in the last minute: at most ${perMinuteMax}`);
    }
    const taken = log.append(toQueryEvent(query, clock()));
    if (!taken.ok) throw new Error('the query could not be recorded');
    await taken.written;
  } finally {
    await log.close();
  }
}

/** Waits for another query, which holds the chain only for a moment. */
async function openPatiently(directory: string, signingKey: KeyObject): Promise<AuditLog> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await openAuditLog({ directory, signingKey, durability: 'strict' });
    } catch (error) {
      if (!(error instanceof DirectoryLocked) || attempt >= attemptsMax) throw error;
      await pause(100);
    }
  }
}

const queryMark = Buffer.from('"decision":"audit_query"');

async function countSince(directory: string, fromMs: number): Promise<number> {
  let count = 0;
  // A minute may span two segments, but not more.
  for (const segment of (await listSegments(directory)).slice(-2)) {
    for await (const block of readBlocks(directory, segment)) {
      eachLine(block, (line) => {
        if (line.includes(queryMark) && (timeOf(line) ?? 0) > fromMs) count += 1;
        return true;
      });
    }
  }
  return count;
}

function toQueryEvent({ kind, viewer, host, about }: Query, timeMs: number): string {
  return JSON.stringify({
    activity_id: 2,
    actor: { user: { name: viewer, uid: viewer } },
    api: { operation: `audit ${kind}` },
    category_uid: 6,
    class_uid: 6003,
    metadata: {
      product: { name: 'fieldgate', vendor_name: 'Fieldgate' },
      uid: randomUUID(),
      version: '1.8.0',
    },
    severity_id: 1,
    src_endpoint: { hostname: host },
    status_id: 1,
    time: timeMs,
    type_uid: 600_302,
    unmapped: { gateway: { decision: 'audit_query', query: kind, ...about } },
  });
}
