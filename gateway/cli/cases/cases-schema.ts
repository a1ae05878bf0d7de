/**
 * The schema for the queries of cases: everything composed, so that unlisted coordinates can be
 * queried, without the arguments that are fixed from the token and cannot be written.
 */
import { MapperKind, mapSchema } from '@graphql-tools/utils';
import type { GraphQLSchema } from 'graphql';
import type { Snapshot } from '../../snapshot/snapshot.ts';

const known = new WeakMap<GraphQLSchema, GraphQLSchema>();

export function toCasesSchema({
  executable,
  policy: { pins, inputPins },
}: Pick<Snapshot, 'executable' | 'policy'>): GraphQLSchema {
  if (pins.size + inputPins.size === 0) return executable;
  const made = known.get(executable);
  if (made !== undefined) return made;
  const inside = new Set([...inputPins.values()].flat().map(({ hides }) => hides));
  const schema = mapSchema(executable, {
    [MapperKind.INPUT_OBJECT_FIELD]: (_field, name, type) =>
      inside.has(`${type}.${name}`) ? null : undefined,
    [MapperKind.COMPOSITE_FIELD]: (field, name, type) => {
      const pinned = pins.get(`${type}.${name}`);
      if (pinned === undefined || !('args' in field)) return undefined;
      const hidden = new Set(pinned.map(({ argument }) => argument.name));
      const args = Object.entries(field.args ?? {}).filter(([argument]) => !hidden.has(argument));
      return { ...field, args: Object.fromEntries(args) };
    },
  });
  known.set(executable, schema);
  return schema;
}
