/**
 * Judges a field's contents by its name: the class proposed for it and how certain that is. A
 * proposal, never a decision: `scan` and `check` report fields without a class, `init` puts them
 * under a scope of their own. Names without meaning (`value`, `data`) are not recognised here.
 */
import {
  about,
  type Confidence,
  flags,
  nearly,
  otherTrades,
  terms,
} from './sensitive/sensitive-terms.ts';
import { partsOf, wordsOfName } from './sensitive/sensitive-words.ts';

export type { Confidence } from './sensitive/sensitive-terms.ts';

export interface NameVerdict {
  readonly class: string;
  readonly confidence: Confidence;
  /** The term found in the name, as terms are listed. */
  readonly term: string;
}

interface Term extends NameVerdict {
  readonly otherTrades: ReadonlySet<string> | undefined;
}

export interface Match extends NameVerdict {
  /** Index of its first word, and of the word after it. */
  readonly from: number;
  readonly to: number;
}

/** Words in the longest term. */
const wordsMax = 5;
/**
 * Shorter terms must be words of their own or spelled by letters: `isNotPinned` contains no `tin`.
 */
const shortMax = 4;

const listOf = (text: string): readonly string[] => text.split(', ');
const joined = (text: string): string => wordsOfName(text).join('');
const setOf = (text: string): ReadonlySet<string> => new Set(listOf(text).map(joined));

const aboutWords = setOf(about);
const nearlyWords = setOf(nearly);
const flagWords = setOf(flags);
const trades = new Map(
  Object.entries(otherTrades).map(([term, words]) => [joined(term), setOf(words)] as const),
);
const byText: ReadonlyMap<string, Term> = new Map(
  terms.flatMap(({ of, ...term }) =>
    listOf(of).map((text) => {
      const key = joined(text);
      return [key, { ...term, term: text, otherTrades: trades.get(key) }] as const;
    }),
  ),
);

const levels: readonly Confidence[] = ['low', 'medium', 'high'];
export const atLeast = (one: Confidence, least: Confidence): boolean =>
  levels.indexOf(one) >= levels.indexOf(least);
export const raised = (one: Confidence): Confidence => levels[levels.indexOf(one) + 1] ?? 'high';
const lowered = (one: Confidence): Confidence | undefined => levels[levels.indexOf(one) - 1];

/**
 * Undefined if the name suggests nothing sensitive. Of several matches the most certain, then the
 * last.
 */
export function judgeName(name: string): NameVerdict | undefined {
  const words = wordsOfName(name);
  let best: Match | undefined;
  for (const match of termsIn(words)) {
    const judged = inContext(match, words);
    if (judged !== undefined && atLeast(judged.confidence, best?.confidence ?? 'low'))
      best = judged;
  }
  if (best === undefined) return undefined;
  const { class: ofClass, confidence, term } = best;
  return { class: ofClass, confidence, term };
}

/** The class that a name suggests, however certain; undefined if it suggests none. */
export const proposeClass = (name: string): string | undefined => judgeName(name)?.class;

/** The terms in a sequence of words, the longest at each position. */
export function termsIn(words: readonly string[]): readonly Match[] {
  const found: Match[] = [];
  for (let from = 0; from < words.length; ) {
    const match = termAt(words, from);
    if (match !== undefined) found.push(match);
    from = match?.to ?? from + 1;
  }
  return found;
}

function termAt(words: readonly string[], from: number): Match | undefined {
  for (let count = Math.min(wordsMax, words.length - from); count > 0; count -= 1) {
    const part = words.slice(from, from + count);
    const found = count === 1 ? termOfWord(part[0] ?? '') : termOfWords(part);
    if (found !== undefined) {
      const { class: ofClass, confidence, term } = found;
      return { class: ofClass, confidence, term, from, to: from + count };
    }
  }
  return undefined;
}

function termOfWord(word: string): Term | undefined {
  for (const part of partsOf(word)) {
    const term = byText.get(part);
    if (term !== undefined && (part === word || term.confidence !== 'low')) return term;
  }
  return undefined;
}

function termOfWords(words: readonly string[]): Term | undefined {
  const text = words.join('');
  if (text.length <= shortMax && words.some((word) => word.length > 1)) return undefined;
  return byText.get(text);
}

function inContext(match: Match, words: readonly string[]): Match | undefined {
  const before = words.slice(0, match.from);
  const after = words.slice(match.to);
  const trades = byText.get(joined(match.term))?.otherTrades;
  if (before.some((word) => trades?.has(word))) return undefined;
  if (after.some((word) => aboutWords.has(word))) return undefined;
  const isOfPerson = match.class === 'health' || match.class === 'personal';
  const isAside =
    before.some((word) => flagWords.has(word)) || after.some((word) => nearlyWords.has(word));
  if (!isAside) return match;
  const confidence = isOfPerson ? lowered(match.confidence) : undefined;
  return confidence && { ...match, confidence };
}
