/**
 * The object that a write affects, as a rule names it: `Query.employee(id: args.id)`, a field of
 * the query type with arguments taken from the mutation's. It is read before the write.
 */

export interface ObjectRead {
  /** Normalised spacing, so that equal texts are one read. */
  readonly text: string;
  /** A field of the query type. */
  readonly field: string;
  readonly given: readonly GivenToRead[];
}

export interface GivenToRead {
  readonly argument: string;
  /** The path below the mutation's arguments. */
  readonly path: readonly string[];
}

/** `new`: the write creates the object, so there is none before. */
export type WrittenObject = ObjectRead | 'new';

const name = '[_A-Za-z]\\w*';
const argument = `\\s*${name}\\s*:\\s*args(?:\\.${name})+\\s*`;

/** The form that a file may write. */
export const writtenObjectPattern = new RegExp(
  `^(?:new|Query\\.${name}\\(${argument}(?:,${argument})*\\))$`,
);

/** Parses a text that matches `writtenObjectPattern`. */
export function readWrittenObject(text: string): WrittenObject {
  if (text === 'new') return text;
  const [, field = '', inside = ''] = /^Query\.(\w+)\((.*)\)$/s.exec(text) ?? [];
  const given = inside.split(',').map((one): GivenToRead => {
    const [argument = '', value = ''] = one.split(':').map((part) => part.trim());
    return { argument, path: value.split('.').slice(1) };
  });
  const said = given.map(({ argument, path }) => `${argument}: args.${path.join('.')}`);
  return { text: `Query.${field}(${said.join(', ')})`, field, given };
}
