/** Shared by the input types of objects and unions: their making, and their names. */
import type { GraphQLInputFieldConfig, GraphQLInputObjectType } from 'graphql';
import type { UpstreamFailure } from '../../../errors.ts';
import type { InputField } from '../call/write-input.ts';
import type { ObjectShape, UnionShape } from '../document/schema-shape.ts';
import type { TypePlace } from './type-place.ts';
import type { TypeSpace } from './type-space.ts';

export interface InputObject {
  type: GraphQLInputObjectType;
  write: (value: unknown) => unknown;
}

export interface InputMaking {
  readonly space: TypeSpace;
  /** The input objects of the types made so far. */
  readonly objects: WeakMap<GraphQLInputObjectType, InputObject>;
  readonly refuse: (why: string) => UpstreamFailure;
}

/** The input object of an equal schema, otherwise the one that `make` creates under a free name. */
export function shareInput(
  { source }: ObjectShape | UnionShape,
  place: TypePlace,
  { space, objects }: InputMaking,
  make: (name: string) => InputObject,
): InputObject | undefined {
  const type = space.share({
    family: 'input',
    wanted: toInputName(space.wantedName(source, place.hint)),
    source,
    place,
    make: (name) => {
      const object = make(name);
      objects.set(object.type, object);
      return object.type;
    },
  });
  return objects.get(type);
}

export function toConfigs(fields: readonly InputField[]): Record<string, GraphQLInputFieldConfig> {
  return Object.fromEntries(fields.map((field) => [field.name, field.config]));
}

function toInputName(name: string): string {
  return name.endsWith('Input') ? name : `${name}Input`;
}
