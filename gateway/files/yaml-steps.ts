/**
 * Composes and reads a YAML text a part at a time, so that others have their turns meanwhile: lists that
 * stand right below the top of a file may have ten thousands of entries. What comes out, problems and
 * their places included, is what comes out at once.
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

/** All that the text holds, whatever it is. */
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

/** It compares each key with all before it: `toPlain` finds those that stand twice. */
export const toComposer = (): Composer =>
  new Composer({ strict: true, stringKeys: true, uniqueKeys: false, merge: false });

/** As `compose` does of all at once. */
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
  // Rules that are not there protect nothing.
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
 * A document whose long lists have their last entries alone: what comes after them stands where it stood.
 * `long` gets these lists by where they begin.
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

/** As `toPlain` does of all at once. */
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
    // Of a key that stands twice, the last is its value.
    list.length = 0;
    for (const [index, item] of items.entries()) {
      list.push(toPlain(item, [key, index], reader));
      if (index % entriesPerStep === 0) await pause();
    }
  }
  return plain;
}

/** The lists right below the top. */
function listsOf({ contents }: Document.Parsed): { key: string; value: YAMLSeq }[] {
  if (!isMap(contents)) return [];
  return contents.items.flatMap(({ key, value }) =>
    isScalar(key) && typeof key.value === 'string' && isSeq(value)
      ? [{ key: key.value, value }]
      : [],
  );
}
