/**
 * The second lock: the conditions of the access rules as a tree of shield rules on every field of a
 * schema, behind the plan. If a plan ever lets through what it must not, shield refuses it there.
 *
 * The rules are put on the schema in place, because shield's own applier rebuilds the schema with
 * another generation of its tools. `fallbackRule` is set here, because shield's default lets
 * unlisted fields through.
 */
import { isDeepStrictEqual } from 'node:util';
import {
  coerceInputValue,
  type FieldNode,
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isObjectType,
} from 'graphql';
import { createMemo } from '../caches/memo.ts';
import { SecondLockRefusal } from '../errors.ts';
import { readOwnPath } from '../own-path.ts';
import { readPinned } from '../plan/pinned.ts';
import { innerName } from '../plan/plan.ts';
import type { InputPin } from './compile-input-pins.ts';
import type { Pin } from './compile-pins.ts';
import { type Clauses, holdAll, isReadFirst, toCriteria } from './filters/lock-clauses.ts';
import { clausesOfInputs, takesGoverned } from './filters/lock-inputs.ts';
import {
  type AnyShieldRule,
  and,
  deny,
  type LockedContext,
  or,
  rule,
  type ShieldRule,
  shield,
} from './load-shield.ts';
import type { CoordinatePolicy, Policy } from './policy.ts';
import type { ConditionRule } from './shield-rules.ts';

/**
 * Puts the policy on every field of every object type of `schema`, in place. Unlisted fields are
 * denied. Fields of `inner` may also be read under the keys that only the gateway uses, whoever
 * calls.
 */
export function lockSchema(
  schema: GraphQLSchema,
  policy: Policy,
  rules: readonly ConditionRule[],
  inner: ReadonlySet<string> = new Set(),
): void {
  const tree: Record<string, Record<string, AnyShieldRule>> = {};
  const mayGive = toInputRule(policy);
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    const fields: Record<string, AnyShieldRule> = {};
    for (const [name, definition] of Object.entries(type.getFields())) {
      const coordinate = `${type.name}.${name}`;
      const found = policy.fields.get(coordinate);
      const locks = [
        found === undefined ? deny : toShieldRule(found, rules, isReadFirst(policy, coordinate)),
        ...(takesGoverned(policy, coordinate, definition) ? [mayGive] : []),
        ...toPinRules(policy, coordinate),
      ];
      const own = and(...locks);
      fields[name] = inner.has(coordinate) ? or(own, readInside) : own;
    }
    tree[type.name] = fields;
  }
  // A resolver's error must come through unchanged: an upstream's failure is no refusal. Errors
  // thrown by rules become refusals within shield before that.
  const options = { fallbackRule: deny, fallbackError: toRefusal, allowExternalErrors: true };
  for (const few of inTurns(tree)) {
    applyInPlace(schema, shield(few, options).generate(onlyTypes(schema, few)));
  }
}

/** Names the field, for the alert. */
const toRefusal = (
  _thrown: unknown,
  _parent: object,
  _args: object,
  _context: unknown,
  { parentType, fieldName }: GraphQLResolveInfo,
): SecondLockRefusal => new SecondLockRefusal(`${parentType.name}.${fieldName}`);

type RuleTree = Readonly<Record<string, Readonly<Record<string, AnyShieldRule>>>>;

/**
 * Shield's time grows with the square of the types, and of one type's fields, that it is given at
 * once.
 */
const typesAtOnce = 50;
const fieldsAtOnce = 500;

/** Splits the tree; a type with many fields is spread over several parts. */
function* inTurns(tree: RuleTree): Generator<RuleTree> {
  const entries = Object.entries(tree);
  const isLarge = ([, fields]: (typeof entries)[number]): boolean =>
    Object.keys(fields).length > fieldsAtOnce;
  const others = entries.filter((entry) => !isLarge(entry));
  for (let at = 0; at < others.length; at += typesAtOnce) {
    yield Object.fromEntries(others.slice(at, at + typesAtOnce));
  }
  for (const [name, fields] of entries.filter(isLarge)) {
    const all = Object.entries(fields);
    for (let at = 0; at < all.length; at += fieldsAtOnce) {
      yield { [name]: Object.fromEntries(all.slice(at, at + fieldsAtOnce)) };
    }
  }
}

/** Restricts the schema that shield reads to these types and fields; it would deny all others. */
function onlyTypes(schema: GraphQLSchema, tree: RuleTree): GraphQLSchema {
  const types = Object.fromEntries(
    Object.entries(tree).map(([name, fields]) => [name, onlyFields(schema.getType(name), fields)]),
  );
  return Object.create(schema, { getTypeMap: { value: () => types } });
}

function onlyFields(type: unknown, named: Readonly<Record<string, unknown>>): unknown {
  if (!isObjectType(type)) return type;
  const fields = Object.entries(type.getFields()).filter(([name]) => Object.hasOwn(named, name));
  return Object.create(type, { getFields: { value: () => Object.fromEntries(fields) } });
}

