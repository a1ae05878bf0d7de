/** Runs forwarding-process.ts and judges what a sink received of what it wrote. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Item } from '../../support/otlp-sink.ts';
import { bodiesByUid, parkedIn } from './forwarder-rig.ts';
import type { ForwardingReport, ForwardingTask } from './forwarding-process.ts';
import { toLine } from './segment-writer.ts';

const script = fileURLToPath(new URL('forwarding-process.ts', import.meta.url));

export interface ForwardingEnd {
  readonly signal: string | null;
  /** Absent when the process was killed. */
  readonly report: ForwardingReport | undefined;
}

export function runForwarding(task: ForwardingTask): Promise<ForwardingEnd> {
  const child = spawn(process.execPath, [script, JSON.stringify(task)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code !== 0 && signal === null) reject(new Error(`forwarding ended with ${code}`));
      else {
        const report = printed === '' ? undefined : (JSON.parse(printed) as ForwardingReport);
        resolve({ signal, report });
      }
    });
  });
}

export interface Account {
  readonly written: number;
  readonly accepted: number;
  readonly parked: number;
  /** Neither in the collector nor in the dead-letter file. */
  readonly lost: number;
  /** In the collector more than once, always with equal uid and body. */
  readonly duplicates: number;
}

/** Throws where a record differs from the line that was written under its uid. */
export function account(directory: string, items: readonly Item[], lastSeq: number): Account {
  const bodies = bodiesByUid(items);
  const parked = new Set(parkedIn(directory).map(({ seq }) => seq));
  let lost = 0;
  for (let seq = 1; seq <= lastSeq; seq += 1) {
    const body = bodies.get(`uid-${seq}`);
    if (body === undefined && !parked.has(seq)) lost += 1;
    if (body !== undefined && body !== toLine(seq)) throw new Error(`line ${seq} was changed`);
  }
  const duplicates = items.length - bodies.size;
  return { written: lastSeq, accepted: bodies.size, parked: parked.size, lost, duplicates };
}
