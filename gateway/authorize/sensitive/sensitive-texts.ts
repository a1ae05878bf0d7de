/**
 * Judges a field's contents by its description. Descriptions mention much that is not in the field
 * ("whether a password is set"), so only the beginning of the first sentence counts, and only
 * unambiguous terms.
 */
import { type NameVerdict, termsIn } from '../sensitive-names.ts';
import { wordsOfText } from './sensitive-words.ts';

const textMax = 300;

const setOf = (words: string): ReadonlySet<string> =>
  new Set(words.split(' ').flatMap((word) => wordsOfText(word)));

/** Words after which a text no longer says what the field is. */
const ends = setOf(
  'of for from in on at to by with that which who whose used whether if indicates indicating true false when where before after is are was does do not and as per about related than unless until since via',
);

/** "Number of the passport" means the same as "the passport". */
const carriers =
  /^(?:(?:the|a|an|last|first|four|4|digits?|full|plain|encrypted|masked|hashed|unique)\s+)*(?:numbers?|no\.?|values?|digits?|characters|text|codes?|hash|copy|amount)\s+of\s+/i;

/** Undefined if it mentions nothing sensitive, or only something related to it. */
export function judgeText(text: string | null | undefined): NameVerdict | undefined {
  if (!text) return undefined;
  const [sentence = ''] = text
    .slice(0, textMax)
    .trim()
    .split(/[.!?;:\n](?:\s|$)/, 1);
  const words = wordsOfText(sentence.replace(carriers, ''));
  const [found] = termsIn(words).filter(({ confidence }) => confidence === 'high');
  if (found === undefined) return undefined;
  const end = words.findIndex((word) => ends.has(word));
  // `date of birth` contains such a word itself.
  if (end !== -1 && end < found.from) return undefined;
  const next = words[found.to];
  if (next !== undefined && things.has(next)) return undefined;
  return { class: found.class, confidence: 'medium', term: found.term };
}

/** The word after a term says what it is: "password rules", "salary currency". */
const things = setOf(
  'rule rules policy settings currency type kind status id identifier count length format name url link field column report manager provider team requirement requirements reset expiry expiration frequency period template page history event',
);
