/** Last step of the walk: what a request came to, as its record and its answer say it. */
import type { CorsDecision } from '../admit/cors.ts';
import { Refusal } from '../decision.ts';
import type { RequestRecord } from '../request.ts';
import { type Answer, type MediaType, toRefusalAnswer } from '../shape/answer.ts';

/** What answers carry beside their own. */
export interface Rendering {
  readonly mediaType: MediaType;
  readonly crossOrigin: CorsDecision;
  readonly rateFields: Readonly<Record<string, string>>;
}

/** Writes into the record what is about to be answered. A refusal takes back what was delivered. */
export function renderOutcome(
  outcome: Answer | Refusal,
  record: RequestRecord,
  { mediaType, crossOrigin, rateFields }: Rendering,
): Answer {
  let answer: Answer;
  if (outcome instanceof Refusal) {
    record.refusal = outcome;
    record.delivered = [];
    record.tally = undefined;
    if (outcome.denials.length > 0) record.denials = outcome.denials;
    answer = toRefusalAnswer(outcome, mediaType, record.id);
  } else {
    answer = outcome;
  }
  record.status = answer.status;
  const bodyBytes = Buffer.byteLength(answer.body);
  record.responseBytes = bodyBytes;
  const headers: Record<string, string> = { ...answer.headers };
  for (const name in rateFields) headers[name] = rateFields[name] ?? '';
  for (const name in crossOrigin.headers) headers[name] = crossOrigin.headers[name] ?? '';
  return { status: answer.status, headers, body: answer.body, bodyBytes };
}
