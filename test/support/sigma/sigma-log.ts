/** What the audit log says of itself and of policies: read from real logs. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readdir, rm, truncate, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAuditLog } from '../../../gateway/watch/audit-log/open-audit-log.ts';
import { auditLines } from '../audit-files.ts';
import type { AuditEvent } from '../audit-rows.ts';
import { runServed } from '../audit-served.ts';

const { privateKey: signingKey } = generateKeyPairSync('ed25519');

const parsed = (lines: readonly string[]): AuditEvent[] => lines.map((line) => JSON.parse(line));

/** Bad policies, then good ones, then a torn line that the next start finds. */
export async function changedPolicies(): Promise<AuditEvent[]> {
  const { directory, remove } = await runServed();
  const lines = await auditLines(directory);
  await remove();
  return parsed(lines);
}

/** More than fits waits for the disk, and some are told no. */
export async function loggedGap(): Promise<AuditEvent[]> {
  return await inDirectory(async (directory) => {
    await append(directory, { records: 30, bufferBytesMax: 1_000 });
  });
}

/** A segment is gone of which nothing was signed. */
export async function loggedOrphan(): Promise<AuditEvent[]> {
  return await inDirectory(async (directory) => {
    await append(directory, { records: 3 });
    const [segment = ''] = (await readdir(directory)).filter((name) => name.endsWith('.ndjson'));
    await unlink(join(directory, segment));
    await truncate(join(directory, segment.replace('.ndjson', '.checkpoints')), 0);
    await append(directory, { records: 1 });
  });
}

async function inDirectory(act: (directory: string) => Promise<void>): Promise<AuditEvent[]> {
  const directory = await mkdtemp(join(tmpdir(), 'fieldgate-audit-'));
  await act(directory);
  const lines = await auditLines(directory);
  await rm(directory, { recursive: true, force: true });
  return parsed(lines);
}

async function append(
  directory: string,
  { records, ...options }: { records: number; bufferBytesMax?: number },
): Promise<void> {
  const log = await openAuditLog({ directory, signingKey, compress: 'none', ...options });
  const line = JSON.stringify({ time: Date.now(), unmapped: { gateway: { request: 'r' } } });
  for (let at = 0; at < records; at += 1) log.append(line);
  await log.flushed();
  log.append(line);
  await log.flushed();
  await log.close();
}
