/** Checks the names in a cost policy against the schema: an unknown name prevents the start. */
import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isObjectType,
} from 'graphql';
import type { Problem, ProblemCode } from '../../files/config-error.ts';
import { didYouMean } from '../../files/nearest.ts';
import { splitCoordinate } from '../../graph/coordinate.ts';
import { complaintOfPath } from '../../graph/input-path.ts';
import type { CostPolicy, Place } from './cost-policy.ts';

export function checkCostNames(schema: GraphQLSchema, policy: CostPolicy): Problem[] {
  return [...unknownWeights(schema, policy), ...unfitSizes(schema, policy)];
}

function unknownWeights(schema: GraphQLSchema, { weights }: CostPolicy): Problem[] {
  return [...weights].flatMap(([coordinate, { place }]) => {
    const missing = missingName(schema, coordinate);
    return missing === undefined ? [] : [problem(place, 'unknown-name', missing)];
  });
}

function unfitSizes(schema: GraphQLSchema, { listSizes }: CostPolicy): Problem[] {
  return [...listSizes].flatMap(([coordinate, { size, place }]) => {
    const missing = missingName(schema, coordinate);
    if (missing !== undefined) return [problem(place, 'unknown-name', missing)];
    const field = fieldAt(schema, coordinate);
    const wrong = [
      ...(size.arguments ?? []).flatMap(
        (path) => complaintOfArgument(coordinate, field, path) ?? [],
      ),
      ...(size.sizedFields ?? []).flatMap((name) => missingBelow(field, name) ?? []),
    ];
    const problems = wrong.map((message) => problem(place, 'unknown-name', message));
    if (size.sizedFields !== undefined || isList(field)) return problems;
    const message = `${coordinate} is no list: name the lists below it under "sizedFields"`;
    return [...problems, problem(place, 'wrong-type', message)];
  });
}

type Field = GraphQLField<unknown, unknown> | undefined;

function fieldAt(schema: GraphQLSchema, coordinate: string): Field {
  const [typeName, fieldName] = splitCoordinate(coordinate);
  const type = schema.getType(typeName);
  return isObjectType(type) || isInterfaceType(type) ? type.getFields()[fieldName] : undefined;
}

const isList = (field: Field): boolean =>
  field !== undefined && isListType(getNullableType(field.type));

/** A misspelt step would never be read, and the size always be assumed. */
function complaintOfArgument(coordinate: string, field: Field, path: string): string | undefined {
  const [name = '', ...steps] = path.split('.');
  const args = field?.args ?? [];
  const argument = args.find((one) => one.name === name);
  if (argument === undefined) {
    const names = args.map((one) => one.name);
    return `${coordinate} has no argument ${name}${didYouMean(name, names)}`;
  }
  return complaintOfPath(`${coordinate}(${name}:)`, argument.type, steps);
}

/** Names a field that the object behind `field` lacks; undefined if there is one. */
function missingBelow(field: Field, name: string): string | undefined {
  const type = field && getNamedType(field.type);
  const fields = type === undefined ? [] : [...fieldsOf(type).keys()];
  if (type === undefined || fields.includes(name)) return undefined;
  return `the schema has no ${type.name}.${name}${didYouMean(name, fields)}`;
}

const problem = (place: Place, code: ProblemCode, message: string): Problem => ({
  ...place,
  code,
  message,
});

/** Names the missing part of `Type`, `Type.field` or `Type.field(arg:)`, with the nearest match. */
function missingName(schema: GraphQLSchema, coordinate: string): string | undefined {
  const [, typeName = '', fieldName, argumentName] =
    /^(\w+)(?:\.(\w+)(?:\((\w+):\))?)?$/.exec(coordinate) ?? [];
  const type = schema.getType(typeName);
  if (type === undefined)
    return `the schema has no ${typeName}${didYouMean(typeName, typesOf(schema))}`;
  if (fieldName === undefined) return undefined;
  const fields = fieldsOf(type);
  const field = fields.get(fieldName);
  if (field === undefined) {
    return `the schema has no ${typeName}.${fieldName}${didYouMean(fieldName, fields.keys())}`;
  }
  if (argumentName === undefined || field.includes(argumentName)) return undefined;
  return `${typeName}.${fieldName} has no argument ${argumentName}${didYouMean(argumentName, field)}`;
}

const typesOf = (schema: GraphQLSchema): string[] =>
  Object.keys(schema.getTypeMap()).filter((name) => !name.startsWith('__'));

/** Names of arguments by field. */
function fieldsOf(type: GraphQLNamedType): ReadonlyMap<string, readonly string[]> {
  if (isObjectType(type) || isInterfaceType(type)) {
    const fields = Object.values(type.getFields());
    return new Map(fields.map(({ name, args }) => [name, args.map((one) => one.name)]));
  }
  if (isInputObjectType(type)) return new Map(Object.keys(type.getFields()).map((n) => [n, []]));
  return new Map();
}
