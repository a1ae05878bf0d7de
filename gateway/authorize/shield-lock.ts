/**
 * The second lock: the conditions of the access rules as a tree of shield rules on every field of a
 * schema, behind the plan. If a plan ever lets through what it must not, shield refuses it there.
 */
import { isDeepStrictEqual } from 'node:util';
import {
  coerceInputValue,
  type FieldNode,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isObjectType,
} from 'graphql';
import { createMemo } from '../caches/memo.ts';
import { readOwnPath } from '../own-path.ts';
import { readPinned } from '../plan/pinned.ts';
import { innerName } from '../plan/plan.ts';
import { applyShield, type RuleTree } from './apply-shield.ts';
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
  const tree: Record<string, RuleTree[string]> = {};
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
  applyShield(schema, tree);
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
