/**
 * Whom a record is counted by, and how much of it counts. Only hashes leave this file for counting.
 */
import { toCallerName } from '../caller-name.ts';
import type { KeyedHash } from '../keyed-hash.ts';
import type { RequestRecord } from '../request.ts';
import type { Detection, DistinctKind, PerKind } from './detection.ts';
import { isDelivered, isDenied } from './match-record.ts';

/**
 * The text that a record is counted by. Undefined if part of it is missing (no client, no token, an
 * unknown country), and the record is not counted then.
 */
export function identityOf(per: readonly PerKind[], record: RequestRecord): string | undefined {
  const [first] = per;
  if (first === undefined) return '';
  if (per.length === 1) return partOf(first, record);
  const parts: string[] = [];
  for (const kind of per) {
    const part = partOf(kind, record);
    if (part === undefined) return undefined;
    parts.push(part);
  }
  return JSON.stringify(parts);
}

function partOf(kind: PerKind, record: RequestRecord): string | undefined {
  const { caller, network, country } = record;
  switch (kind) {
    case 'address':
      return network;
    case 'caller':
      return toCallerName(caller, network);
    case 'client':
      return caller?.client;
    case 'token':
      return caller?.credentialHash;
    case 'country':
      return country;
  }
}

/** How much a record counts; `values` if they must be distinct. */
export interface Amount {
  readonly amount: number;
  readonly values: readonly number[] | undefined;
}

export function amountOf(
  { counts, match, rule }: Pick<Detection, 'counts' | 'match'> & { rule: { count: number } },
  record: RequestRecord,
  hash: KeyedHash,
): Amount {
  if (counts === 'requests') return { amount: 1, values: undefined };
  if (counts === 'records') {
    let amount = 0;
    for (const one of record.delivered) {
      if (isDelivered(one, match)) amount += one.count - one.masked;
    }
    return { amount, values: undefined };
  }
  const texts =
    counts === 'subjects'
      ? subjectsOf(match, record, rule.count)
      : distinctOf(counts, match, record);
  return { amount: 0, values: texts.map((text) => toNumber(hash, text)) };
}

function distinctOf(
  kind: Exclude<DistinctKind, 'subjects'>,
  match: Detection['match'],
  { denials, network, country, caller }: RequestRecord,
): readonly string[] {
  switch (kind) {
    case 'coordinates':
      return denials.filter((one) => isDenied(one, match)).map(({ coordinate }) => coordinate);
    case 'addresses':
      return network === '' ? [] : [network];
    case 'callers':
      return [toCallerName(caller, network)];
    case 'countries':
      return country === undefined ? [] : [country];
  }
}

/**
 * The subjects whose unmasked values were sent; values without a subject do not count. Only the
 * last `subjectsMax` are returned: more would not change the count, and those of a long answer would
 * all be hashed before it starts.
 */
function subjectsOf(
  match: Detection['match'],
  { tally, classified }: RequestRecord,
  subjectsMax: number,
): readonly string[] {
  if (tally === undefined) return [];
  const isAsked = classified.map(
    ({ coordinate, classes, mask }) =>
      mask === undefined && isDelivered({ coordinate, classes, count: 1, masked: 0 }, match),
  );
  const found = new Set<string>();
  let last: (typeof tally.subjects)[number];
  for (let at = tally.slots.length - 1; at >= 0 && found.size < subjectsMax; at -= 1) {
    const subject = tally.subjects[at];
    // Values of one object follow one another.
    if (subject === undefined || subject === last || isAsked[tally.slots[at] ?? -1] !== true)
      continue;
    last = subject;
    found.add(`${subject.type}\0${subject.id}`);
  }
  return [...found].reverse();
}

/** 53 bits of the hash. */
function toNumber(hash: KeyedHash, text: string): number {
  hash.update(text);
  return (hash.high & 0x1f_ffff) * 2 ** 32 + hash.low;
}

export function toKey(hash: KeyedHash, text: string): string {
  hash.update(text);
  return hash.high.toString(36) + hash.low.toString(36).padStart(7, '0');
}
