/**
 * Removes the defaults of hidden inputs from the executable schema, in place: what a caller may not
 * write is left to the upstream instead of being written in their name. A required input keeps its
 * default, because without it the field could not be called.
 */
import {
  type GraphQLArgument,
  type GraphQLFieldMap,
  type GraphQLInputField,
  type GraphQLSchema,
  isInputObjectType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { leaveToUpstream } from '../../plan/whole-arguments.ts';

export function forgetHiddenDefaults(executable: GraphQLSchema, view: GraphQLSchema): void {
  for (const type of Object.values(executable.getTypeMap())) {
    const seen = view.getType(type.name);
    if (isInputObjectType(type)) {
      forgetUnseen(
        Object.values(type.getFields()),
        isInputObjectType(seen) ? seen.getFields() : {},
      );
    } else if (isObjectType(type)) {
      const fields = isObjectType(seen) ? seen.getFields() : {};
      for (const field of Object.values(type.getFields()))
        forgetUnseen(field.args, argsOf(fields, field.name));
    }
  }
}

function argsOf(fields: GraphQLFieldMap<unknown, unknown>, name: string): Record<string, unknown> {
  const args = Object.hasOwn(fields, name) ? (fields[name]?.args ?? []) : [];
  return Object.fromEntries(args.map((argument) => [argument.name, argument]));
}

function forgetUnseen(
  inputs: readonly (GraphQLInputField | GraphQLArgument)[],
  seen: Readonly<Record<string, unknown>>,
): void {
  for (const input of inputs) {
    if (!Object.hasOwn(seen, input.name) && !isNonNullType(input.type)) leaveToUpstream(input);
  }
}
