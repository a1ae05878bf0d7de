/**
 * Counts the fields of an input object's value, given or not: including those hidden from the
 * caller, and those in defaults of what is left out.
 */
import {
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLSchema,
  getNullableType,
  isInputObjectType,
  isListType,
} from 'graphql';
import { createMemo } from '../caches/memo.ts';
import { defaultOf } from '../plan/whole-arguments.ts';

type Input = GraphQLArgument | GraphQLInputField;
type IsGiven = (name: string) => boolean;

interface Shape {
  readonly fields: Readonly<Record<string, GraphQLInputField>>;
  readonly width: number;
  /** Fields whose defaults are lists or objects. */
  readonly filled: readonly Input[];
}

const shapes = createMemo<GraphQLInputObjectType, Shape>();
/** Sizes of defaults, cached because nested defaults share the same values. */
const sizes = createMemo<object, number>();

/** @param executable the schema that includes what callers do not see */
export function widthOf(
  type: GraphQLInputObjectType,
  executable: GraphQLSchema,
  isGiven: IsGiven,
): number {
  const { width, filled } = shapeOf(type, executable);
  return width + sizeOfLeftOut(filled, executable, isGiven);
}

/** The size of the defaults of inputs that are not given. */
export function sizeOfLeftOut(
  inputs: readonly Input[],
  executable: GraphQLSchema,
  isGiven: IsGiven,
): number {
  let size = 0;
  for (const input of inputs) {
    if (!isGiven(input.name)) size += sizeOf(input.type, defaultOf(input), executable);
  }
  return size;
}

function shapeOf(type: GraphQLInputObjectType, executable: GraphQLSchema): Shape {
  const found = executable.getType(type.name);
  const whole = isInputObjectType(found) ? found : type;
  const known = shapes.get(whole);
  if (known !== undefined) return known;
  const fields = whole.getFields();
  const inputs = Object.values(fields);
  const filled = inputs.filter((input) => typeof defaultOf(input) === 'object');
  const shape = { fields, width: inputs.length, filled };
  shapes.set(whole, shape);
  return shape;
}

/** The size of a default, which is already coerced. */
function sizeOf(type: GraphQLInputType, value: unknown, executable: GraphQLSchema): number {
  if (typeof value !== 'object' || value === null) return 0;
  const known = sizes.get(value);
  if (known !== undefined) return known;
  const inner = getNullableType(type);
  let size = 0;
  if (isListType(inner) && Array.isArray(value)) {
    size = value.length;
    for (const entry of value) size += sizeOf(inner.ofType, entry, executable);
  } else if (isInputObjectType(inner)) {
    size = widthOf(inner, executable, (name) => Object.hasOwn(value, name));
    const { fields } = shapeOf(inner, executable);
    for (const [name, given] of Object.entries(value)) {
      const field = fields[name];
      if (field !== undefined) size += sizeOf(field.type, given, executable);
    }
  }
  sizes.set(value, size);
  return size;
}
