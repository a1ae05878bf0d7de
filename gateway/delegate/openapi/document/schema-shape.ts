/**
 * The few kinds that a JSON Schema can amount to in GraphQL types. What has no clear answer is
 * `json`, with the reason.
 */
import { isPlainObject } from './plain-object.ts';

/** As documents mean it; whether they write it so is looked at where it is read. */
export interface JsonSchema {
  $ref?: string;
  type?: string | string[];
  title?: string;
  format?: string;
  description?: string;
  nullable?: boolean;
  'x-nullable'?: boolean;
  default?: unknown;
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
  /** A plain text in Swagger 2. `targets` are the schemas that the mapping names. */
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
  /** Declares further properties beside the named ones. */
  open: boolean;
  /** Properties that parts of an allOf describe differently. */
  conflicts: readonly string[];
}
/** Objects of several types; which one a value is, `member-of.ts` decides. */
export interface UnionShape {
  kind: 'union';
  nullable: boolean;
  source: JsonSchema;
  members: readonly UnionMember[];
  discriminator: Discriminator | undefined;
}
export interface UnionMember {
  /** As the document has it: a component, for one. */
  written: SchemaLike;
  /** With what stands beside the alternatives. */
  schema: SchemaLike;
  shape: ObjectShape | UnionShape;
}
export interface Discriminator {
  /** On the wire. */
  property: string;
  /** Of the mapping; other values are names of components. */
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
  /** `long` is an integer that may leave the 32 bits of Int. */
  scalar: 'string' | 'int' | 'long' | 'float' | 'boolean';
  format: string | undefined;
}
export interface JsonShape {
  kind: 'json';
  nullable: boolean;
  /** Why it is opaque, where the document itself does not leave it free-form. */
  why: string | undefined;
}
export type Shape = ObjectShape | UnionShape | ListShape | EnumShape | ScalarShape | JsonShape;

export function jsonShape(why: string | undefined, nullable = false): JsonShape {
  return { kind: 'json', nullable, why };
}

/** The names in `type`; documents also write none, one, or a list with null. */
export function typesOf({ type }: JsonSchema): string[] {
  return [type ?? []].flat().filter((each) => typeof each === 'string');
}

export function propertiesOf({ properties }: JsonSchema): [string, SchemaLike][] {
  return isPlainObject(properties) ? Object.entries(properties) : [];
}

/** Old documents write `required: true` at the property itself, which names nothing. */
export function requiredOf({ required }: JsonSchema): string[] {
  return partsOf(required).filter((each) => typeof each === 'string');
}

export function partsOf<T>(list: readonly T[] | undefined): readonly T[] {
  return Array.isArray(list) ? list : [];
}

export function isSchema(schema: SchemaLike): schema is JsonSchema {
  return isPlainObject(schema);
}

export function isReadOnly(schema: SchemaLike): boolean {
  return isSchema(schema) && schema.readOnly === true;
}

export function isWriteOnly(schema: SchemaLike): boolean {
  return isSchema(schema) && schema.writeOnly === true;
}

/** Whether null is among its values, by any of the spellings. */
export function permitsNull(schema: JsonSchema): boolean {
  return (
    schema.nullable === true ||
    schema['x-nullable'] === true ||
    typesOf(schema).includes('null') ||
    schema.const === null ||
    partsOf(schema.enum).includes(null)
  );
}
