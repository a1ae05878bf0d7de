/**
 * Projects a granted field: the key under which it is fetched, and what its values go through
 * before they are answered. Pure.
 */
import {
  type FieldNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isLeafType,
  isObjectType,
  isScalarType,
} from 'graphql';
import { splitCoordinate } from '../../graph/coordinate.ts';
import type { ProjectedValue } from '../../plan/plan.ts';
import type { Verdict } from '../decide.ts';
import type { HashOf } from '../mask-hash.ts';
import type { Policy } from '../policy.ts';

export interface PlanValueContext {
  /** The schema that callers see. */
  readonly schema: GraphQLSchema;
  /** The schema that the engines run, with what the public schema hides. */
  readonly executable: GraphQLSchema;
  /** Field types as the upstreams declare them, by coordinate. */
  readonly upstreamTypes: ReadonlyMap<string, string>;
  readonly policy: Policy;
  /** Keyed hash of a coordinate's values, for the mask `hash`. */
  readonly hashOf: HashOf;
}

/** Allowed or masked. */
export type CertainField = Verdict & { readonly kind: 'allow' | 'mask' };

export interface GrantedValue {
  readonly definition: GraphQLField<unknown, unknown>;
  readonly coordinate: string;
  /** The caller's result key. */
  readonly key: string;
  readonly node: FieldNode;
  /** Index among several types that can occur there; undefined if only one can. */
  readonly index: number | undefined;
  readonly verdict: CertainField;
}

export function toProjectedValue(
  context: PlanValueContext,
  granted: GrantedValue,
  { classified, selection }: Pick<ProjectedValue, 'classified' | 'selection'>,
): ProjectedValue {
  const { definition, coordinate, key, node, verdict } = granted;
  const named = getNamedType(definition.type);
  const mask = verdict.kind === 'mask' ? verdict.mask : undefined;
  return {
    kind: 'value',
    key,
    rawKey: toRawKey(context, granted, named),
    coordinate,
    node,
    type: definition.type,
    mask,
    hash: mask === 'hash' ? context.hashOf(coordinate) : undefined,
    members: membersOf(context, named),
    scalarsOnly: isScalarType(named) && context.policy.fields.get(coordinate)?.broadOnly === true,
    classified,
    selection,
  };
}

/** Values that may be answered; undefined unless the caller's view of the enum lacks some. */
function membersOf(
  { executable }: PlanValueContext,
  named: GraphQLNamedType,
): ReadonlySet<string> | undefined {
  if (!isEnumType(named)) return undefined;
  const whole = executable.getType(named.name);
  const seen = named.getValues();
  if (isEnumType(whole) && whole.getValues().length === seen.length) return undefined;
  return new Set(seen.map((value) => value.name));
}

/** The reference engine's libraries would await an object with this field as a promise. */
const nameOfPromises = 'then';

/**
 * The field name if it equals the caller's key, otherwise a prefixed key. Fields of different
 * implementations that an upstream may be unable to merge get separate keys.
 */
function toRawKey(
  context: PlanValueContext,
  { key, definition: { name }, coordinate, index }: GrantedValue,
  named: GraphQLNamedType,
): string {
  const apart = index !== undefined && !(isLeafType(named) && isAsValidated(context, coordinate));
  if (apart) return `fg${index}_${key}`;
  return key === name && name !== nameOfPromises ? name : `fg_${key}`;
}

/**
 * Whether the caller's document was validated with the upstream's type of the field, whether it
 * selects the field on the object type or on an interface, whose type may be wider.
 */
function isAsValidated({ upstreamTypes, schema }: PlanValueContext, coordinate: string): boolean {
  const [typeName, name] = splitCoordinate(coordinate);
  const type = schema.getType(typeName);
  if (!isObjectType(type)) return true;
  const own = upstreamTypes.get(coordinate);
  return [type, ...type.getInterfaces()].every((owner) => {
    const field = owner.getFields()[name];
    return field === undefined || String(field.type) === own;
  });
}
