/** The coordinates of a matrix's rows, grouped by their set of classes. */
import { type GraphQLSchema, isInputObjectType, isInterfaceType } from 'graphql';
import type { Policy } from '../../authorize/policy.ts';
import { ownerOf } from '../../graph/coordinate.ts';

export interface RowGroup {
  /** Sorted; empty for coordinates without a class. */
  readonly classes: readonly string[];
  /** In schema order. */
  readonly coordinates: readonly string[];
}

/**
 * Fields of objects, and inputs that a rule names or that stay closed until one does. Interface
 * fields are decided at their implementations, which have their own rows.
 */
export function findRows(
  schema: GraphQLSchema,
  policy: Policy,
  which: 'classified' | 'all',
): readonly RowGroup[] {
  const groups = new Map<string, { classes: readonly string[]; coordinates: string[] }>();
  for (const coordinate of [...fieldsOf(schema, policy), ...inputsOf(schema, policy)]) {
    const about = policy.fields.get(coordinate) ?? policy.inputs.get(coordinate);
    const classes = about?.classes ?? [];
    if (which === 'classified' && classes.length === 0) continue;
    const key = JSON.stringify(classes);
    const group = groups.get(key) ?? { classes, coordinates: [] };
    groups.set(key, group);
    group.coordinates.push(coordinate);
  }
  const name = ({ classes }: RowGroup) => classes.join(', ');
  return [...groups.values()].sort((one, other) => {
    if (one.classes.length === 0 || other.classes.length === 0) {
      return other.classes.length - one.classes.length;
    }
    return name(one) < name(other) ? -1 : 1;
  });
}

function fieldsOf(schema: GraphQLSchema, policy: Policy): string[] {
  return [...policy.fields.keys()].filter((coordinate) => isOnObject(schema, coordinate));
}

/** Arguments of interface fields are listed at the implementations too. */
const isOnObject = (schema: GraphQLSchema, coordinate: string): boolean =>
  !isInterfaceType(schema.getType(ownerOf(coordinate)));

function inputsOf(schema: GraphQLSchema, policy: Policy): Set<string> {
  const named = [...policy.inputs.keys()].filter((coordinate) => isOnObject(schema, coordinate));
  const closed = [...policy.writable].flatMap((name) => {
    const type = schema.getType(name);
    const fields = isInputObjectType(type) ? Object.keys(type.getFields()) : [];
    return fields.map((field) => `${name}.${field}`);
  });
  return new Set([...named, ...closed]);
}
