/**
 * Binds the conditions of a field of the mutation type to the object that is read before the write.
 * A rule's own conditions are bound to the read that it names; what `types` require of objects is
 * bound to every read of the field that gives such an object.
 */
import { type GraphQLSchema, getNamedType, isAbstractType } from 'graphql';
import { asksForRows, type Condition, readsRows } from '../conditions/condition.ts';
import { splitCoordinate } from '../graph/coordinate.ts';
import type { AccessRule } from './access/access-file.ts';
import { type CompiledRead, type CompiledReads, readsThatGive } from './compile-reads.ts';
import { concreteTypesOf } from './object-clauses.ts';

export interface BoundRule {
  readonly rule: AccessRule;
  readonly condition: Condition;
}

/** The rules of one field of the mutation type. */
export interface WriteRules {
  /** The read that the rule's own conditions look at; undefined if it names none. */
  readOf(rule: AccessRule): CompiledRead | undefined;
  /** Requirements of `types` on the objects read. */
  readonly required: readonly BoundRule[];
  /** Whether the field creates the object that it returns, so that none exists before. */
  readonly makes: boolean;
  /** Tells what to write in the policy if nothing is read for the rule. */
  wanted(rule: AccessRule): string;
}

export function createWriteRules(
  schema: GraphQLSchema,
  rules: readonly AccessRule[],
  { reads, makes }: CompiledReads,
): (coordinate: string) => WriteRules {
  const required = rules.flatMap(({ types, require: condition }, index) => {
    const rule = rules[index];
    if (types.length === 0 || rule === undefined) return [];
    if (condition === undefined || !asksForRows(condition)) return [];
    const of = new Set(concreteTypesOf(schema, rule).map(({ name }) => name));
    return [{ rule, condition, of }];
  });
  return (coordinate) => {
    const own = reads.get(coordinate) ?? [];
    const bound = required.flatMap(({ rule, condition, of }): BoundRule[] => {
      const texts = own.filter(({ type }) => of.has(type.name)).map(({ read }) => read.text);
      return texts.length === 0 ? [] : [{ rule, condition: bindTo(condition, texts) }];
    });
    return {
      readOf({ object }) {
        const { read } = object ?? {};
        if (read === undefined || read === 'new') return undefined;
        return own.find((one) => one.read.text === read.text);
      },
      required: bound,
      makes: makes.has(coordinate),
      wanted(rule) {
        const of = required.find((one) => one.rule === rule)?.of ?? new Set();
        const [type, field] = splitCoordinate(coordinate);
        const returned = returnedBy(schema, field).filter((name) => of.has(name));
        const [example = 'Query.employee(id: args.id)'] = readsThatGive(schema, new Set(returned));
        const asked = `a rule with \`fields: { ${type}: [${field}] }\` and \`object: "${example}"\``;
        return `${coordinate} returns ${returned.join(' or ')}, and no rule says which one it is about: name it in ${asked}, and it is judged before the write; or \`object: new\` where none is there before`;
      },
    };
  };
}

/** Names of the object types that a field of the mutation type can return. */
function returnedBy(schema: GraphQLSchema, field: string): string[] {
  const type = getNamedType(schema.getMutationType()?.getFields()[field]?.type);
  if (type === undefined) return [];
  return (isAbstractType(type) ? schema.getPossibleTypes(type) : [type]).map(({ name }) => name);
}

/** The condition as far as it concerns the caller; its parts about objects count as met. */
export function withoutRows(condition: Condition): Condition {
  if (condition.kind === 'any' || condition.kind === 'all') {
    return { kind: condition.kind, of: condition.of.map(withoutRows) };
  }
  return readsRows(condition) ? { kind: 'everyone' } : condition;
}

/** The condition with its parts about objects bound to the reads; all reads must meet it. */
export function bindTo(condition: Condition, reads: readonly string[]): Condition {
  if (condition.kind === 'any' || condition.kind === 'all') {
    return { kind: condition.kind, of: condition.of.map((part) => bindTo(part, reads)) };
  }
  if (condition.kind !== 'when' || !readsRows(condition)) return condition;
  const [only, ...more] = reads.map((before): Condition => ({ ...condition, before }));
  if (only === undefined) return condition;
  return more.length === 0 ? only : { kind: 'all', of: [only, ...more] };
}
