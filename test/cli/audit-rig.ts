/** A log with a history of known truth, across epochs of subject keys, and the commands that ask it. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandIo } from '../../gateway/cli/command.ts';
import { parseCommand } from '../../gateway/cli/command-line.ts';
import { Tally } from '../../gateway/plan/tally.ts';
import { type Caller, openRecord, type RequestRecord } from '../../gateway/request.ts';
import { toRequestEvents } from '../../gateway/watch/audit-event/request-event.ts';
import type { ToSubjectId } from '../../gateway/watch/audit-event/subject-groups.ts';
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
  /** One request in so many has a value of nobody known in its answer; default: none has. */
  readonly nobodysEvery?: number;
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
    const hasNobodys = options.nobodysEvery !== undefined && nth % options.nobodysEvery === 0;
    const event = toEventText({ ...one, hasNobodys }, (type, id) =>
      subjectKeys.subjectId(type, id),
    );
    if (!audit.append(event).ok) throw new Error('the log took nothing');
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

/** The whole event of such a request, as the gateway writes it. */
function toEventText(
  { request, timeMs, caller, people, fields, hasNobodys }: Request & { hasNobodys: boolean },
  toSubjectId: ToSubjectId,
): string {
  const subjects = people.map((id) => ({ type: 'Person', id }));
  const classified = fields.map((field) => ({
    coordinate: `Person.${field}`,
    classes: ['pay'],
    rule: 'pay',
    mask: undefined,
  })) as unknown as RequestRecord['classified'];
  const tally = new Tally();
  for (const subject of subjects) {
    for (const slot of fields.keys()) tally.value(slot, subject);
  }
  if (hasNobodys) tally.value(0, undefined);
  const record: RequestRecord = {
    ...openRecord({
      id: request,
      startedAtMs: timeMs,
      trace: {
        traceId: hex(`trace ${request}`, 32),
        spanId: hex(`span ${request}`, 16),
        parentSpanId: undefined,
        sampled: true,
      },
      peer: '192.0.2.1',
      method: 'POST',
    }),
    clientAddress: '192.0.2.1',
    country: 'DE',
    caller: callerOf(caller),
    operation: { type: 'query', hash: hex('operation', 64), named: true },
    verdicts: { allowed: 4, denied: [], masked: [] },
    policyDigest: hex('policies', 64),
    classified,
    tally,
    delivered: tally.delivered(classified),
    cost: 12,
    charges: [{ rate: 'per-caller', amount: 1, remaining: 5_999, near: false }],
    engine: 'compiled',
    upstreamCalls: [
      {
        upstream: 'staff',
        operation: 'GET /people/{id}',
        status: 200,
        durationMs: 3,
        responseBytes: 240,
        spanId: hex('call', 16),
      },
    ],
    upstreamCallCount: 1,
    status: 200,
    responseBytes: 180,
    durationMs: 5,
  };
  const [whole = ''] = toRequestEvents(record, {
    product: { name: 'Fieldgate', version: '1.0.0' },
    toSubjectId,
  });
  return whole;
}

/** As long as a hash is, and different for each text. */
const hex = (text: string, length: number): string =>
  createHash('sha256').update(text).digest('hex').slice(0, length);

const callers = new Map<string, Caller>();

function callerOf(subject: string): Caller {
  const known = callers.get(subject);
  if (known !== undefined) return known;
  const made: Caller = {
    kind: 'token',
    issuer: 'https://idp.example.com',
    subject,
    client: 'portal',
    scopes: new Set(['hr:read']),
    roles: new Set(['clerk']),
    claims: {},
    credentialHash: createHash('sha256').update(subject).digest('base64'),
    expiresAt: undefined,
  };
  callers.set(subject, made);
  return made;
}

export interface Asked {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** `fieldgate audit …` as it is typed; `stdout` also gets what it prints. */
export async function askAudit(
  words: readonly string[],
  stdout?: CommandIo['stdout'],
): Promise<Asked> {
  let out = '';
  let err = '';
  const code = await parseCommand(['audit', ...words], {
    stdout: {
      ...stdout,
      write(text) {
        out += text;
        return stdout?.write(text);
      },
    },
    stderr: { write: (text) => (err += text) },
    env: {},
    stop: new AbortController().signal,
  });
  return { code, out, err };
}
