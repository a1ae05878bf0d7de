/**
 * `fieldgate explain`: what happens to an operation for a caller. Reports every coordinate with its
 * verdict, rule and missing conditions, what its rates count and what the upstreams would be sent.
 * Decided by the policy, plan and engine of a served request; nothing is sent.
 */
import type { Situation } from '../conditions/situation.ts';
import { type Reason, Refusal } from '../decision.ts';
import { withPinned } from '../plan/pinned.ts';
import type { AuthorizedOperation } from '../plan/plan.ts';
import type { ChargeResult } from '../rates/charge-result.ts';
import type { Caller, RequestRecord } from '../request.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { noteShadowed, noteShadows } from '../walk/record-notes.ts';
import type { CommandIo, CommandOptions } from './command.ts';
import {
  asDenied,
  type ExplainedCoordinate,
  walkCoordinates,
} from './explain/explain-coordinates.ts';
import { decideAsServed } from './explain/explain-decide.ts';
import { explainPins } from './explain/explain-pins.ts';
import {
  type DocumentProblems,
  type ExplainQuestion,
  readQuestion,
} from './explain/explain-question.ts';
import {
  type ExplainedCharge,
  type ExplainedRead,
  type Explanation,
  toText,
} from './explain/explain-text.ts';
import { recordUpstreams } from './explain/explain-upstreams.ts';
import { loadOffline, type Offline } from './load-offline.ts';
import { isLetIn, readCaller } from './read-caller.ts';
import { readMoment } from './read-moment.ts';

/**
 * Returns 0 if the operation runs and nothing is refused (masked is not refused), 1 if anything is
 * refused or depends on objects, 2 if the document or its variables are invalid. Throws ConfigError
 * or Error.
 */
export async function runExplain(options: CommandOptions, io: CommandIo): Promise<number> {
  const offline = await loadOffline(options, io);
  const caller = await readCaller(text(options, 'as'), offline.config.identity);
  const situation = readMoment(options.values.now, caller);
  const question = await readQuestion(offline.snapshot, {
    query: text(options, 'query'),
    variables: text(options, 'variables'),
    operation: text(options, 'operation'),
  });
  if ('problems' in question) return complain(question, options, io);
  const explanation =
    question instanceof Refusal
      ? refusedWhole(question.reason)
      : await explain(offline, { ...question, ...(situation && { situation }) }, caller);
  io.stdout.write(options.json ? `${JSON.stringify(explanation, null, 2)}\n` : toText(explanation));
  return isAllGranted(explanation) ? 0 : 1;
}

async function explain(
  offline: Offline,
  question: ExplainQuestion,
  caller: Caller,
): Promise<Explanation> {
  const { snapshot } = offline;
  const { situation } = question;
  const callerContext = await snapshot.callerContextOf(caller, situation);
  const walked = await walkCoordinates(
    { ...snapshot, schema: snapshot.public.schema },
    { ...question, caller },
    callerContext instanceof Refusal ? undefined : callerContext.view.schema,
  );
  const { policy } = snapshot;
  const fields = walked.coordinates.map(({ coordinate }) => coordinate);
  const pins = explainPins(policy, fields);
  const { operation, fragments, variables } = question;
  const reckoned = { ...variables.coerced, ...snapshot.pinnedOf(caller) };
  const asked = { operation, fragments, variables: reckoned };
  const { cost: estimated, assumed } = snapshot.estimateCost(asked);
  const { cost: limit } = snapshot.limits;
  const cost = { estimated, limit, ...(estimated > limit && { assumed }) };
  const noted: Noted = {};
  const decided =
    refusedBefore(offline, caller, question.text) ??
    (await decideAsServed(snapshot, callerContext, { ...question, caller }, (one) =>
      noteShadows(noted, one),
    ));
  const coordinates = asDenied(walked.coordinates, decided.denials);
  const saidOf = ({ shadows }: Noted) => {
    const more = { ...(pins.length > 0 && { pins }), ...(shadows && { shadows }) };
    return { cost, ...walked, coordinates, ...more };
  };
  if (decided instanceof Refusal) return { ...refusedWhole(decided.reason), ...saidOf(noted) };
  const about = { caller, ...(situation && { situation }) };
  const charged = await charge(snapshot, decided, {
    ...about,
    variables: withPinned(variables.coerced, decided, caller),
  });
  const { charges, refusal } = charged;
  noteShadowed(noted, charged.shadowed);
  const said = saidOf(noted);
  if (refusal !== undefined) return { ...refusedWhole(refusal.reason), charges, ...said };
  const sent = await recordUpstreams(offline, decided, {
    ...about,
    raw: withPinned(variables.raw, decided, caller),
    coerced: variables.coerced,
  });
  const reads = explainReads(decided);
  return { outcome: 'runs', charges, ...said, ...(reads.length > 0 && { reads }), ...sent };
}

