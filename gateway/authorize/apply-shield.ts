/**
 * Puts a tree of shield rules on a schema in place, because shield's own applier rebuilds the
 * schema with another generation of its tools. `fallbackRule` is set here, because shield's default
 * lets unlisted fields through.
 */
import {
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isObjectType,
} from 'graphql';
import { SecondLockRefusal } from '../errors.ts';
import { type AnyShieldRule, deny, shield } from './load-shield.ts';

/** Rules by type and field. */
export type RuleTree = Readonly<Record<string, Readonly<Record<string, AnyShieldRule>>>>;

/** Locks the fields that the tree names; shield never sees any others, so it must name them all. */
export function applyShield(schema: GraphQLSchema, tree: RuleTree): void {
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
