/**
 * Compares the types of coordinates that keep their name: another type may hold more, and a
 * required value may have become optional. Fails closed: every change of a type widens.
 */
import {
  type GraphQLSchema,
  isAbstractType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
} from 'graphql';
import type { SettingChanges } from './diff-setting.ts';

/** Both are schemas of callers from whom nothing is hidden. */
export function compareTypes(changes: SettingChanges, was: GraphQLSchema, is: GraphQLSchema): void {
  const [before, after] = [typesIn(was), typesIn(is)];
  for (const [coordinate, type] of after) {
    const old = before.get(coordinate);
    if (old !== undefined) changes.value(`schema.${coordinate}`, old, type);
  }
  for (const type of Object.values(is.getTypeMap())) {
    const old = was.getType(type.name);
    if (!isAbstractType(type) || !isAbstractType(old)) continue;
    const names = [was.getPossibleTypes(old), is.getPossibleTypes(type)].map((all) =>
      all.map(({ name }) => name),
    );
    changes.names(`schema.${type.name}`, names[0], names[1], 'added');
  }
}

/** The type of each field, argument and input field, as in SDL. */
function typesIn(schema: GraphQLSchema): ReadonlyMap<string, string> {
  const types = new Map<string, string>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__')) continue;
    if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) {
        types.set(`${type.name}.${field.name}`, String(field.type));
      }
    }
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      types.set(`${type.name}.${field.name}`, String(field.type));
      for (const { name, type: given } of field.args) {
        types.set(`${type.name}.${field.name}(${name}:)`, String(given));
      }
    }
  }
  return types;
}
