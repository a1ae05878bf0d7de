/**
 * `fieldgate audit who-saw` and `who-accessed`. Each query is recorded with its viewer before it is
 * answered; one that cannot be recorded is not answered.
 */
import { hostname, userInfo } from 'node:os';
import { didYouMean } from '../nearest.ts';
import { type Query, recordQuery } from '../watch/audit-log/query-log.ts';
import { type Sighting, whoAccessed, whoSaw } from '../watch/audit-log/who-saw.ts';
import type { AuditRequest, AuditSource } from './audit-source.ts';
import type { CommandIo } from './command.ts';
import { signingKeyOf, subjectKeysOf } from './open-audit.ts';

/** 1 where nobody did. */
export async function runWhoSaw(
  request: AuditRequest,
  source: AuditSource,
  io: CommandIo,
): Promise<number> {
  const [type = '', id = ''] = request.words;
  refuseUnknownType(type, source.subjects);
  const { field } = request.values;
  const asked = typeof field === 'string' ? field : undefined;
  const keys = await subjectKeysOf(source, () => undefined);
  const ids = keys.candidates(type, id);
  await record('who-saw', source, io, {
    subjects: [{ type, fields: [], ids: [keys.subjectId(type, id)] }],
    ...(asked !== undefined && { field: asked }),
  });
  const about = { type, ids, sinceMs: source.sinceMs };
  const found = await whoSaw(source.chains, { ...about, field: asked });
  if (found.length === 0 && asked !== undefined) {
    const others = await whoSaw(source.chains, { ...about, field: undefined });
    if (others.length > 0) io.stderr.write(onlyOthers(asked, others));
  }
  return print(found, request, io);
}

/** A misspelt field must not look like one that nobody saw. */
function onlyOthers(asked: string, others: readonly Sighting[]): string {
  const seen = new Set(others.flatMap(({ fields }) => fields.map(({ field }) => field)));
  const names = [...seen].map((field) => field.replace(/^.*\./, ''));
  return `note: nothing under "${asked}"${didYouMean(asked, names)}; of this record left: ${[...seen].join(', ')}\n`;
}

/** That nobody saw what is recorded under another name would be a wrong answer. */
function refuseUnknownType(type: string, subjects: AuditSource['subjects']): void {
  if (subjects === undefined) return;
  const recorded = new Set(Object.values(subjects).map(({ of }) => of));
  if (recorded.has(type)) return;
  const owner = Object.hasOwn(subjects, type) ? subjects[type]?.of : undefined;
  const hint =
    owner === undefined
      ? didYouMean(type, recorded)
      : `: what left of it is recorded under ${owner}`;
  throw new Error(
    `audit.subjects records nothing under "${type}"${hint}; ask with --directory where it once did`,
  );
}

/** 1 where the caller accessed nothing that is recorded. */
export async function runWhoAccessed(
  request: AuditRequest,
  source: AuditSource,
  io: CommandIo,
): Promise<number> {
  const [caller = ''] = request.words;
  await record('who-accessed', source, io, { caller });
  const found = await whoAccessed(source.chains, { caller, sinceMs: source.sinceMs });
  return print(found, request, io);
}

async function record(
  kind: Query['kind'],
  source: AuditSource,
  io: CommandIo,
  about: Query['about'],
): Promise<void> {
  const signingKey = await signingKeyOf(source, { env: io.env, warn: () => undefined });
  const { sinceMs, directory } = source;
  await recordQuery(
    {
      kind,
      viewer: viewerOf(io),
      host: hostname(),
      about: { ...about, ...(sinceMs !== undefined && { since: sinceMs }) },
    },
    { directory, signingKey, clock: Date.now },
  );
}

/** The account; behind sudo also the one who used it, which is only what the environment says. */
function viewerOf({ env }: CommandIo): string {
  const { username } = userInfo();
  return env.SUDO_USER === undefined ? username : `${username} (sudo by ${env.SUDO_USER})`;
}

function print(found: readonly Sighting[], request: AuditRequest, io: CommandIo): number {
  if (request.json) {
    const requests = found.map(({ timeMs, ...rest }) => ({
      time: new Date(timeMs).toISOString(),
      ...rest,
    }));
    io.stdout.write(`${JSON.stringify({ ok: found.length > 0, requests }, null, 2)}\n`);
  } else {
    io.stdout.write(`${[...found.map(toLine), `${found.length} requests`].join('\n')}\n`);
  }
  return found.length > 0 ? 0 : 1;
}

function toLine(one: Sighting): string {
  const fields = one.fields.map(({ field, masked = 0, rule }) =>
    [field, masked > 0 ? ' (masked)' : '', rule === undefined ? '' : ` by ${rule}`].join(''),
  );
  return [
    new Date(one.timeMs).toISOString(),
    printable(one.caller),
    printable(one.app),
    one.address,
    printable(one.operation),
    fields.join(', '),
    `request ${one.request}`,
    `seq ${one.seq}`,
  ].join('  ');
}

/** Names come from callers: they must not write to the terminal. */
const printable = (text: string): string => text.replace(/\p{C}/gu, '?');
