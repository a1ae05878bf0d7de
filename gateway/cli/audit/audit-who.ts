/**
 * `fieldgate audit who-saw` and `who-accessed`. Each query is recorded with its viewer before it is
 * answered. Fails closed: if it cannot be recorded, it is not answered.
 */
import { hostname, userInfo } from 'node:os';
import { printable } from '../../files/printable.ts';
import { type Query, recordQuery } from '../../watch/audit-log/search/query-log.ts';
import {
  type Sighting,
  type WhoSawAnswer,
  whoAccessed,
  whoSaw,
} from '../../watch/audit-log/search/who-saw.ts';
import type { CommandIo } from '../command.ts';
import {
  checkFieldForm,
  refuseUnknownType,
  refuseUnrecordedField,
  refuseUnrecordedType,
} from './audit-names.ts';
import type { AuditRequest, AuditSource } from './audit-source.ts';
import { signingKeyOf, writtenSubjectKeys } from './open-audit.ts';

/** Returns 1 if nobody saw the record; 2 if nobody was found but not everything was searchable. */
export async function runWhoSaw(
  request: AuditRequest,
  source: AuditSource,
  io: CommandIo,
): Promise<number> {
  const [type = '', id = ''] = request.words;
  refuseUnknownType(type, source.subjects);
  const field = typeof request.values.field === 'string' ? request.values.field : undefined;
  if (field !== undefined) checkFieldForm(field);
  const keys = await writtenSubjectKeys(source);
  const ids = keys.candidates(type, id);
  await record('who-saw', source, io, {
    subjects: [{ type, fields: [], ids: [keys.subjectId(type, id)] }],
    ...(field !== undefined && { field }),
  });
  const { chains, sinceMs } = source;
  const epochs = keys.epochs.live;
  const answer = await whoSaw(chains, { type, ids, epochs, field, sinceMs });
  const gaps = gapsOf(answer, keys.epochs.destroyed);
  if (answer.sightings.length === 0 && gaps.length === 0) {
    await refuseUnrecordedType(type, source);
    if (field !== undefined) await refuseUnrecordedField(field, source, io);
  }
  if (answer.sightings.length === 0) refuseTimeToCome(sinceMs);
  return print(answer.sightings, gaps, request, io);
}

/** Returns 1 if no recorded access of the caller was found. */
export async function runWhoAccessed(
  request: AuditRequest,
  source: AuditSource,
  io: CommandIo,
): Promise<number> {
  const [caller = ''] = request.words;
  await record('who-accessed', source, io, { caller });
  const found = await whoAccessed(source.chains, { caller, sinceMs: source.sinceMs });
  if (found.length === 0) refuseTimeToCome(source.sinceMs);
  return print(found, [], request, io);
}

/** Throws Error for a time in the future, for which "nobody" would be a wrong answer. */
function refuseTimeToCome(sinceMs: number | undefined): void {
  if (sinceMs !== undefined && sinceMs > Date.now()) {
    throw new Error('--since: that time is still to come, the log knows nothing of it');
  }
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

/** The account; under sudo also the invoking user, as claimed by the environment. */
function viewerOf({ env }: CommandIo): string {
  const { username } = userInfo();
  return env.SUDO_USER === undefined ? username : `${username} (sudo by ${env.SUDO_USER})`;
}

/** Events that may concern the record but cannot be searched. */
interface Gap {
  readonly why: 'key-destroyed' | 'key-missing' | 'subject-unknown';
  /** Epoch of the key; undefined if the gap has another cause. */
  readonly epoch?: string;
  readonly events: number;
}

function gapsOf({ unsearchable, unattributed }: WhoSawAnswer, destroyed: readonly string[]): Gap[] {
  const gaps: Gap[] = [...unsearchable].sort().map(([epoch, events]) => ({
    why: destroyed.includes(epoch) ? 'key-destroyed' : 'key-missing',
    ...{ epoch, events },
  }));
  if (unattributed > 0) gaps.push({ why: 'subject-unknown', events: unattributed });
  return gaps;
}

const inWords = {
  'key-destroyed': 'cannot be searched: the key of epoch $ is destroyed',
  'key-missing': 'cannot be searched: the key of epoch $ is not among the subject keys',
  'subject-unknown': 'hold values of which it is not known whose they are',
} as const;

const toWords = ({ why, epoch = '', events }: Gap): string =>
  `${events} events ${inWords[why].replace('$', printable(epoch))}`;

function print(
  found: readonly Sighting[],
  gaps: readonly Gap[],
  request: AuditRequest,
  io: CommandIo,
): number {
  const ok = found.length > 0;
  if (request.json) {
    const requests = found.map(({ timeMs, ...rest }) => ({
      time: new Date(timeMs).toISOString(),
      ...rest,
    }));
    io.stdout.write(`${JSON.stringify({ ok, requests, notSearched: gaps }, null, 2)}\n`);
  } else {
    const lines = [
      ...found.map(toLine),
      found.length === 1 ? '1 request' : `${found.length} requests`,
      ...gaps.map(toWords),
    ];
    io.stdout.write(`${lines.join('\n')}\n`);
  }
  if (ok) return 0;
  return gaps.length === 0 ? 1 : 2;
}

function toLine(one: Sighting): string {
  const fields = one.fields.map(({ field, masked = 0, rule }) =>
    [field, masked > 0 ? ' (masked)' : '', rule === undefined ? '' : ` by ${rule}`].join(''),
  );
  return [
    new Date(one.timeMs).toISOString(),
    printable(one.issuer === '' ? one.caller : `${one.caller} (${one.issuer})`),
    printable(one.app),
    one.address,
    printable(one.operation),
    fields.join(', '),
    `request ${one.request}`,
    `seq ${one.seq}`,
  ].join('  ');
}
