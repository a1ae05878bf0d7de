/**
 * Compiles what rules with `types` require of objects: decided where an object is delivered,
 * whichever field returned it.
 */
import {
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isObjectType,
} from 'graphql';
import { asksForRows, type Condition } from '../conditions/condition.ts';
import { outputFieldsOf } from '../graph/output-fields.ts';
import type { AccessRule } from './access/access-file.ts';
import type { ObjectClause, Policy } from './policy.ts';

export function compileObjects(
  schema: GraphQLSchema,
  rules: readonly AccessRule[],
  means: {
    numberOf: (condition: Condition) => number;
    check: (rule: AccessRule, type: GraphQLObjectType) => void;
    complain: (rule: AccessRule, message: string) => void;
  },
): Policy['objects'] {
  const objects = new Map<string, ObjectClause[]>();
  for (const rule of rules) {
    if (rule.types.length === 0) continue;
    if (rule.allow !== undefined && asksForRows(rule.allow)) {
      means.complain(rule, 'an `allow` that looks at objects names `fields`, not `types`');
    }
    const { require: condition } = rule;
    const drops = rule.otherwise?.outcome === 'drop';
    if (condition === undefined || !asksForRows(condition)) {
      if (drops) means.complain(rule, '`drop` is for a `require` that looks at objects');
      continue;
    }
    const clause = { condition: means.numberOf(condition), rule, drops };
    for (const type of concreteTypesOf(schema, rule)) {
      means.check(rule, type);
      const known = objects.get(type.name);
      if (known === undefined) objects.set(type.name, [clause]);
      else known.push(clause);
    }
  }
  return objects;
}

export function concreteTypesOf(schema: GraphQLSchema, { types }: AccessRule): GraphQLObjectType[] {
  const found = types.flatMap(({ name }) => {
    const type = schema.getType(name);
    return isAbstractType(type) ? schema.getPossibleTypes(type) : type;
  });
  return [...new Set(found)].filter(isObjectType);
}

/** Fields that can return such an object, also through interfaces and unions. */
export function keepsBackOf(
  schema: GraphQLSchema,
  objects: Policy['objects'],
): Policy['keepsBack'] {
  const found = new Map<string, 'deny' | 'drop'>();
  if (objects.size === 0) return found;
  for (const { coordinate, field } of outputFieldsOf(schema)) {
    const named = getNamedType(field.type);
    const possible = isAbstractType(named) ? schema.getPossibleTypes(named) : [named];
    const clauses = possible.flatMap((one) => objects.get(one.name) ?? []);
    if (clauses.length === 0) continue;
    const drops = clauses.every((one) => one.drops);
    found.set(coordinate, drops ? 'drop' : 'deny');
  }
  return found;
}
