/**
 * Finds input fields of mutations that only a `*` opens for writing, while the output field of that
 * name and type has a class: `CustomerPatch: ["*"]` opens the SSN to everybody who may change a
 * name. For `check`: it may be meant.
 */
import { type GraphQLSchema, getNamedType, isInputObjectType, isObjectType } from 'graphql';
import { ownerOf, splitCoordinate } from '../graph/coordinate.ts';
import type { AccessRule } from './access/access-file.ts';
import type { Policy } from './policy.ts';

export interface WideWrite {
  /** `CustomerPatch.ssn` */
  readonly coordinate: string;
  /** `Customer.ssn` */
  readonly means: string;
  /** The first rule that opens it. */
  readonly rule: AccessRule;
}

/** An input type belongs to the object type whose name it contains. */
export function findWideWrites(schema: GraphQLSchema, policy: Policy): readonly WideWrite[] {
  const guarded = Map.groupBy(
    [...policy.fields.values()].filter(({ classes }) => classes.length > 0),
    ({ coordinate }) => splitCoordinate(coordinate)[1],
  );
  return [...policy.inputs.values()].flatMap(
    ({ coordinate, broadOnly, forbid, grants, classes }) => {
      const [typeName, name] = splitCoordinate(coordinate);
      const [first] = grants;
      const isWide = broadOnly && forbid === undefined && policy.writable.has(typeName);
      if (!isWide || first === undefined) return [];
      const twin = guarded.get(name)?.find((one) => {
        const owner = ownerOf(one.coordinate);
        const isOther = one.classes.some((label) => !classes.includes(label));
        return isOther && typeName.includes(owner) && isOfOneType(schema, [typeName, owner], name);
      });
      return twin === undefined ? [] : [{ coordinate, means: twin.coordinate, rule: first.rule }];
    },
  );
}

function isOfOneType(
  schema: GraphQLSchema,
  [input, output]: readonly [string, string],
  name: string,
): boolean {
  const [written, read] = [schema.getType(input), schema.getType(output)];
  if (!isInputObjectType(written) || !isObjectType(read)) return false;
  const [one, other] = [written.getFields()[name]?.type, read.getFields()[name]?.type];
  return one !== undefined && getNamedType(one) === (other && getNamedType(other));
}
