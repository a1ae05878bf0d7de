/** The coordinates of a schema, as the GraphQL specification writes them. */
import {
  type GraphQLField,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
} from 'graphql';

/** Fields, arguments, input fields and enum values of a schema's own types, in schema order. */
export function coordinatesIn(schema: GraphQLSchema | undefined): string[] {
  return Object.values(schema?.getTypeMap() ?? {}).flatMap((type) => {
    if (type.name.startsWith('__')) return [];
    if (isEnumType(type)) return type.getValues().map(({ name }) => `${type.name}.${name}`);
    if (isInputObjectType(type)) {
      return Object.keys(type.getFields()).map((name) => `${type.name}.${name}`);
    }
    if (!isObjectType(type) && !isInterfaceType(type)) return [];
    return Object.values(type.getFields()).flatMap((field) => ofField(type.name, field));
  });
}

function ofField(type: string, { name, args }: GraphQLField<unknown, unknown>): string[] {
  const own = `${type}.${name}`;
  return [own, ...args.map((argument) => `${own}(${argument.name}:)`)];
}

export function hasCoordinate(schema: GraphQLSchema, coordinate: string): boolean {
  const [, typeName = '', name = '', argument] =
    /^(\w+)\.(\w+)(?:\((\w+):\))?$/.exec(coordinate) ?? [];
  const type = schema.getType(typeName);
  if (isEnumType(type)) return type.getValue(name) !== undefined;
  if (isInputObjectType(type)) return Object.hasOwn(type.getFields(), name);
  if (!isObjectType(type) && !isInterfaceType(type)) return false;
  const field = Object.hasOwn(type.getFields(), name) ? type.getFields()[name] : undefined;
  if (argument === undefined) return field !== undefined;
  return field?.args.some((one) => one.name === argument) === true;
}
