/**
 * The second lock of the compiled engine: whether the policy grants a caller each coordinate that
 * an executable document asks for, found anew from document and policy, without grants, plans and
 * their caches. What it does not grant goes to the reference engine, where shield refuses it in its
 * place. Fails closed: a condition that throws does not hold.
 *
 * The document is walked once per plan; a request asks a few conditions.
 */
import {
  type FieldNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  isAbstractType,
  isObjectType,
  Kind,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { type Criterion, compileCriterion } from '../conditions/criterion.ts';
import { type AuthorizedOperation, subjectName } from '../plan.ts';
import type { RequestRecord } from '../request.ts';
import type { Pin } from './compile-pins.ts';
import type { CoordinatePolicy, Policy } from './policy.ts';

/** Whether the request's caller may have all that a plan asks for. */
export type Lock = (
  record: Pick<RequestRecord, 'caller' | 'country' | 'networks' | 'startedAtMs'>,
) => boolean;

/** @param subjectIds fields that may also be read under the keys that only the record sees */
export function createPlanLock(
  schema: GraphQLSchema,
  policy: Policy,
  subjectIds: ReadonlySet<string>,
): (operation: AuthorizedOperation) => Lock {
  const criteria = policy.conditions.map(compileCriterion);
  return (operation) => {
    const clauses = new Map<string, Clauses>();
    for (const { coordinate, key, node } of coordinatesIn(schema, operation)) {
      if (subjectName.test(key) && subjectIds.has(coordinate)) continue;
      if (!isPinned(policy.pins.get(coordinate), node, operation)) return () => false;
      const found = policy.fields.get(coordinate);
      const isMasked = operation.masked.includes(coordinate);
      const clause = found === undefined ? undefined : toClauses(found, isMasked);
      if (clause === undefined) return () => false;
      clauses.set(JSON.stringify(clause), clause);
    }
    return toLock([...clauses.values()], criteria);
  };
}

/** Conditions by their index: all of the first and any of the second. */
interface Clauses {
  readonly all: readonly number[];
  readonly any: readonly number[];
}

/** Undefined where nobody has it. */
function toClauses(policy: CoordinatePolicy, isMasked: boolean): Clauses | undefined {
  if (policy.forbid !== undefined) return undefined;
  const clauses = [...policy.grants, ...(isMasked ? policy.masks : [])];
  if (clauses.length === 0) return undefined;
  const indexes = (list: readonly { condition: number }[]): number[] =>
    [...new Set(list.map(({ condition }) => condition))].sort((one, other) => one - other);
  return { all: indexes(policy.requires), any: indexes(clauses) };
}

function toLock(clauses: readonly Clauses[], criteria: readonly Criterion[]): Lock {
  return ({ caller, country, networks, startedAtMs: nowMs }) => {
    if (caller === undefined) return false;
    const situation = { country, networks, nowMs };
    const holds = (index: number): boolean => criteria[index]?.(caller, situation) === true;
    try {
      return clauses.every(({ all, any }) => all.every(holds) && any.some(holds));
    } catch {
      // What cannot be evaluated is not granted.
      return false;
    }
  };
}

interface Asked {
  readonly coordinate: string;
  /** Result key. */
  readonly key: string;
  readonly node: FieldNode;
}

/** Whether each argument that is fixed from the token is the variable of that claim. */
function isPinned(
  pins: readonly Pin[] | undefined,
  { arguments: given = [] }: FieldNode,
  { pins: variables = [] }: AuthorizedOperation,
): boolean {
  if (pins === undefined) return true;
  return pins.every(({ coordinate, argument, claim }) => {
    const value = given.find(({ name }) => name.value === argument.name)?.value;
    if (value?.kind !== Kind.VARIABLE) return false;
    const found = variables.find(({ variable }) => variable === value.name.value);
    return found?.coordinate === coordinate && found.claim.join('.') === claim.join('.');
  });
}

/** On every object type that can stand there. */
function coordinatesIn(schema: GraphQLSchema, { document }: AuthorizedOperation): Asked[] {
  const asked: Asked[] = [];
  if (document === undefined) return asked;
  const info = new TypeInfo(schema);
  const note = visitWithTypeInfo(info, {
    Field(node) {
      const name = node.name.value;
      if (name === '__typename') return;
      const key = node.alias?.value ?? name;
      for (const type of objectsOf(schema, info.getParentType())) {
        asked.push({ coordinate: `${type}.${name}`, key, node });
      }
    },
  });
  visit(document, note);
  return asked;
}

function objectsOf(schema: GraphQLSchema, type: GraphQLNamedType | null | undefined): string[] {
  if (isObjectType(type)) return [type.name];
  if (isAbstractType(type)) return schema.getPossibleTypes(type).map(({ name }) => name);
  throw new Error('a field of no composite type');
}
