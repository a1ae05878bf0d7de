/** The last step of the walk: renders the outcome of a request to its record and its answer. */
import type { CorsDecision } from '../admit/cors.ts';
import { Refusal } from '../decision.ts';
import type { RequestRecord } from '../request.ts';
import { type Answer, type MediaType, toRefusalAnswer } from '../shape/answer.ts';
import { encode } from '../shape/utf8.ts';

/** What every answer carries besides its own headers. */
export interface Rendering {
  readonly mediaType: MediaType;
  readonly crossOrigin: CorsDecision;
  readonly rateFields: Readonly<Record<string, string>>;
}

/**
 * Renders the outcome and notes it in the record. For a refusal, the delivered values are removed.
 */
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
  const { status, body } = answer;
  const { bodyBytes, utf8 } = encode(body);
  record.status = status;
  record.responseBytes = bodyBytes;
  const headers: Record<string, string> = { ...answer.headers };
  for (const name in rateFields) headers[name] = rateFields[name] ?? '';
  for (const name in crossOrigin.headers) headers[name] = crossOrigin.headers[name] ?? '';
  return { status, headers, body, bodyBytes, utf8 };
}
