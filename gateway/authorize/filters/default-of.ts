/**
 * The value of an argument or input field that is left out: the schema's default or the service's.
 */
import type { GraphQLArgument, GraphQLInputField } from 'graphql';

type Input = GraphQLArgument | GraphQLInputField;

/**
 * In names and values of the default's owner, the schema or the service; undefined if there is
 * none.
 */
export const defaultOf = (input: Input): unknown =>
  isOfService(input) ? input.extensions.serviceDefault : input.defaultValue;

/** Only descriptions of services set the extension. */
export const isOfService = ({ defaultValue, extensions }: Input): boolean =>
  defaultValue === undefined && extensions.serviceDefault !== undefined;
