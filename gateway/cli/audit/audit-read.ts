/** `fieldgate audit tail` and `export`: the records for people and for other programs. */

import { printable } from '../../files/printable.ts';
import { untilAborted } from '../../time/until-aborted.ts';
import { readCheckedEvent } from '../../watch/audit-log/read-checked-event.ts';
import {
  type Block,
  eachLine,
  listSegments,
  readBlocks,
  segmentsSince,
} from '../../watch/audit-log/read-segment.ts';
import { timeOf } from '../../watch/audit-log/time-of.ts';
import type { CommandIo } from '../command.ts';
import { type AuditRequest, type AuditSource, toWholeNumber } from './audit-source.ts';

const linesMax = 10_000;

/** Prints the last records of each chain. */
export async function runTail(
  { values, json }: AuditRequest,
  source: AuditSource,
  io: CommandIo,
): Promise<number> {
  const wanted = typeof values.lines === 'string' ? (toWholeNumber(values.lines) ?? 0) : 20;
  if (wanted < 1 || wanted > linesMax) {
    throw new Error(`--lines: a whole number of 1 to ${linesMax}`);
  }
  for (const directory of source.chains) {
    for (const line of await lastLines(directory, wanted)) {
      io.stdout.write(json ? `${line.toString('utf8')}\n` : toText(line));
    }
  }
  return 0;
}

async function lastLines(directory: string, wanted: number): Promise<Buffer[]> {
  let found: Buffer[] = [];
  for (const segment of (await listSegments(directory)).reverse()) {
    let lines: Buffer[] = [];
    for await (const block of readBlocks(directory, segment)) {
      eachLine(block, (line) => lines.push(line) > 0);
      lines = lines.slice(-wanted);
    }
    found = [...lines, ...found].slice(-wanted);
    if (found.length === wanted) break;
  }
  return found;
}

function toText(line: Buffer): string {
  const event = readCheckedEvent(line);
  if (event === undefined) return `not an event: ${line.length} bytes\n`;
  const { decision, delivered = [], chain, request = '' } = event.unmapped.gateway;
  const text = [
    new Date(event.time).toISOString(),
    `seq ${chain.seq}`,
    decision,
    event.actor?.user?.uid ?? '',
    event.api?.operation ?? '',
    delivered.map(({ field, count = 0 }) => `${field}×${count}`).join(' '),
    request,
  ].join('  ');
  return `${printable(text.trimEnd())}\n`;
}

/**
 * Prints every line from a time on, byte for byte, so that its hash stays valid; no more than a
 * block at a time waits for the reader. Throws when told to stop.
 */
export async function runExport(
  _request: AuditRequest,
  { chains, sinceMs }: AuditSource,
  io: CommandIo,
): Promise<number> {
  for (const directory of chains) {
    for (const segment of await segmentsSince(directory, sinceMs)) {
      for await (const block of readBlocks(directory, segment)) {
        await write(io, linesSince(block, sinceMs));
      }
    }
  }
  return 0;
}

/** The whole lines of a block, each with its newline. */
function linesSince(block: Block, sinceMs: number | undefined): string {
  let text = '';
  eachLine(block, (line) => {
    if (sinceMs === undefined || (timeOf(line) ?? 0) >= sinceMs)
      text += `${line.toString('utf8')}\n`;
    return true;
  });
  return text;
}

async function write({ stdout, stop }: CommandIo, text: string): Promise<void> {
  stop.throwIfAborted();
  if (text === '' || stdout.write(text) !== false) return;
  const drained = new Promise<void>((resolve) => {
    if (stdout.once === undefined) resolve();
    else stdout.once('drain', resolve);
  });
  await untilAborted(drained, stop);
}
