/**
 * Formats a received document as one log line: minified, every literal shown as `_`, cut at 2,000
 * characters, without variables. The line shows which fields were requested.
 */
import { type DocumentNode, Kind, parse, print, stripIgnoredCharacters, visit } from 'graphql';

const charactersMax = 2_000;
const blank = { kind: Kind.ENUM, value: '_' } as const;

/** Never throws: an invalid document is reported as unreadable, without quoting it. */
export function documentLine(source: string): string {
  let document: DocumentNode;
  try {
    document = parse(source, { maxTokens: 20_000 });
  } catch {
    return 'unreadable document';
  }
  const withoutLiterals = visit(document, {
    IntValue: () => blank,
    FloatValue: () => blank,
    StringValue: () => blank,
    BooleanValue: () => blank,
    EnumValue: () => blank,
  });
  const line = stripIgnoredCharacters(print(withoutLiterals));
  return line.length > charactersMax ? `${line.slice(0, charactersMax)}…` : line;
}
