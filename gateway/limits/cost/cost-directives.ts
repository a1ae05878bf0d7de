/**
 * Reads @cost and @listSize from an upstream's SDL (IBM GraphQL Cost Directives). The schema must
 * carry its syntax tree: one built from introspection, or printed without directives, has no
 * weights.
 */
import {
  type ConstDirectiveNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  valueFromASTUntyped,
} from 'graphql';
import type { ListSize } from './cost-policy.ts';

export interface DirectiveWeights {
  readonly weights: Map<string, number>;
  readonly listSizes: Map<string, ListSize>;
}

/** Throws Error naming the coordinate of an invalid directive. */
export function readCostDirectives(schema: GraphQLSchema): DirectiveWeights {
  const found: DirectiveWeights = { weights: new Map(), listSizes: new Map() };
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__')) continue;
    readWeight(type.name, type, found);
    if (isObjectType(type) || isInterfaceType(type)) readFields(type, found);
    else if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) {
        readWeight(`${type.name}.${field.name}`, field, found);
      }
    }
  }
  return found;
}

function readFields(
  type: GraphQLNamedType & { getFields: () => Record<string, FieldLike> },
  found: DirectiveWeights,
): void {
  for (const field of Object.values(type.getFields())) {
    const coordinate = `${type.name}.${field.name}`;
    readWeight(coordinate, field, found);
    for (const argument of field.args) {
      readWeight(`${coordinate}(${argument.name}:)`, argument, found);
    }
    const given = argumentsOf(field, 'listSize');
    if (given !== undefined) found.listSizes.set(coordinate, toListSize(coordinate, given));
  }
}

interface Annotated {
  readonly astNode?: { readonly directives?: readonly ConstDirectiveNode[] } | null | undefined;
  readonly extensionASTNodes?:
    | readonly { readonly directives?: readonly ConstDirectiveNode[] }[]
    | undefined;
}

interface FieldLike extends Annotated {
  readonly name: string;
  readonly args: readonly (Annotated & { readonly name: string })[];
}

function argumentsOf(owner: Annotated, name: string): ReadonlyMap<string, unknown> | undefined {
  const nodes = [owner.astNode, ...(owner.extensionASTNodes ?? [])];
  const directive = nodes
    .flatMap((node) => node?.directives ?? [])
    .find((one) => one.name.value === name);
  if (directive === undefined) return undefined;
  const given = directive.arguments ?? [];
  return new Map(given.map((one) => [one.name.value, valueFromASTUntyped(one.value)]));
}

/** The specification writes weights as text ("2.0"); some implementations use a number. */
function readWeight(coordinate: string, owner: Annotated, found: DirectiveWeights): void {
  const given = argumentsOf(owner, 'cost');
  if (given === undefined) return;
  const written = given.get('weight');
  const weight = typeof written === 'string' && written.trim() !== '' ? Number(written) : written;
  if (typeof weight !== 'number' || !Number.isFinite(weight)) {
    throw new Error(`${coordinate}: the weight of @cost is not a number`);
  }
  found.weights.set(coordinate, weight);
}

function toListSize(coordinate: string, given: ReadonlyMap<string, unknown>): ListSize {
  const assumed = given.get('assumedSize') ?? undefined;
  if (assumed !== undefined && (!Number.isSafeInteger(assumed) || Number(assumed) < 0)) {
    throw new Error(`${coordinate}: the assumedSize of @listSize is not a size`);
  }
  return {
    arguments: names(given.get('slicingArguments')),
    sizedFields: names(given.get('sizedFields')),
    assumed: assumed === undefined ? undefined : Number(assumed),
  };
}

function names(value: unknown): readonly string[] | undefined {
  const list = (Array.isArray(value) ? value : [value]).filter((one) => typeof one === 'string');
  return list.length === 0 ? undefined : list;
}
