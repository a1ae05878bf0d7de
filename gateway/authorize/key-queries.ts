/**
 * Finds queries that take the key of something other than what they return, such as
 * `transactions(accountId:)`, while rules with `types` require something of objects. The object
 * whose key it is appears nowhere in the answer, so nothing is required of it. For `check`: it may
 * be meant.
 */
import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isListType,
  isRequiredArgument,
} from 'graphql';
import { isFieldOwner } from '../graph/output-fields.ts';
import { wrappersMax, wrapping } from './filters/guarded-fields.ts';
import { keyNames, keyTypes } from './key-inputs.ts';
import type { CoordinatePolicy, Policy } from './policy.ts';

/** Coordinates of arguments, `Query.transactions(accountId:)`, of queries that callers may have. */
export function findKeyQueries(schema: GraphQLSchema, policy: Policy): readonly string[] {
  if (policy.objects.size === 0) return [];
  const about = { schema, policy };
  const query = schema.getQueryType();
  return Object.values(query?.getFields() ?? {}).flatMap((field) => {
    const coordinate = `${query?.name}.${field.name}`;
    const own = policy.fields.get(coordinate);
    if (own === undefined || !isOpenToAll(own, policy) || isJudged(field.type, about)) return [];
    const pins = policy.pins.get(coordinate) ?? [];
    return field.args
      .filter(
        (one) => isOtherKey(one, field) && !pins.some((pin) => pin.argument.name === one.name),
      )
      .map(({ name }) => `${coordinate}(${name}:)`)
      .filter((one) => policy.inputs.get(one)?.isImplied ?? !policy.inputs.has(one));
  });
}

interface About {
  readonly schema: GraphQLSchema;
  readonly policy: Policy;
}

/** Whether some caller has it with any arguments. */
function isOpenToAll({ forbid, grants, requires }: CoordinatePolicy, { perUse }: Policy): boolean {
  const looks = ({ condition }: { readonly condition: number }) =>
    perUse.get(condition)?.asksForArguments === true;
  return forbid === undefined && grants.some((one) => !looks(one)) && !requires.some(looks);
}

/** Whether rules require something of the objects that a field returns, also inside a page. */
function isJudged(type: GraphQLOutputType, about: About, wrappers = wrappersMax): boolean {
  const { policy, schema } = about;
  const named = getNamedType(type);
  if (!isCompositeType(named)) return false;
  const types = isAbstractType(named) ? schema.getPossibleTypes(named) : [named];
  if (types.some(({ name }) => policy.objects.has(name))) return true;
  return (
    wrappers > 0 &&
    types
      .flatMap((one) => Object.values(one.getFields()))
      .some(
        (field) =>
          wrapping.has(field.name.toLowerCase()) && isJudged(field.type, about, wrappers - 1),
      )
  );
}

/** A required key, unless it is that of the one object that is returned. */
function isOtherKey(argument: GraphQLArgument, { type }: GraphQLField<unknown, unknown>): boolean {
  const { name } = argument;
  if (!isRequiredArgument(argument)) return false;
  if (!keyTypes.test(getNamedType(argument.type).name) && !keyNames.test(name)) return false;
  const returned = getNamedType(type);
  const isOne = !isListType(getNullableType(type)) && isFieldOwner(returned);
  return !(isOne && Object.hasOwn(returned.getFields(), name));
}
