/** `fieldgate audit prove SEQ`: a proof of one record that can be verified without the log. */
import { proveRecord } from '../../watch/audit-log/prove-record.ts';
import type { CommandIo } from '../command.ts';
import { type AuditRequest, type AuditSource, toWholeNumber } from './audit-source.ts';

const inWords = {
  absent: 'record $ is not here, or no checkpoint covers it yet',
  altered: 'what is here around record $ is not what was signed: audit verify says where',
} as const;

/** Returns 1 if there is no such record, or no checkpoint covers it or matches it. */
export async function runProve(
  { words, json }: AuditRequest,
  { chains }: AuditSource,
  io: CommandIo,
): Promise<number> {
  const seq = toWholeNumber(words[0] ?? '') ?? 0;
  if (seq < 1) throw new Error('SEQ: a whole number from 1');
  const [directory = '', ...more] = chains;
  if (more.length > 0) {
    throw new Error(`there are several chains here: name one, such as --directory ${directory}`);
  }
  const proof = await proveRecord(directory, seq);
  if (typeof proof === 'string') {
    const why = `${directory}: ${inWords[proof].replace('$', String(seq))}`;
    io.stdout.write(json ? `${JSON.stringify({ ok: false, why }, null, 2)}\n` : `${why}\n`);
    return 1;
  }
  const { line, text } = proof;
  io.stdout.write(
    json ? `${JSON.stringify({ ok: true, seq, line, proof: text }, null, 2)}\n` : text,
  );
  return 0;
}
