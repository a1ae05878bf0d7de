/**
 * Builds the schema that callers see: without what no rule lists, and without the outer `!` of
 * fields that a refusal can turn into null. It validates documents and answers introspection; it
 * never executes a field of data.
 */
import {
  buildASTSchema,
  type DefinitionNode,
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  OperationTypeNode,
  validateSchema,
} from 'graphql';
import type { ImpliedLock, Policy } from '../policy.ts';
import { isOwner, openView, referencesOf, type View } from './view.ts';
import { hideFrom, silenceView } from './view-hide.ts';
import { makeViewNullable } from './view-nullability.ts';
import { pruneView } from './view-prune.ts';

export interface PublicSchema {
  readonly schema: GraphQLSchema;
  /**
   * Coordinates of object and interface fields that may be null here, whatever the upstream
   * declares.
   */
  readonly loosened: readonly string[];
  /** Coordinates that a rule lists but that were removed because something they need is hidden. */
  readonly fallen: readonly string[];
}

export interface ViewOptions {
  readonly policy: Policy;
  /** Coordinates (`Type.field`) that failures of an upstream may turn into null. */
  readonly nullable: ReadonlySet<string>;
  /** Coordinates whose values record budgets may withhold. */
  readonly counted: ReadonlySet<string>;
}

/** Undefined if nothing is left to query. */
export type BuildView = (hidden: ReadonlySet<string>) => PublicSchema | undefined;

/**
 * Builds views of one schema, each without what is hidden from some callers. Reads the schema
 * immediately; it may change afterwards.
 */
export function createBuildView(schema: GraphQLSchema, options: ViewOptions): BuildView {
  const open = openView(schema, options.policy);
  const closed = nobodysFilters(options.policy);
  if (closed.size > 0) hideFrom(open, closed);
  const fallenForAll = pruneView(open);
  return (hidden) => {
    // Starts from what remains for all callers: if a type is hidden, an interface may get by
    // without the field that the type lacks, and no caller may see a field that callers who see
    // more do not.
    const view: View = { ...open, types: new Map(open.types) };
    if (hidden.size > 0) hideFrom(view, hidden);
    const fallen = hidden.size > 0 ? [...fallenForAll, ...pruneView(view)] : fallenForAll;
    if (!view.types.has(view.queryName)) return undefined;
    if (hidden.size > 0) silenceView(view, open, hidden);
    const loosened = makeViewNullable(view, options.policy, options.nullable, options.counted);
    return { schema: toSchema(view), loosened, fallen };
  };
}

/** Filters on unlisted fields, which would reveal them. */
function nobodysFilters({ filters, inputs }: Policy): ReadonlySet<string> {
  const isNobodys = ([coordinate, { named }]: [string, ImpliedLock]): boolean =>
    named === undefined && inputs.get(coordinate)?.listed === false;
  return new Set([...filters].filter(isNobodys).map(([coordinate]) => coordinate));
}

/** The view of a caller from whom no rule hides anything. Throws Error if it is empty. */
export function toPublicSchema(build: BuildView): PublicSchema {
  const built = build(new Set());
  if (built !== undefined) return built;
  throw new Error('no rule of policies/access grants a field of Query: there is nothing to serve');
}

function toSchema(view: View): GraphQLSchema {
  const definitions = [toSchemaDefinition(view), ...reachable(view)];
  const document: DocumentNode = { kind: Kind.DOCUMENT, definitions };
  const built = buildASTSchema(document, { assumeValidSDL: true });
  const errors = validateSchema(built);
  if (errors.length > 0) {
    const list = errors.map((error) => error.message).join('; ');
    throw new Error(`the view of the schema is not valid: ${list}`);
  }
  return built;
}

function toSchemaDefinition(view: View): DefinitionNode {
  const roots = [
    [OperationTypeNode.QUERY, view.queryName],
    [OperationTypeNode.MUTATION, view.mutationName],
  ] as const;
  return {
    kind: Kind.SCHEMA_DEFINITION,
    operationTypes: roots.flatMap(([operation, name]) => {
      if (name === undefined || !view.types.has(name)) return [];
      const type = {
        kind: Kind.NAMED_TYPE as const,
        name: { kind: Kind.NAME as const, value: name },
      };
      return [{ kind: Kind.OPERATION_TYPE_DEFINITION as const, operation, type }];
    }),
  };
}

/** Only what the roots reach: a type that no caller can reach is not shown. */
function reachable(view: View): DefinitionNode[] {
  const seen = new Set<string>();
  const pending = [view.queryName, view.mutationName];
  while (pending.length > 0) {
    const name = pending.pop();
    const type = name === undefined ? undefined : view.types.get(name);
    if (name === undefined || type === undefined || seen.has(name)) continue;
    seen.add(name);
    pending.push(...referencesOf(type));
    if (type.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    for (const [other, candidate] of view.types) {
      const implementing = isOwner(candidate) ? (candidate.interfaces ?? []) : [];
      if (implementing.some((one) => one.name.value === name)) pending.push(other);
    }
  }
  // By name: the order in which a schema discovers its types would reveal a field that leads to
  // them.
  const names = [...seen].sort();
  return names.flatMap((name) => view.types.get(name) ?? []);
}
