/**
 * Composes and reads a YAML text in parts and yields to the event loop in between, because lists at
 * the top level of a file may have tens of thousands of entries. The result, including problems and
 * their positions, equals that of doing it at once.
 */
import {
  Composer,
  type CST,
  type Document,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  type LineCounter,
  Parser,
  type YAMLSeq,
} from 'yaml';
import type { Pause } from '../time/pauses.ts';
import { toPlain, type ValueReader } from './yaml-value.ts';

const lexemesPerStep = 500;
const entriesPerStep = 100;

/** All tokens of the text. */
export async function toTokens(
  text: string,
  lineCounter: LineCounter,
  pause: Pause,
): Promise<CST.Token[]> {
  const parser = new Parser(lineCounter.addNewLine);
  lineCounter.addNewLine(0);
  const tokens: CST.Token[] = [];
  let lexemes = 0;
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme));
    lexemes += 1;
    if (lexemes % lexemesPerStep === 0) await pause();
  }
  tokens.push(...parser.end());
  await pause();
  return tokens;
}

export type Compose = (tokens: Iterable<CST.Token>) => Document.Parsed;

/**
 * The composer's own check compares each key with all before it; `toPlain` finds duplicates
 * instead.
 */
export const toComposer = (): Composer =>
  new Composer({ strict: true, stringKeys: true, uniqueKeys: false, merge: false });

/** Returns the same document as `compose` of all tokens. */
export async function composeInSteps(
  tokens: readonly CST.Token[],
  compose: Compose,
  pause: Pause,
): Promise<Document.Parsed> {
  const long = new Map<number, CST.BlockSequence>();
  const document = compose(tokens.map((token) => shortened(token, long)));
  for (const { value: list } of listsOf(document)) {
    const begin = list.range?.[0] ?? Number.NaN;
    const whole = long.get(begin);
    if (whole === undefined) continue;
    long.delete(begin);
    const last = list.items;
    list.items = [];
    const end = whole.items.length - entriesPerStep;
    for (let at = 0; at < end; at += entriesPerStep) {
      await pause();
      const items = whole.items.slice(at, Math.min(end, at + entriesPerStep));
      const { entries, errors } = composePart({ ...whole, items });
      document.errors.push(...errors);
      list.items.push(...entries);
    }
    list.items.push(...last);
  }
  // Fails closed: missing rules would protect nothing.
  if (long.size > 0 && document.errors.length === 0) throw new Error('a list without its entries');
  document.errors.sort((one, other) => one.pos[0] - other.pos[0]);
  return document;
}

function composePart(value: CST.BlockSequence) {
  const token: CST.Document = { type: 'document', offset: value.offset, start: [], value };
  const [part] = toComposer().compose([token], true);
  if (!isSeq(part?.contents)) throw new Error('a part of a list that is none');
  return { entries: part.contents.items, errors: part.errors };
}

/**
 * Cuts the long lists of a document to their last entries, so that everything after them keeps its
 * position. Puts these lists into `long` by offset.
 */
function shortened(token: CST.Token, long: Map<number, CST.BlockSequence>): CST.Token {
  if (token.type !== 'document' || token.value?.type !== 'block-map') return token;
  const items = token.value.items.map((item) => {
    const { value } = item;
    if (value?.type !== 'block-seq' || value.items.length <= entriesPerStep) return item;
    long.set(value.offset, value);
    return { ...item, value: { ...value, items: value.items.slice(-entriesPerStep) } };
  });
  return { ...token, value: { ...token.value, items } as CST.BlockMap };
}

/** Returns the same value as `toPlain` of the whole document. */
export async function toPlainInSteps(
  document: Document.Parsed,
  reader: ValueReader,
  pause: Pause,
): Promise<unknown> {
  const lists = listsOf(document).map(({ key, value }) => ({ key, value, items: value.items }));
  for (const { value } of lists) value.items = [];
  const plain = toPlain(document.contents, [], reader);
  for (const { key, value, items } of lists) {
    value.items = items;
    const list = plain !== undefined && Reflect.get(plain as object, key);
    if (!Array.isArray(list)) continue;
    // A duplicate key overwrites the list: its last value counts.
    list.length = 0;
    for (const [index, item] of items.entries()) {
      list.push(toPlain(item, [key, index], reader));
      if (index % entriesPerStep === 0) await pause();
    }
  }
  return plain;
}

/** The lists directly below the top level. */
function listsOf({ contents }: Document.Parsed): { key: string; value: YAMLSeq }[] {
  if (!isMap(contents)) return [];
  return contents.items.flatMap(({ key, value }) =>
    isScalar(key) && typeof key.value === 'string' && isSeq(value)
      ? [{ key: key.value, value }]
      : [],
  );
}