/** @param isFirst whether an object that is read before the field may decide */
function toShieldRule(
  policy: CoordinatePolicy,
  rules: readonly ConditionRule[],
  isFirst: boolean,
): AnyShieldRule {
  if (policy.forbid !== undefined) return deny;
  const depends = dependsByPlan(policy.coordinate);
  const isDecided = isFirst ? and(depends, grantedByRead(policy.coordinate)) : depends;
  const ruleOf = (clause: { condition: number }): AnyShieldRule => {
    const found = rules[clause.condition];
    if (found === undefined) return deny;
    if (!found.perUse) return found.shieldRule;
    const later = and(found.upperRule, isDecided);
    if (!isFirst) return or(found.shieldRule, later);
    return or(found.shieldRule, later, and(found.unreadRule, depends));
  };
  const isMasked = or(maskedByPlan(policy.coordinate), isDecided);
  const masks = policy.masks.map((clause) => and(ruleOf(clause), isMasked));
  const [only, ...more] = [...policy.grants.map(ruleOf), ...masks];
  if (only === undefined) return deny;
  const granted = more.length === 0 ? only : or(only, ...more);
  if (policy.requires.length === 0) return granted;
  return and(...policy.requires.map(ruleOf), granted);
}

type Needed = readonly Clauses[] | 'nobody';

/** Whether the caller may use the inputs given to the selected field. */
function toInputRule(policy: Policy): ShieldRule {
  const criteria = toCriteria(policy);
  // Per variables of one execution: each row asks the same, and the variables may be large.
  const known = createMemo<object, Map<FieldNode, Map<string, Needed>>>();
  return rule('inputs', { cache: 'no_cache' })(
    (_parent, _args, { record, sentVariables }: LockedContext, info: GraphQLResolveInfo) => {
      const { fieldName, fieldNodes, operation, parentType, schema, variableValues } = info;
      const [node] = fieldNodes;
      const definition = parentType.getFields()[fieldName];
      if (definition === undefined || node === undefined) return false;
      const variables = sentVariables ?? variableValues;
      const ofRequest = known.get(variables) ?? new Map<FieldNode, Map<string, Needed>>();
      known.set(variables, ofRequest);
      const ofNode = ofRequest.get(node) ?? new Map<string, Needed>();
      ofRequest.set(node, ofNode);
      const coordinate = `${parentType.name}.${fieldName}`;
      let needed = ofNode.get(coordinate);
      if (needed === undefined) {
        const place = { coordinate, definition, given: node.arguments ?? [] };
        const depends = record.verdicts?.depends ?? [];
        const about = { schema, operation, variables, depends };
        needed = clausesOfInputs(policy, [place], about) ?? 'nobody';
        ofNode.set(coordinate, needed);
      }
      return needed !== 'nobody' && holdAll(needed, criteria, record);
    },
  );
}

/** No caller can write such a key, and the projection drops what it holds. */
const readInside = rule('read for the gateway', { cache: 'no_cache' })(
  (_parent, _args, _context, info: GraphQLResolveInfo) => innerName.test(String(info.path.key)),
);

function toPinRules({ pins, inputPins }: Policy, coordinate: string): ShieldRule[] {
  const all = [...(pins.get(coordinate) ?? []), ...(inputPins.get(coordinate) ?? [])];
  return all.length === 0 ? [] : [givenAsPinned(coordinate, all)];
}

/** Whether each argument fixed from the token has exactly the caller's own value. */
function givenAsPinned(coordinate: string, pins: readonly (Pin | InputPin)[]): ShieldRule {
  return rule(`pinned ${coordinate}`, { cache: 'no_cache' })(
    (_parent, args: Readonly<Record<string, unknown>>, { record }: LockedContext) => {
      const { caller } = record;
      if (caller === undefined) return false;
      return pins.every((pin) => {
        const value = readPinned(caller, pin);
        const isInside = 'path' in pin;
        const given = readOwnPath(args, [pin.argument.name, ...(isInside ? pin.path : [])]);
        if (value === undefined || given === undefined) return false;
        const type = isInside ? pin.leafType : pin.argument.type;
        return isDeepStrictEqual(given, coerceInputValue(value, type));
      });
    },
  );
}

/** Masks are applied after this lock, so the unmasked value passes only where the plan masks it. */
function maskedByPlan(coordinate: string): ShieldRule {
  return rule(`masked ${coordinate}`, { cache: 'no_cache' })(
    (_parent, _args, { record }: LockedContext) =>
      record.verdicts?.masked.includes(coordinate) === true,
  );
}

/**
 * Arguments and objects are judged behind this lock, so it passes only where the plan judges them.
 */
function dependsByPlan(coordinate: string): ShieldRule {
  return rule(`depends ${coordinate}`, { cache: 'no_cache' })(
    (_parent, _args, { record }: LockedContext) =>
      record.verdicts?.depends?.includes(coordinate) === true,
  );
}

/** The object read before the write has granted it. */
function grantedByRead(coordinate: string): ShieldRule {
  return rule(`read before ${coordinate}`, { cache: 'no_cache' })(
    (_parent, _args, { first }: LockedContext, { path }: GraphQLResolveInfo) =>
      first?.granted.has(path.key) === true,
  );
}

type FieldMiddleware = (
  resolve: GraphQLFieldResolver<unknown, unknown>,
  ...args: Parameters<GraphQLFieldResolver<unknown, unknown>>
) => unknown;

function applyInPlace(schema: GraphQLSchema, middleware: unknown): void {
  const byType = middleware as Record<
    string,
    Record<string, FieldMiddleware | { resolve: FieldMiddleware }>
  >;
  for (const [typeName, fields] of Object.entries(byType)) {
    const type = schema.getType(typeName);
    if (!isObjectType(type)) continue;
    for (const [name, found] of Object.entries(fields)) {
      const field = type.getFields()[name];
      const lock = typeof found === 'function' ? found : found.resolve;
      if (field?.resolve === undefined)
        throw new Error(`${typeName}.${name} has no resolver to lock`);
      const { resolve } = field;
      field.resolve = (...args) => lock(resolve, ...args);
    }
  }
}
