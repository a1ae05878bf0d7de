/** What a service's description says about an argument or input field, besides its name. */
import type { GraphQLArgument, GraphQLInputField } from 'graphql';

type Input = GraphQLArgument | GraphQLInputField;

/** The original description, without the gateway's addition about the default. */
export const ownWordsOf = ({ description, extensions }: Input): string | null | undefined =>
  typeof extensions.ownWords === 'string' ? extensions.ownWords : description;

/** Names of a leaf's schema. Only descriptions of services set the extension. */
export const hintsOf = ({ extensions }: Input): readonly string[] =>
  ((extensions.hints ?? {}) as { names?: readonly string[] }).names ?? [];
