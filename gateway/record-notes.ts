/** What the walk writes into a request's record on its way: charges, faults and failures. */
import type { EngineError } from './engine.ts';
import type { ChargeResult } from './rates/charge-operation.ts';
import type { RequestRecord } from './request.ts';

/** Texts of one kind that a record keeps. */
const notesMax = 10;

/** A later charge adds to an earlier one. */
export function noteCharges(record: RequestRecord, { charged, local }: ChargeResult): void {
  for (const { rate, amount, remaining, limit } of charged) {
    record.charges.push({ rate, amount, remaining, near: remaining * 10 < limit });
  }
  record.localRates ||= local;
}

/** A fault of ours. */
export function noteFault(record: RequestRecord, fault: string): void {
  keepNew(record.faults, fault);
}

/** A place of the answer that stays empty. */
export function noteFailure(record: RequestRecord, { code, why }: EngineError): void {
  // What callers send must not look like an upstream that is down.
  if (code !== 'ARGUMENT_REFUSED') record.upstreamFailures += 1;
  record.failures ??= [];
  keepNew(record.failures, why);
}

/** Once, however often: rows that fail alike must not hide another failure. */
function keepNew(notes: string[], note: string): void {
  if (notes.length < notesMax && !notes.includes(note)) notes.push(note);
}
