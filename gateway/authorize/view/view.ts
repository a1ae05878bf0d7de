/** The schema as definitions by name, while it is turned into what callers see. */
import { getDocumentNodeFromSchema } from '@graphql-tools/utils';
import {
  type DefinitionNode,
  type FieldDefinitionNode,
  type GraphQLSchema,
  type InputValueDefinitionNode,
  type InterfaceTypeDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  type TypeDefinitionNode,
  type TypeNode,
} from 'graphql';
import { isOpaque } from '../opaque.ts';
import type { Policy } from '../policy.ts';

export type Owner = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode;

export interface View {
  readonly queryName: string;
  readonly mutationName: string | undefined;
  /** Definitions before anything was removed. */
  readonly whole: ReadonlyMap<string, TypeDefinitionNode>;
  /** The definitions left. */
  readonly types: Map<string, TypeDefinitionNode>;
}

/**
 * The view that the rules alone leave: without unlisted fields, but still with what depended on
 * them. The schema may change afterwards.
 */
export function openView(schema: GraphQLSchema, policy: Policy): View {
  const subscription = schema.getSubscriptionType()?.name;
  const { definitions } = getDocumentNodeFromSchema(schema);
  const pinned = [...policy.inputPins.values()].flat();
  const hiddenInputs = new Set(pinned.map(({ hides }) => hides));
  const types = definitions
    .filter(isTypeDefinition)
    .filter((one) => one.name.value !== subscription)
    .map((one) => withoutPinnedInputs(one, hiddenInputs));
  return {
    queryName: schema.getQueryType()?.name ?? 'Query',
    mutationName: schema.getMutationType()?.name,
    whole: new Map(types.map((type) => [type.name.value, type])),
    types: new Map(types.map((type) => [type.name.value, onlyListed(type, policy, schema)])),
  };
}

function onlyListed(
  type: TypeDefinitionNode,
  policy: Policy,
  schema: GraphQLSchema,
): TypeDefinitionNode {
  const name = type.name.value;
  if (isOwner(type)) {
    const isListed = (field: FieldDefinitionNode) =>
      policy.fields.get(`${name}.${field.name.value}`)?.listed === true;
    const listed = type.fields?.filter(isListed) ?? [];
    const fields = listed.map((field) => withoutPinned(name, field, policy));
    if (name !== schema.getMutationType()?.name) return { ...type, fields };
    return {
      ...type,
      fields: fields.map((field) => withoutOpaque(name, field, { policy, schema })),
    };
  }
  // A grant to read is never a grant to write: input fields that a mutation reaches are closed.
  if (type.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION && policy.writable.has(name)) {
    const isListed = (field: InputValueDefinitionNode) =>
      policy.inputs.get(`${name}.${field.name.value}`)?.listed === true;
    return { ...type, fields: type.fields?.filter(isListed) ?? [] };
  }
  return type;
}

/**
 * As if the input type had no such field, so that it can be given without a required pinned field.
 */
function withoutPinnedInputs(
  type: TypeDefinitionNode,
  hidden: ReadonlySet<string>,
): TypeDefinitionNode {
  if (type.kind !== Kind.INPUT_OBJECT_TYPE_DEFINITION || hidden.size === 0) return type;
  const { value: name } = type.name;
  const fields = type.fields?.filter((one) => !hidden.has(`${name}.${one.name.value}`)) ?? [];
  return { ...type, fields };
}

/** No caller can write a pinned argument, so a field that requires one can be called without it. */
function withoutPinned(
  owner: string,
  field: FieldDefinitionNode,
  { pins }: Policy,
): FieldDefinitionNode {
  const pinned = pins.get(`${owner}.${field.name.value}`);
  if (pinned === undefined) return field;
  const isFree = (one: InputValueDefinitionNode) =>
    !pinned.some(({ argument }) => argument.name === one.name.value);
  return { ...field, arguments: argumentsOf(field).filter(isFree) };
}

/**
 * The contents of a structured scalar have no coordinates, so only a rule that names the argument
 * opens it.
 */
function withoutOpaque(
  owner: string,
  field: FieldDefinitionNode,
  { policy, schema }: { readonly policy: Policy; readonly schema: GraphQLSchema },
): FieldDefinitionNode {
  const isOpen = (argument: InputValueDefinitionNode) =>
    !isOpaque(schema.getType(namedType(argument.type))) ||
    policy.inputs.get(`${owner}.${field.name.value}(${argument.name.value}:)`)?.listed === true;
  const kept = argumentsOf(field).filter(isOpen);
  const isBroken = argumentsOf(field).some((one) => isRequired(one) && !kept.includes(one));
  // A field of a type that does not exist is pruned and reported.
  if (isBroken) return { ...field, type: nowhere };
  return { ...field, arguments: kept };
}

export const nowhere: TypeNode = {
  kind: Kind.NAMED_TYPE,
  name: { kind: Kind.NAME, value: '__Hidden' },
};

function isTypeDefinition(node: DefinitionNode): node is TypeDefinitionNode {
  return 'name' in node && node.kind.endsWith('TypeDefinition');
}

export function isOwner(type: DefinitionNode): type is Owner {
  return type.kind === Kind.OBJECT_TYPE_DEFINITION || type.kind === Kind.INTERFACE_TYPE_DEFINITION;
}

/** Names of the types that a definition mentions. */
export function referencesOf(type: TypeDefinitionNode): string[] {
  const names: string[] = [];
  if ('interfaces' in type) names.push(...(type.interfaces ?? []).map((one) => one.name.value));
  if ('types' in type) names.push(...(type.types ?? []).map((one) => one.name.value));
  if ('fields' in type) {
    for (const field of type.fields ?? []) {
      names.push(namedType(field.type), ...argumentsOf(field).map((one) => namedType(one.type)));
    }
  }
  return names;
}

export function argumentsOf(
  field: FieldDefinitionNode | InputValueDefinitionNode,
): readonly InputValueDefinitionNode[] {
  return field.kind === Kind.FIELD_DEFINITION ? (field.arguments ?? []) : [];
}

export function isRequired(value: InputValueDefinitionNode): boolean {
  return value.type.kind === Kind.NON_NULL_TYPE && value.defaultValue === undefined;
}

export function namedType(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type);
}
