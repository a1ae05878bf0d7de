/**
 * The schema that callers see: what no rule lists is not in it, and a field that a refusal can
 * turn into null loses its outer `!`. It validates documents and answers introspection; it never
 * executes a field of data.
 */
import {
  buildASTSchema,
  type DefinitionNode,
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  validateSchema,
} from 'graphql';
import type { Policy } from './policy.ts';
import { isOwner, openView, referencesOf, type View } from './view.ts';
import { loosenView } from './view-nullability.ts';
import { pruneView } from './view-prune.ts';

export interface PublicSchema {
  readonly schema: GraphQLSchema;
  /** Coordinates of object and interface fields that may be null here, whatever the upstream says. */
  readonly loosened: readonly string[];
  /** Coordinates that a rule lists but that fell with something hidden. */
  readonly fallen: readonly string[];
}

/**
 * @param nullable coordinates (`Type.field`) that failures of an upstream may turn into null
 * @param counted coordinates of which record budgets may keep values back
 * @throws Error where nothing is left to query
 */
export function buildPublicSchema(
  schema: GraphQLSchema,
  policy: Policy,
  nullable: ReadonlySet<string>,
  counted: ReadonlySet<string> = new Set(),
): PublicSchema {
  const view = openView(schema, policy);
  const fallen = pruneView(view);
  if (!view.types.has(view.queryName)) {
    throw new Error('no rule of policies/access grants any query field: there is nothing to serve');
  }
  const loosened = loosenView(view, policy, nullable, counted);
  const definitions = [toSchemaDefinition(view), ...reachable(view)];
  const document: DocumentNode = { kind: Kind.DOCUMENT, definitions };
  const built = buildASTSchema(document, { assumeValidSDL: true });
  const errors = validateSchema(built);
  if (errors.length > 0) {
    const list = errors.map((error) => error.message).join('; ');
    throw new Error(`the view of the schema is not valid: ${list}`);
  }
  return { schema: built, loosened, fallen };
}

function toSchemaDefinition(view: View): DefinitionNode {
  const roots = [
    ['query', view.queryName],
    ['mutation', view.mutationName],
  ] as const;
  return {
    kind: Kind.SCHEMA_DEFINITION,
    operationTypes: roots.flatMap(([operation, name]) => {
      if (name === undefined || !view.types.has(name)) return [];
      const type = {
        kind: Kind.NAMED_TYPE as const,
        name: { kind: Kind.NAME as const, value: name },
      };
      return [
        { kind: Kind.OPERATION_TYPE_DEFINITION as const, operation: operation as never, type },
      ];
    }),
  };
}

/** Only what the roots reach: a type that nobody can get to is nobody's business. */
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
  return [...view.types].filter(([name]) => seen.has(name)).map(([, type]) => type);
}
