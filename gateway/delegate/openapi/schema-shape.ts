/**
 * The few kinds that a JSON Schema can amount to in GraphQL types. What has no clear answer is
 * `json`, with the reason.
 */

export interface JsonSchema {
  $ref?: string;
  type?: string | string[];
  format?: string;
  description?: string;
  nullable?: boolean;
  default?: unknown;
  enum?: unknown[];
  const?: unknown;
  properties?: Record<string, SchemaLike>;
  required?: string[];
  additionalProperties?: SchemaLike;
  items?: SchemaLike;
  allOf?: SchemaLike[];
  oneOf?: SchemaLike[];
  anyOf?: SchemaLike[];
  readOnly?: boolean;
  writeOnly?: boolean;
  minimum?: number;
  maximum?: number;
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
export type Shape = ObjectShape | ListShape | EnumShape | ScalarShape | JsonShape;

export function jsonShape(why: string | undefined, nullable = false): JsonShape {
  return { kind: 'json', nullable, why };
}