/** What a served request meets before its fields are decided; undefined: nothing. */
function refusedBefore(
  { config, policies }: Offline,
  caller: Caller,
  text: string,
): Refusal | undefined {
  if (!isLetIn(caller, config.identity)) return new Refusal('identify/missing');
  const { documents, manifest } = policies.documents;
  const isRefused = documents === 'trusted' && !manifest.texts.has(text);
  return isRefused ? new Refusal('limits/untrusted-document') : undefined;
}

/** The reads that decide on writes, in the order of the writes; equal ones once. */
function explainReads({ writes }: AuthorizedOperation): readonly ExplainedRead[] {
  const found = new Map<string, ExplainedRead>();
  for (const { before = [], choices } of writes?.values() ?? []) {
    const coordinate = choices[0]?.value.coordinate ?? '';
    for (const { read } of before) found.set(`${coordinate} ${read}`, { coordinate, read });
  }
  return [...found.values()];
}

/** Charges the operation to empty counts, at an address from the documentation range. */
async function charge(
  { charges }: Snapshot,
  operation: AuthorizedOperation,
  about: {
    caller: Caller;
    situation?: Situation;
    variables: Readonly<Record<string, unknown>>;
  },
): Promise<{ charges: readonly ExplainedCharge[] } & Pick<ChargeResult, 'shadowed' | 'refusal'>> {
  const admitted = await charges.admit(nowhere);
  const charged = await charges.charge({ network: nowhere, operation, ...about });
  const all = [...admitted.charged, ...charged.charged];
  const shadowed = [...(admitted.shadowed ?? []), ...(charged.shadowed ?? [])];
  return {
    charges: [
      ...all.map(({ rate, amount, limit }) => ({ rate, amount, limit })),
      ...shadowed.map(({ rate, amount, limit }) => ({
        rate,
        amount,
        limit,
        inShadow: true as const,
      })),
    ],
    refusal: charged.refusal,
    shadowed,
  };
}

type Noted = Pick<RequestRecord, 'shadows'>;

/** From the range for documentation (RFC 5737). */
const nowhere = '192.0.2.1';

function refusedWhole(reason: Reason): Explanation {
  const nothing = { coordinates: [], upstreams: [], failures: [], introspection: false };
  return { outcome: 'refused', reason, ...nothing };
}

function isAllGranted({ outcome, coordinates }: Explanation): boolean {
  const isRefused = ({ verdict }: ExplainedCoordinate) => verdict !== 'allow' && verdict !== 'mask';
  return outcome === 'runs' && !coordinates.some(isRefused);
}

function complain({ problems }: DocumentProblems, options: CommandOptions, io: CommandIo): number {
  if (options.json) {
    io.stdout.write(`${JSON.stringify({ ok: false, problems }, null, 2)}\n`);
    return 2;
  }
  for (const { message, locations = [] } of problems) {
    const [at] = locations;
    const place = at === undefined ? '' : `:${at.line}:${at.column}`;
    io.stderr.write(`query${place}: ${message}\n`);
  }
  return 2;
}

function text({ values }: CommandOptions, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}
