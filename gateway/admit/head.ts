/**
 * Decides from a request's head whether its body may be read: the wire part of step `admit` of the
 * walk. Pure; fails closed. Runs before anything is read or verified.
 *
 * CSRF: a POST must be application/json, which no foreign page can send without a preflight. A GET
 * needs no such check: it only reads, and the gateway accepts no ambient credential (no cookies),
 * so a navigation or an image of a foreign site arrives as an anonymous caller.
 */
import { Refusal } from '../decision.ts';
import { type AnswerType, negotiateAnswer } from './accept.ts';
import { parseGetRequest } from './get-request.ts';
import type { GraphqlRequest } from './graphql-request.ts';
import { isUtf8, parseMediaType } from './media-type.ts';
import type { IsOwnHost } from './own-host.ts';
import { rawHeader } from './raw-header.ts';

export interface Head {
  readonly method: string;
  /** Path as received, without the query. */
  readonly path: string;
  /** Query as received, with or without its `?`. */
  readonly search: string;
  /** Headers as received: name, value, name, value. */
  readonly headers: { readonly raw: readonly string[] };
}

export interface HeadRules {
  readonly expectedPath: string;
  /** Absent: any host is accepted. */
  readonly isOwnHost?: IsOwnHost | undefined;
  readonly bodyBytesMax: number;
}

/** `answerType` applies to refusals too. */
export type HeadDecision =
  | { kind: 'refused'; answerType: AnswerType; refusal: Refusal }
  | { kind: 'get'; answerType: AnswerType; request: GraphqlRequest }
  | { kind: 'post'; answerType: AnswerType };

/** A GET with its GraphQL request, a POST whose body may be read, or a refusal. */
export function admitHead(head: Head, rules: HeadRules): HeadDecision {
  const fields = readFields(head.headers.raw);
  const accepted = negotiateAnswer(fields.accept?.join(', '));
  const answerType = accepted ?? 'application/json';
  const refuse = (refusal: Refusal): HeadDecision => ({ kind: 'refused', answerType, refusal });
  if (rules.isOwnHost?.(rawHeader(head.headers.raw, 'host')) === false) {
    return refuse(new Refusal('admit/host'));
  }
  if (head.path !== rules.expectedPath) return refuse(new Refusal('admit/path'));
  if (head.method !== 'GET' && head.method !== 'POST') return refuse(new Refusal('admit/method'));
  if (!accepted) return refuse(new Refusal('admit/not-acceptable'));
  const refusal = refuseFraming(head, fields, rules.bodyBytesMax);
  if (refusal) return refuse(refusal);
  if (head.method === 'POST') {
    const unfit = refuseContent(fields);
    return unfit ? refuse(unfit) : { kind: 'post', answerType };
  }
  const request = parseGetRequest(head.search);
  return request instanceof Refusal ? refuse(request) : { kind: 'get', answerType, request };
}

/** All values of each header used here: parsed headers hide that one was repeated. */
type Fields = Partial<Record<(typeof fieldNames)[number], string[]>>;

const fieldNames = [
  'accept',
  'content-encoding',
  'content-length',
  'content-type',
  'transfer-encoding',
] as const;
/** Only names with one of these lengths are compared; most headers have another. */
const namesByLength = new Map(
  fieldNames.map(({ length }) => [length, fieldNames.filter((one) => one.length === length)]),
);

function readFields(raw: readonly string[]): Fields {
  const fields: Fields = {};
  for (let index = 0; index < raw.length; index += 2) {
    const written = raw[index] ?? '';
    const names = namesByLength.get(written.length);
    if (names === undefined) continue;
    const name = written.toLowerCase();
    for (const one of names) {
      if (one !== name) continue;
      fields[one] ??= [];
      fields[one].push(raw[index + 1] ?? '');
    }
  }
  return fields;
}

const none: readonly string[] = [];

function refuseFraming(head: Head, fields: Fields, bodyBytesMax: number): Refusal | undefined {
  const lengths = fields['content-length'] ?? none;
  if (lengths.length > 1 || lengths.some((length) => !/^\d+$/.test(length))) {
    return new Refusal('admit/body-malformed', { detail: 'Its content-length is no number.' });
  }
  const codings = fields['transfer-encoding'] ?? none;
  // Codings are not decoded here, but a filter in front may do so, and read another body.
  if (codings.length > 1 || codings.some((coding) => coding.toLowerCase() !== 'chunked')) {
    return new Refusal('admit/body-malformed', { detail: 'Its transfer-encoding is not chunked.' });
  }
  const bytes = Number(lengths[0] ?? '0');
  if (head.method === 'POST') {
    return bytes > bodyBytesMax ? new Refusal('admit/body-too-large') : undefined;
  }
  if (head.search.length > bodyBytesMax) return new Refusal('admit/body-too-large');
  // A body that one party reads and another does not enables request smuggling.
  const hasBody = bytes > 0 || codings.length > 0;
  return hasBody
    ? new Refusal('admit/body-malformed', { detail: 'A GET has no body.' })
    : undefined;
}

function refuseContent(fields: Fields): Refusal | undefined {
  const [text, ...others] = fields['content-type'] ?? none;
  if (others.length > 0 || !isJson(text)) return new Refusal('admit/content-type');
  // Refused rather than decompressed: a few bytes could expand to a large body.
  const encodings = fields['content-encoding'] ?? none;
  const plain = encodings.every((encoding) => encoding.toLowerCase() === 'identity');
  return plain ? undefined : new Refusal('admit/content-encoding');
}

function isJson(text: string | undefined): boolean {
  // The usual form, decided without parsing.
  if (text === 'application/json') return true;
  const type = text === undefined ? undefined : parseMediaType(text);
  return type?.essence === 'application/json' && isUtf8(type);
}
