/**
 * Parses a document within bounds that are checked before the work they bound: characters, brackets
 * and nesting before parsing, tokens while parsing.
 */
import { type DocumentNode, GraphQLError, parse, Source } from 'graphql';
import { type PublicError, Refusal } from '../decision.ts';
import { publicFaces } from '../errors.ts';
import type { Limits } from './limits.ts';
import { countBrackets } from './nesting.ts';

/** The nesting that the parser's stack can take. */
const nestingMax = 1_000;

/** Whitespace and comments are no tokens but must be scanned: bounded by an average per token. */
const charactersPerToken = 16;
const charactersAtLeast = 102_400;
const charactersAtMost = 1_048_576;

/** The longest document under these limits; the rest of a body is for variables. */
const charactersMax = (limits: Limits): number =>
  Math.max(charactersAtLeast, Math.min(charactersAtMost, charactersPerToken * limits.tokens));

/** Matched in full: messages of other errors may quote the caller's text. */
const tokenLimitPassed =
  /^Syntax Error: Document contains more tha[nt] \d+ tokens\. Parsing aborted\.$/;

export interface Parsed {
  readonly document: DocumentNode;
  readonly lines: LineIndex;
}

export function parseDocument(text: string, limits: Limits): Parsed | Refusal {
  const tooMany = new Refusal('limits/too-many-tokens', { detail: `At most ${limits.tokens}.` });
  if (text.length > charactersMax(limits)) return tooMany;
  const { count, deepest } = countBrackets(text, limits.tokens);
  if (count > limits.tokens || deepest > nestingMax) return tooMany;
  const source = new Source(text);
  try {
    const document = parse(source, { maxTokens: limits.tokens });
    // Each validation error would compute its locations from the start of the text, once per node:
    // quadratic in an attacker's blank lines. Without a body there is nothing to scan.
    source.body = '';
    return { document, lines: new LineIndex(text) };
  } catch (error) {
    if (error instanceof RangeError) return tooMany;
    if (!(error instanceof GraphQLError)) throw error;
    if (tokenLimitPassed.test(error.message)) return tooMany;
    return new Refusal('limits/syntax', { errors: [toSyntaxError(error)] });
  }
}

function toSyntaxError(error: GraphQLError): PublicError {
  const { code, message } = publicFaces['limits/syntax'];
  const locations = error.locations?.map(({ line, column }) => ({ line, column }));
  return { message, ...(locations && { locations }), extensions: { code } };
}

/** Lines and columns of a text, counted from 1; the text is scanned once, on first use. */
export class LineIndex {
  readonly #text: string;
  #starts: number[] | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  at(position: number): { line: number; column: number } {
    this.#starts ??= lineStarts(this.#text);
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= position) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: position - (this.#starts[low] ?? 0) + 1 };
  }
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code !== 0x0a && code !== 0x0d) continue;
    if (code === 0x0d && text.charCodeAt(index + 1) === 0x0a) index += 1;
    starts.push(index + 1);
  }
  return starts;
}
