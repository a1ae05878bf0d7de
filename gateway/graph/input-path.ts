/**
 * Checks at start the paths inside arguments that policies name, such as `filter.email`. A misspelt
 * step would be absent from every request.
 */
import { type GraphQLInputType, getNullableType, isInputObjectType, isListType } from 'graphql';
import { didYouMean } from '../files/nearest.ts';

/**
 * Why a path cannot be read inside an argument; undefined if it can. `argument` is the argument's
 * coordinate, for the message.
 */
export function complaintOfPath(
  argument: string,
  type: GraphQLInputType,
  steps: readonly string[],
): string | undefined {
  let at = type;
  for (const step of steps) {
    const inner: GraphQLInputType = getNullableType(at);
    if (isListType(inner)) return `${argument} holds a list before "${step}"`;
    // The contents of a scalar are unknown before a request.
    if (!isInputObjectType(inner)) return undefined;
    const next = inner.getFields()[step];
    if (next === undefined) {
      return `${inner.name} has no field "${step}"${didYouMean(step, Object.keys(inner.getFields()))}`;
    }
    at = next.type;
  }
  return undefined;
}
