/**
 * Proposes classes for a schema's coordinates by its own words: fields of objects, arguments and
 * input fields. Not for interfaces, whose fields are decided at their implementations. Pure; a
 * proposal opens and closes nothing.
 */
import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLSchema,
  getNamedType,
  isInputObjectType,
  isObjectType,
} from 'graphql';
import { splitCoordinate } from '../../graph/coordinate.ts';
import { judgeName } from '../sensitive-names.ts';
import { type Judged, judgePlace } from './judge-place.ts';
import type { KindHints } from './sensitive-hints.ts';

export interface ProposedClass extends Judged {
  readonly coordinate: string;
  readonly kind: 'field' | 'argument' | 'input-field';
  /** The type that it belongs to. */
  readonly type: string;
  /** Without its type. */
  readonly name: string;
}

/**
 * In schema order. `hintsOf` is called for each coordinate; `prefixes` are the prefixes of
 * upstreams' type names.
 */
export function proposeClasses(
  schema: GraphQLSchema,
  about: {
    readonly hintsOf: (coordinate: string) => KindHints | undefined;
    readonly prefixes: readonly string[];
  },
): readonly ProposedClass[] {
  const roots = [schema.getQueryType(), schema.getMutationType()];
  return Object.values(schema.getTypeMap()).flatMap((type) => {
    if (type.name.startsWith('__')) return [];
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields());
      return fields.flatMap((one) => propose(one, 'input-field', { about, type: type.name }));
    }
    if (!isObjectType(type)) return [];
    const isRoot = roots.some((root) => root === type);
    const owner = isRoot ? undefined : withoutPrefix(type.name, about.prefixes);
    return Object.values(type.getFields()).flatMap((field) => [
      ...propose(field, 'field', { about, type: type.name, owner }),
      ...field.args.flatMap((argument) =>
        propose(argument, 'argument', { about, type: type.name, field: field.name }),
      ),
    ]);
  });
}

function propose(
  one: GraphQLField<unknown, unknown> | GraphQLArgument | GraphQLInputField,
  kind: ProposedClass['kind'],
  at: {
    readonly about: Parameters<typeof proposeClasses>[1];
    readonly type: string;
    readonly owner?: string | undefined;
    readonly field?: string;
  },
): readonly ProposedClass[] {
  const { name, description } = one;
  const written = at.field === undefined ? name : `${at.field}(${name}:)`;
  const coordinate = `${at.type}.${written}`;
  const judged = judgePlace({
    name,
    description,
    type: getNamedType(one.type),
    owner: at.owner,
    hints: at.about.hintsOf(coordinate),
  });
  if (judged === undefined) return [];
  return [{ ...judged, coordinate, kind, type: at.type, name: written }];
}

function withoutPrefix(name: string, prefixes: readonly string[]): string {
  const prefix = prefixes.find((one) => name.startsWith(one) && name.length > one.length);
  return prefix === undefined ? name : name.slice(prefix.length);
}

/**
 * The policies' name for a class: the class's own name if they use it, otherwise the label that
 * most coordinates with names of this class have.
 */
export function labelsOf(
  classified: Iterable<{ readonly coordinate: string; readonly classes: readonly string[] }>,
): (ofClass: string) => string {
  const counts = new Map<string, Map<string, number>>();
  const known = new Set<string>();
  for (const { coordinate, classes } of classified) {
    for (const label of classes) known.add(label);
    const judged = judgeName(splitCoordinate(coordinate)[1]);
    if (judged === undefined) continue;
    const labels = counts.get(judged.class) ?? new Map<string, number>();
    counts.set(judged.class, labels);
    for (const label of classes) labels.set(label, (labels.get(label) ?? 0) + 1);
  }
  return (ofClass) => {
    if (known.has(ofClass)) return ofClass;
    const labels = [...(counts.get(ofClass) ?? [])];
    const [best] = labels.sort(([one, a], [other, b]) => b - a || (one < other ? -1 : 1));
    return best?.[0] ?? ofClass;
  };
}
