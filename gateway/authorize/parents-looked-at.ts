/**
 * Finds grants and masks that look at `parent` where that can be an object of several types, or of
 * the type itself. `parent.id == claims.employee_id` on what both an employee and a department have
 * compares with the ids of both; on a field of an employee it opens the employees below one's own
 * record.
 */
import { type GraphQLSchema, getNamedType, isAbstractType, isObjectType } from 'graphql';
import { splitCoordinate } from '../graph/coordinate.ts';
import type { Policy } from './policy.ts';

export interface ParentsLookedAt {
  readonly coordinate: string;
  /** Fields of the parent that the condition reads. */
  readonly reads: readonly string[];
  /** The types with such a field that can stand above it, sorted. */
  readonly types: readonly string[];
  readonly rule: { readonly name: string; readonly file: string; readonly line: number };
}

/**
 * @param schema the public schema: what is in no caller's view leads nowhere
 * @param executable has the fields that are read
 */
export function findParentsLookedAt(
  { fields, perUse }: Pick<Policy, 'fields' | 'perUse'>,
  { schema, executable }: { readonly schema: GraphQLSchema; readonly executable: GraphQLSchema },
): readonly ParentsLookedAt[] {
  const above = typesAbove(schema);
  return [...fields.values()].flatMap(({ coordinate, grants, masks }) => {
    const [type] = splitCoordinate(coordinate);
    return [...grants, ...masks].flatMap(({ condition, rule }): ParentsLookedAt[] => {
      const reads = perUse.get(condition)?.parent ?? [];
      const types = [...(above.get(type) ?? [])]
        .filter((one) => hasAny(executable, one, reads))
        .sort();
      if (types.length === 0 || (types.length === 1 && types[0] !== type)) return [];
      const { name, source } = rule;
      return [{ coordinate, reads, types, rule: { name, file: source.file, line: source.line } }];
    });
  });
}

/** The object types with a field that may return an object of the type, by its name. */
function typesAbove(schema: GraphQLSchema): ReadonlyMap<string, ReadonlySet<string>> {
  const above = new Map<string, Set<string>>();
  for (const owner of Object.values(schema.getTypeMap())) {
    if (!isObjectType(owner) || owner.name.startsWith('__')) continue;
    for (const { type } of Object.values(owner.getFields())) {
      const named = getNamedType(type);
      const below = isAbstractType(named) ? schema.getPossibleTypes(named) : [named];
      for (const { name } of below) {
        const known = above.get(name);
        if (known === undefined) above.set(name, new Set([owner.name]));
        else known.add(owner.name);
      }
    }
  }
  return above;
}

function hasAny(schema: GraphQLSchema, type: string, fields: readonly string[]): boolean {
  const owner = schema.getType(type);
  if (!isObjectType(owner)) return false;
  const own = owner.getFields();
  return fields.some((name) => Object.hasOwn(own, name));
}
