/**
 * The second lock of the compiled engine: checks anew, from document and policy alone and without
 * grants, plans or their caches, that the policy grants the caller each coordinate that an
 * executable document selects and each governed input that it gives. Anything not granted goes to
 * the reference engine, where shield refuses it in place. Fails closed: a condition that throws
 * does not hold.
 *
 * The document is walked once per plan; a request evaluates a few conditions.
 */
import {
  type FieldNode,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getOperationAST,
  isAbstractType,
  isObjectType,
  Kind,
  type ObjectFieldNode,
  type OperationDefinitionNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { type AuthorizedOperation, innerName } from '../../plan/plan.ts';
import type { InputPin } from '../compile-input-pins.ts';
import type { Pin } from '../compile-pins.ts';
import {
  type Clauses,
  type Criteria,
  holdAll,
  isReadFirst,
  type LockedRecord,
  toClauses,
  toCriteria,
} from '../filters/lock-clauses.ts';
import {
  clausesOfInputs,
  type GivenTo,
  hasVariables,
  takesGoverned,
} from '../filters/lock-inputs.ts';
import type { Policy } from '../policy.ts';

/** Whether the request's caller may have all that a plan fetches, with these variables as sent. */
export type Lock = (record: LockedRecord, variables: Readonly<Record<string, unknown>>) => boolean;

/** @param inner fields that may also be read under the keys that only the gateway uses */
export function createPlanLock(
  schema: GraphQLSchema,
  policy: Policy,
  inner: ReadonlySet<string>,
): (operation: AuthorizedOperation) => Lock {
  const criteria = toCriteria(policy);
  return (plan) => {
    const clauses = new Map<string, Clauses>();
    const add = (needed: Clauses): unknown => clauses.set(JSON.stringify(needed), needed);
    const { depends } = plan;
    const { asked, operation, places } = findAsked(schema, policy, plan);
    for (const { coordinate, key, node } of asked) {
      if (innerName.test(key) && inner.has(coordinate)) continue;
      if (!isPinnedAt(policy, coordinate, node, plan)) return () => false;
      const found = policy.fields.get(coordinate);
      const asks = criteriaAt(policy, plan, coordinate, key);
      const isMasked = asks === 'upper' || plan.masked.includes(coordinate);
      const needed = found && toClauses(found, isMasked, asks);
      if (needed === undefined) return () => false;
      add(needed);
    }
    if (operation === undefined) return () => true;
    const written = places.filter((place) => !hasVariables(place));
    const about = { schema, operation, depends };
    const inputs = clausesOfInputs(policy, written, { ...about, variables: {} });
    if (inputs === undefined) return () => false;
    inputs.forEach(add);
    const all = [...clauses.values()];
    const sent = places.filter(hasVariables);
    if (sent.length === 0) return (record) => holdAll(all, criteria, record);
    return (record, variables) => {
      const more = clausesOfInputs(policy, sent, { ...about, variables });
      return more !== undefined && holdAll([...all, ...more], criteria, record);
    };
  };
}

/**
 * A write on which an object decides must have a guard in the plan: otherwise the object is not asked.
 */
function criteriaAt(
  policy: Policy,
  { depends, writes }: AuthorizedOperation,
  coordinate: string,
  key: string,
): keyof Criteria {
  if (!depends.includes(coordinate)) return 'certain';
  return isReadFirst(policy, coordinate) && writes?.has(key) !== true ? 'unread' : 'upper';
}

interface Asked {
  readonly coordinate: string;
  /** Result key. */
  readonly key: string;
  readonly node: FieldNode;
}

const isPinnedAt = (
  { pins, inputPins }: Policy,
  coordinate: string,
  node: FieldNode,
  plan: AuthorizedOperation,
): boolean =>
  isPinned(pins.get(coordinate), node, plan) &&
  isPinnedInside(inputPins.get(coordinate), node, plan);

/** Whether each pinned argument is the variable of its claim. */
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

/**
 * The same inside input objects: written out down to the variable of the claim, or a variable that
 * contains it.
 */
function isPinnedInside(
  pins: readonly InputPin[] | undefined,
  { arguments: given = [] }: FieldNode,
  { pins: variables = [] }: AuthorizedOperation,
): boolean {
  if (pins === undefined) return true;
  return pins.every(({ coordinate, argument, path, claim }) => {
    let value = given.find(({ name }) => name.value === argument.name)?.value;
    let rest = path;
    for (; value?.kind === Kind.OBJECT && rest.length > 0; rest = rest.slice(1)) {
      const [step] = rest;
      const found: ObjectFieldNode[] = value.fields.filter(({ name }) => name.value === step);
      value = found.length === 1 ? found[0]?.value : undefined;
    }
    if (value?.kind !== Kind.VARIABLE) return false;
    const { value: name } = value.name;
    const found = variables.find((one) => one.variable === name && one.coordinate === coordinate);
    const into = found?.into?.path ?? [];
    return found?.claim.join('.') === claim.join('.') && into.join('.') === rest.join('.');
  });
}

interface AskedFor {
  /** On every object type that can occur there. */
  readonly asked: readonly Asked[];
  readonly operation: OperationDefinitionNode | undefined;
  /** Fields that may be given governed inputs. */
  readonly places: readonly GivenTo[];
}

function findAsked(
  schema: GraphQLSchema,
  policy: Policy,
  { document }: AuthorizedOperation,
): AskedFor {
  const asked: Asked[] = [];
  const places: GivenTo[] = [];
  if (document === undefined) return { asked, operation: undefined, places };
  const info = new TypeInfo(schema);
  const note = visitWithTypeInfo(info, {
    Field(node) {
      const { alias, arguments: given = [] } = node;
      const name = node.name.value;
      if (name === '__typename') return;
      const key = alias?.value ?? name;
      for (const type of objectsOf(schema, info.getParentType())) {
        const coordinate = `${type.name}.${name}`;
        asked.push({ coordinate, key, node });
        const definition = type.getFields()[name];
        const mayUse = given.length > 0 || policy.defaults.size > 0;
        if (mayUse && definition && takesGoverned(policy, coordinate, definition)) {
          places.push({ coordinate, definition, given });
        }
      }
    },
  });
  visit(document, note);
  return { asked, operation: getOperationAST(document) ?? undefined, places };
}

function objectsOf(
  schema: GraphQLSchema,
  type: GraphQLNamedType | null | undefined,
): readonly GraphQLObjectType[] {
  if (isObjectType(type)) return [type];
  if (isAbstractType(type)) return schema.getPossibleTypes(type);
  throw new Error('a field of no composite type');
}
