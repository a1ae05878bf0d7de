/** What a document says of an argument or an input field, beside its name. */
import type { GraphQLArgument, GraphQLInputField } from 'graphql';

type Input = GraphQLArgument | GraphQLInputField;

/** As the document has it, without what we say of its default. */
export const ownWordsOf = ({ description, extensions }: Input): string | null | undefined =>
  typeof extensions.ownWords === 'string' ? extensions.ownWords : description;

/** What it calls the schema of a leaf. Only descriptions of services write the key. */
export const hintsOf = ({ extensions }: Input): readonly string[] =>
  ((extensions.hints ?? {}) as { names?: readonly string[] }).names ?? [];
