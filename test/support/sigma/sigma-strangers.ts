/** Those of whom the audit trail knows an address and no more: floods, and connections without TLS. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { RequestRecord } from '../../../gateway/request.ts';
import type { TurnedAway } from '../../../gateway/turned-away.ts';
import { createAuditSeal } from '../../../gateway/watch/audit-event/seal.ts';
import { auditLines } from '../audit-files.ts';
import type { AuditEvent } from '../audit-rows.ts';
import { createAuthority } from '../certificates.ts';
import { serveFiles, smallFiles } from '../served.ts';

/** All within one second: on sockets it would take a fast machine. */
export async function sealedFlood(
  records: readonly RequestRecord[],
  away?: Pick<TurnedAway, 'reason' | 'address'> & { readonly count: number },
): Promise<AuditEvent[]> {
  const texts: string[] = [];
  const nowMs = Date.now();
  const seal = createAuditSeal({
    sink: {
      append(json) {
        texts.push(json);
        return { ok: true, written: undefined };
      },
    },
    context: { product: { name: 'Fieldgate', version: '0.1.0' }, toSubjectId: undefined },
    now: () => nowMs,
    newUid: () => `uid-${texts.length}`,
    lost: () => undefined,
  });
  for (const record of records) await seal.seal(record);
  for (let count = 0; count < (away?.count ?? 0); count += 1) {
    if (away === undefined) break;
    const { reason, address } = away;
    seal.count({ reason, address, status: 403, method: 'POST', atMs: nowMs, durationMs: 1 });
  }
  seal.close();
  return texts.map((text) => JSON.parse(text));
}

/** Connections that speak HTTP to the TLS port. */
export async function tlsHandshakes(count: number): Promise<AuditEvent[]> {
  const authority = await createAuthority();
  const { certFile, keyFile } = await authority.issue('localhost', 'IP:127.0.0.1');
  const files = smallFiles('http://127.0.0.1:9');
  await using gateway = await serveFiles({
    ...files,
    'gateway.yaml': `${files['gateway.yaml']?.replace(
      'listen: { port: 0 }',
      `listen: { port: 0, tls: { cert: ${certFile}, key: ${keyFile} } }`,
    )}audit: { directory: audit, subjects: {} }\n`,
  });
  for (let at = 0; at < count; at += 1) {
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
    socket.on('error', () => undefined).write('POST /graphql HTTP/1.1\r\nHost: x\r\n\r\n');
    socket.resume();
    await once(socket, 'close');
  }
  await gateway.closeOnly();
  return (await auditLines(join(gateway.directory, 'audit'))).map((line) => JSON.parse(line));
}
