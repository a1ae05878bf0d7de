/**
 * An audit log's directory as the log leaves it for the forwarder: segments named by their first
 * seq, one chained line per record, closed ones compressed. Events of about the usual size.
 */
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip, zstdCompress } from 'node:zlib';

const packers = { zst: promisify(zstdCompress), gz: promisify(gzip) };

export interface SegmentWriter {
  readonly directory: string;
  /** Lines written so far, without newlines, by seq - 1. */
  readonly lines: readonly string[];
  append(count: number): void;
  /** One line, or a part of one, exactly as given. */
  appendRaw(text: string | Buffer): void;
  /** The next line begins another segment. */
  rotate(): void;
  /** Compresses the segment that begins with this seq, and removes the plain one. */
  compress(firstSeq: number, form?: 'zst' | 'gz'): Promise<void>;
  /** Number of the last complete line on the disk, whoever wrote it. */
  lastSeq(): number;
  path(firstSeq: number, ending?: string): string;
  remove(): void;
}

export function toEvent(seq: number, over: Readonly<Record<string, unknown>> = {}): string {
  const { gateway, ...top } = over;
  return JSON.stringify({
    metadata: {
      version: '1.8.0',
      product: { name: 'fieldgate', version: '0.1.0', vendor_name: 'fieldgate' },
      uid: `uid-${seq}`,
      event_code: 'allowed',
      log_name: 'audit',
      profiles: ['security_control', 'trace'],
    },
    time: 1_795_446_000_000 + seq,
    category_uid: 6,
    class_uid: 6003,
    activity_id: 2,
    type_uid: 600302,
    severity_id: 1,
    status_id: 1,
    action_id: 1,
    disposition_id: 1,
    is_alert: false,
    actor: {
      user: { uid: `user-${seq % 97}`, type_id: 1 },
      app_uid: 'payroll-web',
      session: { uid: 'aGFzaGVkLXRva2Vu', issuer: 'https://login.example' },
    },
    api: { operation: 'EmployeeList', request: { uid: `request-${seq}` } },
    http_request: { http_method: 'POST' },
    http_response: { code: 200 },
    trace: {
      uid: seq.toString(16).padStart(32, 'a'),
      span: { uid: seq.toString(16).padStart(16, 'b') },
    },
    src_endpoint: { ip: '203.0.113.9', location: { country: 'DE' } },
    policy: { uid: 'hr-reads-ssn', version: '7c9e6679f0b14ac1', is_applied: true },
    ...top,
    unmapped: {
      gateway: {
        decision: 'allowed',
        request: `request-${seq}`,
        operation: { type: 'query', hash: 'sha256:5d41402abc4b2a76', name: 'EmployeeList' },
        policy: { version: '7c9e6679f0b14ac1', digest: '7c9e6679f0b14ac1b0c2d3e4f5a69788' },
        rule: 'hr-reads-ssn',
        roles: ['hr'],
        delivered: [
          { field: 'Employee.ssn', classes: ['pii.ssn'], count: 3 },
          { field: 'Employee.name', classes: [], count: 3 },
        ],
        subjects: [{ type: 'Employee', fields: [0], ids: ['q1w2e3r4t5y6u7i8o9p0aa'] }],
        ...(gateway as object),
      },
    },
  });
}

export function toLine(seq: number, event = toEvent(seq)): string {
  const chain = `"chain":{"id":"chain-1","seq":${seq},"prev":"${'A'.repeat(43)}"}`;
  return `${event.slice(0, -3)},${chain}}}}`;
}

export function createSegmentWriter(): SegmentWriter {
  const directory = mkdtempSync(join(tmpdir(), 'fieldgate-forward-'));
  const lines: string[] = [];
  let current = 1;
  const path = (firstSeq: number, ending = '') =>
    join(directory, `${String(firstSeq).padStart(16, '0')}.ndjson${ending}`);
  return {
    directory,
    lines,
    path,
    append: (count) => {
      let text = '';
      for (let index = 0; index < count; index += 1) {
        const line = toLine(lines.length + 1);
        lines.push(line);
        text += `${line}\n`;
      }
      appendFileSync(path(current), text, { mode: 0o600 });
    },
    appendRaw: (text) => appendFileSync(path(current), text, { mode: 0o600 }),
    rotate: () => {
      current = lines.length + 1;
      writeFileSync(path(current), '', { mode: 0o600 });
    },
    compress: async (firstSeq, form = 'zst') => {
      const packed = await packers[form](await readFile(path(firstSeq)));
      await writeFile(path(firstSeq, '.tmp'), packed, { mode: 0o600 });
      await rename(path(firstSeq, '.tmp'), path(firstSeq, `.${form}`));
      await rm(path(firstSeq));
    },
    lastSeq: () =>
      readdirSync(directory)
        .filter((name) => name.endsWith('.ndjson') && name.startsWith('0'))
        .map((name) => readFileSync(join(directory, name), 'utf8').split('\n').length - 1)
        .reduce((sum, count) => sum + count, 0),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
