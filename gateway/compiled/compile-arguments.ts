/**
 * Compiles the arguments of a REST root field: a function from the caller's variables to arguments,
 * coerced by the subgraph's own schema. Literals and defaults are coerced once, at compile time.
 */
import {
  type ArgumentNode,
  type FieldNode,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLSchema,
  getArgumentValues,
  getVariableValues,
  isLeafType,
  isNonNullType,
  Kind,
  type OperationDefinitionNode,
  type VariableDefinitionNode,
  valueFromAST,
} from 'graphql';
import { variablesIn } from './asked-text.ts';
import type { RestRootCall } from './program.ts';

type Values = Readonly<Record<string, unknown>>;

/** Writes one argument into `args`; throws if a value does not fit. */
type Write = (args: Record<string, unknown>, variables: Values) => void;

/**
 * Compiles the arguments of `node`; the result makes a new object per request. It throws Error if a
 * variable does not fit the upstream; no message holds a value.
 */
export function compileArguments(
  schema: GraphQLSchema,
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  operation: OperationDefinitionNode,
): RestRootCall['toArgs'] {
  const writes: Write[] = [];
  for (const argument of field.args) {
    const given = node.arguments?.find((one) => one.name.value === argument.name);
    const write = compileOne(argument, given, operation);
    if (write === undefined) return compileAny(schema, field, node, operation);
    writes.push(write);
  }
  return (variables) => {
    const args: Record<string, unknown> = Object.create(null);
    for (const write of writes) write(args, variables);
    return args;
  };
}

/** Undefined if the argument needs `compileAny`. */
function compileOne(
  argument: GraphQLArgument,
  given: ArgumentNode | undefined,
  operation: OperationDefinitionNode,
): Write | undefined {
  const { name, type, defaultValue } = argument;
  if (given === undefined) {
    if (defaultValue === undefined && isNonNullType(type)) return undefined;
    return (args) => {
      if (defaultValue !== undefined) args[name] = defaultValue;
    };
  }
  if (given.value.kind === Kind.VARIABLE)
    return compileVariable(argument, given.value.name.value, operation);
  if (variablesIn({ kind: Kind.FIELD, name: given.name, arguments: [given] }).length > 0) {
    return undefined;
  }
  const value = valueFromAST(given.value, type);
  if (value === undefined) return undefined;
  return (args) => {
    args[name] = value;
  };
}

/** A leaf type in a variable without defaults: the case of most point queries. */
function compileVariable(
  { name, type, defaultValue }: GraphQLArgument,
  variable: string,
  operation: OperationDefinitionNode,
): Write | undefined {
  const nullable = isNonNullType(type) ? type.ofType : type;
  const definition = definitionOf(operation, variable);
  const isPlain =
    defaultValue === undefined && definition !== undefined && definition.defaultValue === undefined;
  if (!isPlain || !isLeafType(nullable)) return undefined;
  const isRequired = isNonNullType(type);
  return (args, variables) => {
    const raw = Object.hasOwn(variables, variable) ? variables[variable] : undefined;
    if (raw === undefined || raw === null) {
      if (isRequired) throw new Error(`argument ${name} is missing`);
      if (raw === null) args[name] = null;
      return;
    }
    args[name] = nullable.parseValue(raw);
  };
}

function definitionOf(
  operation: OperationDefinitionNode,
  name: string,
): VariableDefinitionNode | undefined {
  return operation.variableDefinitions?.find((one) => one.variable.name.value === name);
}

function compileAny(
  schema: GraphQLSchema,
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  operation: OperationDefinitionNode,
): RestRootCall['toArgs'] {
  const used = new Set(variablesIn(node));
  const definitions = (operation.variableDefinitions ?? []).filter(({ variable }) =>
    used.has(variable.name.value),
  );
  return (variables) => {
    const { coerced } = getVariableValues(schema, definitions, { ...variables });
    // graphql-js quotes values in its errors, and values must not reach logs or callers.
    if (coerced === undefined) throw new Error('variables do not fit the upstream');
    return getArgumentValues(field, node, coerced);
  };
}
