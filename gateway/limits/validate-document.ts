/**
 * Validates a document against the public schema, and words the errors. Messages repeat no literal:
 * an SSN in a filter must not come back in an error that is logged somewhere. They suggest no
 * names: a suggestion would reveal the schema.
 */
import { type GraphQLError, type GraphQLSchema, Kind, specifiedRules, validate } from 'graphql';
import { type PublicError, Refusal } from '../decision.ts';
import { publicFaces } from '../errors.ts';
import { exactNumbers } from './exact-numbers.ts';
import type { LineIndex, Parsed } from './parse-document.ts';

/** Most errors reported; validation stops there. */
const errorsMax = 20;
/** Most locations per error. */
const locationsMax = 20;

const rules = Object.freeze([...specifiedRules, exactNumbers]);

export function validateDocument(
  { document, lines }: Parsed,
  schema: GraphQLSchema,
): Refusal | undefined {
  const options = { maxErrors: errorsMax, hideSuggestions: true };
  const errors = validate(schema, document, rules, options);
  if (errors.length === 0) return undefined;
  return new Refusal('limits/invalid', { errors: errors.map((one) => toPublicError(one, lines)) });
}

function toPublicError(error: GraphQLError, lines: LineIndex): PublicError {
  const { code } = publicFaces['limits/invalid'];
  const aboutValue = error.nodes?.some((node) => valueKinds.has(node.kind)) === true;
  const message = aboutValue
    ? 'A value does not fit the type that is expected here.'
    : withoutNames(error.message);
  const locations = error.positions?.slice(0, locationsMax).map((position) => lines.at(position));
  return { message, ...(locations && { locations }), extensions: { code } };
}

/**
 * Removes operation names, which are free text of the caller, and suggestions, which are names of
 * the schema.
 */
const withoutNames = (message: string): string =>
  message
    .replace(/ ?Did you mean .*$/s, '')
    .replace(/operation (?:named )?"\w*"/g, (text) =>
      text.startsWith('operation named') ? 'operation of this name' : 'this operation',
    )
    .trim();

const valueKinds: ReadonlySet<string> = new Set([
  Kind.STRING,
  Kind.INT,
  Kind.FLOAT,
  Kind.BOOLEAN,
  Kind.ENUM,
  Kind.NULL,
  Kind.LIST,
  Kind.OBJECT,
  Kind.OBJECT_FIELD,
]);
