/**
 * Compares the types of coordinates that keep their name, and the defaults of inputs: another type
 * or default may let more through, and a required value may have become optional. Fails closed:
 * every change of them widens.
 */
import {
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLSchema,
  isAbstractType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
} from 'graphql';
import { defaultOf } from '../../authorize/filters/default-of.ts';
import { hasCoordinate } from '../../authorize/schema-coordinates.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import type { SettingChanges } from './diff-setting.ts';

type Schemas = Pick<Snapshot, 'executable' | 'public'>;

export function compareTypes(changes: SettingChanges, was: Schemas, is: Schemas): void {
  // The public schema lacks what the service assumes for an input that is left out.
  const [before, after] = [typesIn(was.executable), typesIn(is.executable)];
  const [old, now] = [was.public.schema, is.public.schema];
  for (const [coordinate, type] of after) {
    const had = before.get(coordinate);
    if (had === undefined || had.compared === type.compared) continue;
    if (!hasCoordinate(old, coordinate) || !hasCoordinate(now, coordinate)) continue;
    changes.put({ setting: `schema.${coordinate}`, was: had.text, is: type.text }, true);
  }
  for (const type of Object.values(now.getTypeMap())) {
    const other = old.getType(type.name);
    if (!isAbstractType(type) || !isAbstractType(other)) continue;
    const names = [old.getPossibleTypes(other), now.getPossibleTypes(type)].map((all) =>
      all.map(({ name }) => name),
    );
    changes.names(`schema.${type.name}`, names[0], names[1], 'added');
  }
}

interface Typed {
  /** The type as in SDL, with the default of an input. */
  readonly text: string;
  /** Without the `!` of an output: rules that refuse it take that away, and it opens nothing. */
  readonly compared: string;
}

/** The type of each field, argument and input field. */
function typesIn(schema: GraphQLSchema): ReadonlyMap<string, Typed> {
  const types = new Map<string, Typed>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__')) continue;
    if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) {
        types.set(`${type.name}.${field.name}`, toInput(field));
      }
    }
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const text = String(field.type);
      types.set(`${type.name}.${field.name}`, { text, compared: text.replaceAll('!', '') });
      for (const one of field.args) {
        types.set(`${type.name}.${field.name}(${one.name}:)`, toInput(one));
      }
    }
  }
  return types;
}

function toInput(input: GraphQLArgument | GraphQLInputField): Typed {
  const value = defaultOf(input);
  const text = `${input.type}${value === undefined ? '' : ` = ${JSON.stringify(value)}`}`;
  return { text, compared: text };
}
