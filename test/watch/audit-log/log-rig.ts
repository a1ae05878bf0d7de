/** Logs in directories of their own, with events like those of requests. */
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import type { AuditLog } from '../../../gateway/watch/audit-log/audit-log.ts';
import { type OpenOptions, openAuditLog } from '../../../gateway/watch/audit-log/open-audit-log.ts';
import {
  eachLine,
  listSegments,
  readBlocks,
} from '../../../gateway/watch/audit-log/read-segment.ts';
import type { Verdict, VerifyOptions } from '../../../gateway/watch/audit-log/verify-log.ts';
import { verifyLog } from '../../../gateway/watch/audit-log/verify-log.ts';
import { tempFolder } from '../../support/temp-folder.ts';

export const signingKey: KeyObject = generateKeyPairSync('ed25519').privateKey;
export const publicKey = createPublicKey(signingKey);

export const newDirectory = (): Promise<string> => tempFolder('audit');

/** Nothing happens by age, so that a test says when. */
export const openLog = (directory: string, options: Partial<OpenOptions> = {}): Promise<AuditLog> =>
  openAuditLog({ directory, signingKey, checkpointMs: 3_600_000, compress: 'none', ...options });

export const toEvent = (name: string | number): string =>
  JSON.stringify({ time: 1_790_000_000_000, unmapped: { gateway: { request: `r-${name}` } } });

/** Appends events one after the other and waits until all are written; throws where one is refused. */
export async function appendAll(log: AuditLog, names: readonly (string | number)[]): Promise<void> {
  for (const name of names) {
    if (!log.append(toEvent(name)).ok) throw new Error('the log refused an event');
  }
  await log.flushed();
}

export const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, at) => from + at);

/** A closed log of some records; every `per` records are a group of their own. */
export async function writeLog(
  directory: string,
  { records, per = records, ...options }: { records: number; per?: number } & Partial<OpenOptions>,
): Promise<void> {
  const log = await openLog(directory, options);
  for (let done = 0; done < records; done += per) {
    await appendAll(log, range(done + 1, Math.min(records, done + per)));
  }
  await log.close();
}

export const verify = (directory: string, options: Partial<VerifyOptions> = {}): Promise<Verdict> =>
  verifyLog(directory, { keys: [publicKey], anchors: [], sinceMs: undefined, ...options });

export async function filesOf(directory: string, ending = ''): Promise<string[]> {
  return (await readdir(directory)).filter((name) => name.endsWith(ending)).sort();
}

/** All whole lines, in order. */
export async function linesOf(directory: string): Promise<string[]> {
  const lines: string[] = [];
  for (const segment of await listSegments(directory)) {
    for await (const block of readBlocks(directory, segment)) {
      eachLine(block, (line) => lines.push(line.toString()) > 0);
    }
  }
  return lines;
}

/** The requests that a log tells of, in order, without what it says about itself. */
export async function requestsOf(directory: string): Promise<string[]> {
  const lines = await linesOf(directory);
  return lines.flatMap((line) => /"request":"r-([^"]+)"/.exec(line)?.[1] ?? []);
}
