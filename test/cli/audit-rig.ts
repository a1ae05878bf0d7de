/** A log with a history of known truth, across epochs of subject keys, and the commands that ask it. */
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseCommand } from '../../gateway/cli/command-line.ts';
import { openAuditLog } from '../../gateway/watch/audit-log/open-audit-log.ts';
import { loadSigningKey } from '../../gateway/watch/audit-log/signing-key.ts';
import { loadSubjectKeys } from '../../gateway/watch/subject-keys-file.ts';

export interface Request {
  readonly request: string;
  readonly timeMs: number;
  readonly caller: string;
  /** Ids of the people whose values left. */
  readonly people: readonly string[];
  /** Of `Person`. */
  readonly fields: readonly string[];
}

export interface History {
  readonly directory: string;
  /** The file of subject keys. */
  readonly keys: string;
  readonly requests: readonly Request[];
  remove(): Promise<void>;
}

export const startMs = Date.parse('2026-01-01T00:00:00Z');

export interface HistoryOptions {
  readonly records: number;
  readonly people: number;
  /** Epochs of keys; each lasts as long as the others. */
  readonly epochs: number;
  /** Milliseconds between two requests. */
  readonly everyMs: number;
  readonly rotateBytes?: number;
  readonly compress?: 'none' | 'zst' | 'gz';
}

/** Numbers that look like chance and are the same each time (mulberry32). */
function numbersFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
}

const allFields = ['ssn', 'salary'];

/** Writes as many requests as are asked for; what they were is kept here and nowhere in clear text there. */
export async function writeHistory(options: HistoryOptions): Promise<History> {
  const directory = await mkdtemp(join(tmpdir(), 'fieldgate-history-'));
  const keys = join(directory, 'keys.yaml');
  const log = join(directory, 'audit');
  await mkdir(log);
  const epochMs = (options.records * options.everyMs) / options.epochs;
  const epochs = Array.from({ length: options.epochs }, (_, at) => {
    const from = new Date(startMs + Math.floor(at * epochMs)).toISOString().replace(/\.\d+Z/, 'Z');
    return `  - { id: e${at}, key: "${randomBytes(32).toString('base64')}", from: ${JSON.stringify(at === 0 ? '2000-01-01' : from)} }\n`;
  });
  await writeFile(keys, `version: 1\nepochs:\n${epochs.join('')}`);
  let nowMs = startMs;
  const subjectKeys = await loadSubjectKeys(keys, () => nowMs);
  const signingKey = await loadSigningKey(
    { file: undefined, value: undefined },
    { directory: log, warn: () => undefined },
  );
  const audit = await openAuditLog({
    directory: log,
    signingKey,
    durability: 'batch',
    bufferBytesMax: 64 * 1_048_576,
    ...(options.rotateBytes !== undefined && { rotateBytes: options.rotateBytes }),
    ...(options.compress && { compress: options.compress }),
  });
  const perGroup = Math.min(2_000, Math.ceil(options.records / 12));
  const below = numbersFrom(4);
  const requests: Request[] = [];
  for (let nth = 0; nth < options.records; nth += 1) {
    nowMs = startMs + nth * options.everyMs;
    const one = {
      request: `q-${nth}`,
      timeMs: nowMs,
      caller: `caller-${below(50)}`,
      people: [
        ...new Set(Array.from({ length: 1 + below(3) }, () => String(below(options.people)))),
      ],
      fields: allFields.slice(0, 1 + below(2)),
    };
    requests.push(one);
    const ids = one.people.map((id) => subjectKeys.subjectId('Person', id));
    if (!audit.append(toEventText(one, ids)).ok) throw new Error('the log took nothing');
    if (nth % perGroup === perGroup - 1) await audit.flushed();
  }
  await audit.close();
  return {
    directory: log,
    keys,
    requests,
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

/** As request-event.ts writes it, as far as queries look at it. */
function toEventText({ request, timeMs, caller, fields }: Request, ids: readonly string[]): string {
  const delivered = fields.map((field) => ({
    field: `Person.${field}`,
    classes: ['pay'],
    count: ids.length,
    masked: 0,
    rule: 'pay',
  }));
  return JSON.stringify({
    metadata: { version: '1.8.0', uid: request, event_code: 'allowed', correlation_uid: request },
    time: timeMs,
    class_uid: 6003,
    actor: { user: { uid: caller }, app_uid: 'portal' },
    api: { operation: 'query' },
    src_endpoint: { ip: '192.0.2.1' },
    http_response: { code: 200 },
    unmapped: {
      gateway: {
        decision: 'allowed',
        request,
        delivered,
        subjects: [{ type: 'Person', fields: fields.map((_, at) => at), ids }],
      },
    },
  });
}

export interface Asked {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** `fieldgate audit …` as it is typed. */
export async function askAudit(words: readonly string[]): Promise<Asked> {
  let out = '';
  let err = '';
  const code = await parseCommand(['audit', ...words], {
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    env: {},
    stop: new AbortController().signal,
  });
  return { code, out, err };
}
