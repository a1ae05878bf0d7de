/**
 * Chooses the media type of the answer (GraphQL over HTTP; RFC 9110, 12.5.1). Pure.
 */
import { isUtf8, type MediaType, parseMediaType } from './media-type.ts';

const answerTypes = ['application/json', 'application/graphql-response+json'] as const;
export type AnswerType = (typeof answerTypes)[number];

interface Range {
  readonly type: MediaType;
  readonly quality: number;
  /** 2 for a named type, 1 for application/*, 0 for anything. */
  readonly precision: number;
}

/** Sent by most clients, and decided without parsing. */
const usual: ReadonlySet<string> = new Set(['application/json', '*/*']);

const qualityForm = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/;

/**
 * The response's media type: the highest quality wins, then the more precise range, then the one
 * named first, then application/json. Undefined if no supported type is acceptable.
 */
export function negotiateAnswer(accept: string | undefined): AnswerType | undefined {
  if (accept === undefined || usual.has(accept) || accept.trim() === '') return 'application/json';
  const ranges = splitList(accept)
    .map(toRange)
    .filter((range) => range !== undefined);
  let best: { type: AnswerType; range: Range } | undefined;
  for (const type of answerTypes) {
    const range = findRange(type, ranges);
    if (!range || range.quality === 0) continue;
    if (!best || isBetter(range, best.range, ranges)) best = { type, range };
  }
  return best?.type;
}

function isBetter(range: Range, than: Range, ranges: readonly Range[]): boolean {
  if (range.quality !== than.quality) return range.quality > than.quality;
  if (range.precision !== than.precision) return range.precision > than.precision;
  return ranges.indexOf(range) < ranges.indexOf(than);
}

/** The most precise range that covers the type decides, even if it excludes the type. */
function findRange(type: AnswerType, ranges: readonly Range[]): Range | undefined {
  let found: Range | undefined;
  for (const range of ranges) {
    const { essence } = range.type;
    if (essence !== type && essence !== 'application/*' && essence !== '*/*') continue;
    if (!found || range.precision > found.precision) found = range;
  }
  return found;
}

function toRange(text: string): Range | undefined {
  const type = parseMediaType(text);
  if (!type || !isUtf8(type)) return undefined;
  const weight = type.parameters.get('q') ?? '1';
  if (!qualityForm.test(weight)) return undefined;
  const precision = type.essence === '*/*' ? 0 : type.essence.endsWith('/*') ? 1 : 2;
  return { type, quality: Number(weight), precision };
}

/** Splits at commas outside quotes. */
function splitList(text: string): string[] {
  return text.match(/(?:[^",]|"(?:[^"\\]|\\.)*"?)+/g) ?? [];
}
