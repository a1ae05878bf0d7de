/** `fieldgate audit verify`: whether the log is as it was written, and if not, where it differs. */
import type { KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { checkProof } from '../../watch/audit-log/prove-record.ts';
import { readAnchors } from '../../watch/audit-log/read-anchors.ts';
import { listSegments } from '../../watch/audit-log/read-segment.ts';
import { queriesName } from '../../watch/audit-log/search/query-log.ts';
import { toPublicKeys } from '../../watch/audit-log/signing-key.ts';
import { type Verdict, verifyLog } from '../../watch/audit-log/verify-log.ts';
import type { CommandIo } from '../command.ts';
import { type AuditRequest, type AuditSource, fromFile, verifyingKeys } from './audit-source.ts';
import { emptiedChainsOf } from './open-audit.ts';

/** Verifies a proof with an outside key, which needs no log; undefined for other requests. */
export function verifyProofAlone(
  request: AuditRequest,
  io: CommandIo,
): Promise<number> | undefined {
  const { proof, pubkey } = request.values;
  if (typeof proof !== 'string' || typeof pubkey !== 'string') return undefined;
  return fromFile(pubkey, toPublicKeys).then((keys) => verifyProof(proof, keys, request, io));
}

/** Returns 1 if anything differs from what was written. */
export async function runVerify(
  request: AuditRequest,
  source: AuditSource,
  io: CommandIo,
): Promise<number> {
  const { keys, areFromOutside } = await verifyingKeys(source, request, io);
  const { checkpoint, proof } = request.values;
  if (typeof proof === 'string') return await verifyProof(proof, keys, request, io);
  const anchors = typeof checkpoint === 'string' ? await fromFile(checkpoint, readAnchors) : [];
  const verdicts: Verdict[] = [];
  for (const directory of await withQueries(source)) {
    verdicts.push(await verifyLog(directory, { keys, anchors, sinceMs: source.sinceMs }));
  }
  const unmatched = anchors.filter(({ origin }) =>
    verdicts.every(({ chain }) => origin !== `fieldgate.audit/${chain}`),
  ).length;
  const ok = verdicts.every((one) => one.ok) && unmatched === 0;
  const report = {
    ok,
    keysFromOutside: areFromOutside,
    unmatchedAnchors: unmatched,
    logs: verdicts,
  };
  io.stdout.write(request.json ? `${JSON.stringify(report, null, 2)}\n` : toText(report));
  return ok ? 0 : 1;
}

/** Adds the chain of queries, which must not be altered either, and chains that lost all lines. */
async function withQueries({ directory, chains }: AuditSource): Promise<string[]> {
  const queries = join(directory, queriesName);
  const segments = await listSegments(queries).catch(() => []);
  const emptied = await emptiedChainsOf(directory);
  return [...chains, ...(segments.length === 0 ? [] : [queries]), ...emptied];
}

interface Report {
  readonly ok: boolean;
  readonly keysFromOutside: boolean;
  readonly unmatchedAnchors: number;
  readonly logs: readonly Verdict[];
}

const rangeOf = ({ records, firstSeq, lastSeq }: Verdict): string =>
  records === 0 ? '' : ` (${firstSeq} to ${lastSeq})`;

function toText({ ok, keysFromOutside, unmatchedAnchors, logs }: Report): string {
  const lines = logs.flatMap((one) => [
    `${one.directory}: ${one.records} records${rangeOf(one)}, ${one.checkpoints} checkpoints, ${one.unsigned} not signed yet, ${one.anchors.checked} anchors compared`,
    ...one.problems.map(
      ({ file, line, seq, code, message }) => `${file}:${line}: seq ${seq}: ${code}: ${message}`,
    ),
  ]);
  if (unmatchedAnchors > 0) {
    lines.push(
      `${unmatchedAnchors} anchors are of a log that is not here: it was replaced or moved`,
    );
  }
  if (logs.some(({ problems }) => problems.some(({ code }) => code === 'bad-signature'))) {
    lines.push(
      'note: where the key was changed, what was signed before needs the earlier key too: --pubkey with a file of all of them',
    );
  }
  if (!keysFromOutside) {
    lines.push(
      'note: checked with the public key found beside the log; whoever can write there could have put it there. Use --pubkey',
    );
  }
  lines.push(ok ? 'ok' : 'NOT as it was written');
  return `${lines.join('\n')}\n`;
}

async function verifyProof(
  file: string,
  keys: readonly KeyObject[],
  request: AuditRequest,
  io: CommandIo,
): Promise<number> {
  // Refused, because a proof has no time and carries its own checkpoint.
  const other = ['since', 'checkpoint'].find((option) => request.values[option] !== undefined);
  if (other !== undefined) throw new Error(`--proof is checked without --${other}`);
  const checked = checkProof(await fromFile(file, toProof), keys);
  const report = checked.ok
    ? { ok: true, seq: checked.index + 1, origin: checked.note.origin, size: checked.note.size }
    : { ok: false, why: checked.why };
  const words = checked.ok
    ? `ok: record ${checked.index + 1} of ${checked.note.origin}`
    : `NOT proven: ${checked.why}`;
  io.stdout.write(request.json ? `${JSON.stringify(report, null, 2)}\n` : `${words}\n`);
  return checked.ok ? 0 : 1;
}

function toProof(text: string): { line: string; text: string } {
  const { line, proof } = objectIn(text);
  if (typeof line === 'string' && typeof proof === 'string') return { line, text: proof };
  throw new Error('not what `audit prove --json` prints');
}

function objectIn(text: string): { line?: unknown; proof?: unknown } {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}
