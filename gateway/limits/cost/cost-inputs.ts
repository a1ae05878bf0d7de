/**
 * Compiles weights on arguments and input fields: what the given values add to a field's cost.
 * Undefined for most fields, because few schemas set such weights.
 */
import {
  type ArgumentNode,
  type GraphQLField,
  type GraphQLInputType,
  getNullableType,
  isInputObjectType,
  isListType,
  type ValueNode,
  valueFromAST,
} from 'graphql';
import type { VariableValues } from '../list-size.ts';
import type { CostWeights } from './cost-weights.ts';

export function inputCostOf(
  { weights }: CostWeights,
  coordinate: string,
  field: GraphQLField<unknown, unknown>,
  given: readonly ArgumentNode[],
): ((variables: VariableValues) => number) | undefined {
  const terms = field.args.flatMap(({ name, type }) => {
    const written = given.find((one) => one.name.value === name)?.value;
    const own = weights.get(`${coordinate}(${name}:)`) ?? 0;
    if (written === undefined || (own === 0 && !isWeighted(weights, type, new Set()))) return [];
    return [{ own, type, written }];
  });
  if (terms.length === 0) return undefined;
  return (variables) => {
    let cost = 0;
    for (const { own, type, written } of terms) {
      const value = toValue(written, type, variables);
      if (value !== undefined) cost += own + insideOf(weights, type, value);
    }
    return cost;
  };
}

/** Undefined for a variable without a value and without a default. */
function toValue(written: ValueNode, type: GraphQLInputType, variables: VariableValues): unknown {
  return valueFromAST(written, type, { ...variables });
}

function insideOf(
  weights: ReadonlyMap<string, number>,
  type: GraphQLInputType,
  value: unknown,
): number {
  const inner = getNullableType(type);
  if (isListType(inner)) {
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    return values.reduce<number>((sum, one) => sum + insideOf(weights, inner.ofType, one), 0);
  }
  const own = 'name' in inner ? (weights.get(inner.name) ?? 0) : 0;
  if (!isInputObjectType(inner) || typeof value !== 'object' || value === null) return own;
  return Object.values(inner.getFields()).reduce((sum, { name, type: fieldType }) => {
    if (!Object.hasOwn(value, name)) return sum;
    const weight = weights.get(`${inner.name}.${name}`) ?? 0;
    return sum + weight + insideOf(weights, fieldType, Reflect.get(value, name));
  }, own);
}

function isWeighted(
  weights: ReadonlyMap<string, number>,
  type: GraphQLInputType,
  seen: Set<string>,
): boolean {
  const inner = getNullableType(type);
  if (isListType(inner)) return isWeighted(weights, inner.ofType, seen);
  if (weights.has(inner.name)) return true;
  if (!isInputObjectType(inner) || seen.has(inner.name)) return false;
  seen.add(inner.name);
  return Object.values(inner.getFields()).some(
    (field) => weights.has(`${inner.name}.${field.name}`) || isWeighted(weights, field.type, seen),
  );
}
