/**
 * What must be equal between two engines that were asked the same: data, errors, masks, charges,
 * what was delivered to whom, and what the upstreams were called for.
 */
import type { RequestRecord } from '../../gateway/request.ts';
import type { TestAnswer } from '../support/gateway.ts';
import { batchMark } from './hostile-answers.ts';

export interface Outcome {
  readonly answer: TestAnswer;
  readonly record: RequestRecord;
  /** Fields of rows that upstreams were asked for, and how often. */
  readonly asked: ReadonlyMap<string, number>;
}

/** Everything that differs, in words; empty where nothing does. */
export function differences(compiled: Outcome, reference: Outcome): string[] {
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ['status', compiled.answer.status, reference.answer.status],
    ['data', text(compiled.answer.body.data), text(reference.answer.body.data)],
    ['errors', errorsOf(compiled), errorsOf(reference)],
    ['extensions', text(compiled.answer.body.extensions), text(reference.answer.body.extensions)],
    ['charges', text(compiled.record.charges), text(reference.record.charges)],
    ['delivered', text(compiled.record.delivered), text(reference.record.delivered)],
    ['tally', tallyOf(compiled), tallyOf(reference)],
    ['verdicts', text(compiled.record.verdicts), text(reference.record.verdicts)],
    ['faults', text(compiled.record.faults), text(reference.record.faults)],
  ];
  const wrong = pairs.flatMap(([what, one, other]) =>
    one === other ? [] : [`${what}:\n  compiled  ${one}\n  reference ${other}`],
  );
  wrong.push(...callFaults(compiled, reference));
  const excess = [...compiled.asked].filter(
    ([one, times]) => !one.startsWith(batchMark) && times > (reference.asked.get(one) ?? 0),
  );
  if (excess.length > 0) {
    const told = excess.map(([one, times]) => `${one} ${times}:${reference.asked.get(one) ?? 0}`);
    wrong.push(`asked in excess (${excess.length}): ${told.slice(0, 5).join(', ')}`);
  }
  return wrong;
}

/** Whether keys were sent to a batch field in the same company by both. */
export function batchedAlike(compiled: Outcome, reference: Outcome): boolean {
  const batches = ({ asked }: Outcome): string =>
    text([...asked.keys()].filter((one) => one.startsWith(batchMark)).sort());
  return batches(compiled) === batches(reference);
}

const text = (value: unknown): string => JSON.stringify(value) ?? 'undefined';

/**
 * By code and the place that became null, one for each. Where several failures take one place
 * away, the specification leaves open which of them is told.
 */
function errorsOf({ answer }: Outcome): string {
  const { data, errors = [] } = answer.body;
  const told = errors.map(({ path = [], extensions }) => {
    const { code, coordinate, omitted } = extensions;
    return text([code, coordinate, omitted, nullAt(data, path)]);
  });
  return told.sort().join('\n            ');
}

/** The path up to where the data ends. */
function nullAt(data: unknown, path: readonly (string | number)[]): (string | number)[] {
  let value = data;
  const walked: (string | number)[] = [];
  for (const key of path) {
    if (typeof value !== 'object' || value === null) break;
    walked.push(key);
    value = Reflect.get(value, key);
  }
  return walked;
}

function tallyOf({ record }: Outcome): string {
  const { slots = [], subjects = [] } = record.tally ?? {};
  return text(slots.map((slot, index) => [slot, subjects[index]]));
}

/**
 * How often an upstream was called is the engines' own business; for what, and what came of it, is
 * not. What a failure takes away the compiled engine does not ask for; the reference may have asked
 * already.
 */
function callFaults(compiled: Outcome, reference: Outcome): string[] {
  const [mine, theirs] = [callsOf(compiled), callsOf(reference)];
  const failed = (compiled.answer.body.errors ?? []).some(
    ({ extensions }) => extensions.code === 'UPSTREAM_FAILED',
  );
  const excess = [...mine].filter((call) => !theirs.has(call));
  const missing = failed ? [] : [...theirs].filter((call) => !mine.has(call));
  return [
    ...excess.map((call) => `called in excess: ${call}`),
    ...missing.map((call) => `not called: ${call}`),
  ];
}

function callsOf({ record }: Outcome): Set<string> {
  const calls = record.upstreamCalls.map(({ upstream, operation, status, failure }) =>
    text([upstream, operation, status, failure]),
  );
  return new Set(calls);
}
