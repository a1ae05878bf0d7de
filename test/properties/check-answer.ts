/**
 * What an answer must be, given the answer that is due: data leaf for leaf and key for key in
 * order, one FORBIDDEN per refusal at a path that is null, masks that show no more than they may,
 * and nowhere in its text a value the caller may not have.
 */
import { getNamedType, isLeafType, isObjectType } from 'graphql';
import type { TestAnswer } from '../support/gateway.ts';
import type { Oracle } from './oracle.ts';
import type { AnyCaller } from './policy.ts';
import { type ExpectedAnswer, readMasked } from './reference-answer.ts';
import { type Spelling, withOriginalKeys } from './respell.ts';
import { keyCoordinates, numberBase } from './rows.ts';

const forbiddenErrorsMax = 100;

/** The faults of one answer; empty when all is well. */
export function faultsOf(answer: TestAnswer, due: ExpectedAnswer, spelling: Spelling): string[] {
  const { status, body } = answer;
  const codes = (body.errors ?? []).map((each) => each.extensions.code);
  if (status === 403 && due.rejected !== 'no') {
    const bare = body.data === undefined || body.data === null;
    return bare && codes.includes('FORBIDDEN') ? [] : ['a refused operation carries data'];
  }
  if (due.rejected === 'yes') return [`status ${status} where the operation is to be refused`];
  const faults = status === 200 ? [] : [`status ${status}: ${JSON.stringify(body.errors)}`];
  if (codes.some((code) => code !== 'FORBIDDEN')) faults.push(`codes ${codes.join()}`);
  const data = withOriginalKeys(body.data, spelling.original);
  compare(data, due.data, 'data', faults);
  return [...faults, ...errorFaults(answer, due, spelling), ...maskFaults(answer, due)];
}

function compare(seen: unknown, due: unknown, path: string, faults: string[]): void {
  if (typeof due !== 'object' || due === null) {
    if (!sameLeaf(seen, due))
      faults.push(`${path} is ${JSON.stringify(seen)}, due ${JSON.stringify(due)}`);
    return;
  }
  if (typeof seen !== 'object' || seen === null || Array.isArray(seen) !== Array.isArray(due)) {
    faults.push(`${path} is ${JSON.stringify(seen)}, due ${JSON.stringify(due)}`);
    return;
  }
  const [seenKeys, dueKeys] = [Object.keys(seen), Object.keys(due)];
  if (seenKeys.join() !== dueKeys.join())
    faults.push(`${path} has ${seenKeys.join()}, due ${dueKeys.join()}`);
  for (const key of dueKeys)
    compare(Reflect.get(seen, key), Reflect.get(due, key), `${path}.${key}`, faults);
}

function sameLeaf(seen: unknown, due: unknown): boolean {
  const masked = readMasked(due);
  if (masked === undefined) return seen === due;
  if (typeof seen !== 'string') return false;
  if (masked.mask === 'redact') return !/[\w#.]/.test(seen);
  const shown = masked.value.slice(-4);
  return seen.endsWith(shown) && !/[\w#.]/.test(seen.slice(0, -4));
}

function errorFaults({ body }: TestAnswer, due: ExpectedAnswer, { original }: Spelling): string[] {
  const errors = body.errors ?? [];
  const seen = errors
    .filter((each) => each.path !== undefined)
    .map(
      ({ path = [], extensions }) =>
        [
          path.map((key) => (typeof key === 'string' ? (original.get(key) ?? key) : key)).join('.'),
          extensions.coordinate ?? '',
        ] as const,
    );
  const expected = new Map(due.denied.map(({ path, coordinate }) => [path.join('.'), coordinate]));
  const faults = seen.flatMap(([path, coordinate]) => {
    const wanted = expected.get(path);
    if (wanted === undefined) return [`an error at ${path}, which is not refused`];
    return coordinate.startsWith(wanted) || isInput(coordinate)
      ? []
      : [`${coordinate} for ${wanted}`];
  });
  if (new Set(seen.map(([path]) => path)).size !== seen.length)
    faults.push('a path is refused twice');
  const full = Math.min(expected.size, forbiddenErrorsMax);
  if (seen.length !== full) faults.push(`${seen.length} errors with a path, due ${full}`);
  const rest = errors.length - seen.length;
  if (rest !== (expected.size > full ? 1 : 0)) faults.push(`${rest} errors without a path`);
  return faults;
}

/** An argument's refusal may name the input field or enum value that the caller may not pass. */
function isInput(coordinate: string): boolean {
  return /^(EmployeeFilter|Nested|AccountQuery|BankQuery|Sort|Kind)\./.test(coordinate);
}

function maskFaults({ body }: TestAnswer, due: ExpectedAnswer): string[] {
  const listed: unknown = body.extensions?.masked;
  const names = new Set(Array.isArray(listed) ? listed : []);
  return [...due.masked]
    .filter((each) => !names.has(each))
    .map((each) => `${each} is not listed as masked`);
}

/** Values in the answer's text that this caller may not have, wherever they stand. */
export function leaks(answer: TestAnswer, oracle: Oracle, caller: AnyCaller): string[] {
  const text = JSON.stringify([answer.body, answer.headers]);
  const present = new Set(text.match(/\b[A-Z]\w+\.\w+(?=#)/g) ?? []);
  const numbers = (JSON.stringify(answer.body).match(/\b7\d{6}\b/g) ?? []).map(
    (digits) => Math.floor(Number(digits) / 1000) * 1000,
  );
  const found: string[] = [];
  for (const type of Object.values(oracle.schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      if (!isLeafType(getNamedType(field.type))) continue;
      const coordinate = `${type.name}.${field.name}`;
      if (oracle.verdict(caller, type.name, field.name) === 'yes') continue;
      if (present.has(coordinate) || numbers.includes(numberBase(coordinate)))
        found.push(coordinate);
    }
  }
  const key = keyCoordinates.some(([type, field]) => oracle.verdict(caller, type, field) === 'yes');
  if (!key && /\bE#\d/.test(text)) found.push('a key');
  return found;
}
