/** Paths into the arguments of a field, as policies write them: `input.address.city`. */
import { type GraphQLInputType, getNullableType, isInputObjectType } from 'graphql';
import { didYouMean } from '../files/nearest.ts';
import type { InputPin } from './compile-input-pins.ts';
import type { CompiledPins, Pin } from './compile-pins.ts';

/** The pin of the whole argument, or of the very field that the path leads to. */
export function pinAt(
  { pins, inputPins }: Pick<CompiledPins, 'pins' | 'inputPins'>,
  field: string,
  path: readonly string[],
): Pin | InputPin | undefined {
  const text = path.join('.');
  return (
    pins.get(field)?.find(({ argument }) => argument.name === path[0]) ??
    inputPins.get(field)?.find((pin) => [pin.argument.name, ...pin.path].join('.') === text)
  );
}

/** The type at a path inside an input of `type`, or why there is none. No path leads through lists. */
export function typeInside(
  type: GraphQLInputType,
  steps: readonly string[],
): { readonly type: GraphQLInputType } | { readonly misfit: string } {
  let at = type;
  for (const step of steps) {
    const inner: GraphQLInputType = getNullableType(at);
    const fields = isInputObjectType(inner) ? inner.getFields() : {};
    const next = Object.hasOwn(fields, step) ? fields[step] : undefined;
    if (next === undefined) {
      const hint = didYouMean(step, Object.keys(fields));
      return { misfit: `${String(inner)} has no field ${step}${hint}` };
    }
    at = next.type;
  }
  return { type: at };
}
