/** What an argument or input field is where it is left out: by the schema, or by the service behind it. */
import type { GraphQLArgument, GraphQLInputField } from 'graphql';

type Input = GraphQLArgument | GraphQLInputField;

/** In names and values of the schema's own default or the service's; undefined where there is none. */
export const defaultOf = (input: Input): unknown =>
  isOfService(input) ? input.extensions.serviceDefault : input.defaultValue;

/** Only descriptions of services write the key. */
export const isOfService = ({ defaultValue, extensions }: Input): boolean =>
  defaultValue === undefined && extensions.serviceDefault !== undefined;
