/**
 * The few kinds of GraphQL types that a JSON Schema can amount to. Anything ambiguous is `json`,
 * with the reason.
 */
import { isJsonObject } from '../../../json-value.ts';

/** The intended form; whether a document keeps to it is checked on reading. */
export interface JsonSchema {
  $ref?: string;
  type?: string | string[];
  title?: string;
  format?: string;
  description?: string;
  nullable?: boolean;
  'x-nullable'?: boolean;
  default?: unknown;
  example?: unknown;
  examples?: unknown[];
  enum?: unknown[];
  const?: unknown;
  properties?: Record<string, SchemaLike>;
  required?: string[];
  additionalProperties?: SchemaLike;
  patternProperties?: Record<string, SchemaLike>;
  items?: SchemaLike;
  allOf?: SchemaLike[];
  oneOf?: SchemaLike[];
  anyOf?: SchemaLike[];
  not?: SchemaLike;
  readOnly?: boolean;
  writeOnly?: boolean;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number | boolean;
  exclusiveMaximum?: number | boolean;
  multipleOf?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  minProperties?: number;
  maxProperties?: number;
  /** A string in Swagger 2. `targets` are the schemas that the mapping names. */
  discriminator?: string | { propertyName: string; targets?: ReadonlyMap<string, SchemaLike> };
}
export type SchemaLike = JsonSchema | boolean | undefined;

export interface ObjectShape {
  kind: 'object';
  nullable: boolean;
  /** The schema object that stands for the type: equal identity means the same type. */
  source: JsonSchema;
  properties: ReadonlyMap<string, SchemaLike>;
  required: ReadonlySet<string>;
  /** Whether further properties are declared beside the named ones. */
  open: boolean;
  /** Properties that parts of an allOf describe differently. */
  conflicts: readonly string[];
}
/** Objects of several types; `member-of.ts` decides which one a value is. */
export interface UnionShape {
  kind: 'union';
  nullable: boolean;
  source: JsonSchema;
  members: readonly UnionMember[];
  discriminator: Discriminator | undefined;
}
export interface UnionMember {
  /** As in the document, such as a component. */
  written: SchemaLike;
  /** Combined with what stands beside the alternatives. */
  schema: SchemaLike;
  shape: ObjectShape | UnionShape;
}
export interface Discriminator {
  /** The property's name on the wire. */
  property: string;
  /** Targets of the mapping; other values are names of components. */
  targets: ReadonlyMap<string, SchemaLike>;
}
export interface ListShape {
  kind: 'list';
  nullable: boolean;
  items: SchemaLike;
}
export interface EnumShape {
  kind: 'enum';
  nullable: boolean;
  source: JsonSchema;
  values: readonly (string | number)[];
}
export interface ScalarShape {
  kind: 'scalar';
  nullable: boolean;
  /** `long` is an integer that may exceed the 32 bits of Int. */
  scalar: 'string' | 'int' | 'long' | 'float' | 'boolean';
  format: string | undefined;
}
export interface JsonShape {
  kind: 'json';
  nullable: boolean;
  /** Why it is opaque, unless the document itself leaves it free-form. */
  why: string | undefined;
}
export type Shape = ObjectShape | UnionShape | ListShape | EnumShape | ScalarShape | JsonShape;

export function jsonShape(why: string | undefined, nullable = false): JsonShape {
  return { kind: 'json', nullable, why };
}

/** The names in `type`, which may be absent, one name, or a list. */
export function typesOf({ type }: JsonSchema): string[] {
  return [type ?? []].flat().filter((each) => typeof each === 'string');
}

export function propertiesOf({ properties }: JsonSchema): [string, SchemaLike][] {
  return isJsonObject(properties) ? Object.entries(properties) : [];
}

/** Undefined if the schema does not describe it. */
export function propertyOf({ properties }: JsonSchema, name: string): SchemaLike {
  return isJsonObject(properties) && Object.hasOwn(properties, name) ? properties[name] : undefined;
}

/** Old documents write `required: true` at the property itself, which names nothing. */
export function requiredOf({ required }: JsonSchema): string[] {
  return partsOf(required).filter((each) => typeof each === 'string');
}

/** A required property that is described nowhere has any value. */
export function withRequired(
  properties: ReadonlyMap<string, SchemaLike>,
  required: Iterable<string>,
): ReadonlyMap<string, SchemaLike> {
  const missing = [...required].filter((name) => !properties.has(name));
  if (missing.length === 0) return properties;
  return new Map([...properties, ...missing.map((name) => [name, true] as const)]);
}

export function partsOf<T>(list: readonly T[] | undefined): readonly T[] {
  return Array.isArray(list) ? list : [];
}

export function isSchema(schema: SchemaLike): schema is JsonSchema {
  return isJsonObject(schema);
}

export function isReadOnly(schema: SchemaLike): boolean {
  return isSchema(schema) && schema.readOnly === true;
}

export function isWriteOnly(schema: SchemaLike): boolean {
  return isSchema(schema) && schema.writeOnly === true;
}

export function hasDefault(schema: SchemaLike): boolean {
  return isSchema(schema) && schema.default !== undefined;
}

/** Whether null is permitted, in any of the spellings. */
export function permitsNull(schema: JsonSchema): boolean {
  return (
    schema.nullable === true ||
    schema['x-nullable'] === true ||
    typesOf(schema).includes('null') ||
    schema.const === null ||
    partsOf(schema.enum).includes(null)
  );
}
