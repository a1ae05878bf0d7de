/**
 * The references of an OpenAPI document: what is one, where in a document they occur, and which file
 * they name. Pure.
 */
import { isJsonObject, type JsonObject } from '../../../json-value.ts';

/** Objects whose keys are names in the document, not keywords of OpenAPI. */
export const maps = new Set(
  [
    'properties patternProperties dependentSchemas $defs definitions schemas responses headers',
    'parameters requestBodies callbacks content encoding links paths webhooks pathItems',
    'securitySchemes',
  ]
    .join(' ')
    .split(' '),
);
/** Values, not schemas: a `$ref` in one is data. */
const values = new Set(['example', 'examples', 'default', 'enum', 'const', 'mapping']);

export interface Reference extends JsonObject {
  readonly $ref: string;
}

export function isReference(node: unknown): node is Reference {
  return isJsonObject(node) && typeof node.$ref === 'string';
}

export function* childKeys(node: object, isMap: boolean): Generator<string> {
  for (const key of Object.keys(node)) {
    if (isMap || Array.isArray(node) || !(values.has(key) || key.startsWith('x-'))) yield key;
  }
}

/** The `mapping` of a schema's discriminator: values on the wire, and their schemas. */
export function mappingOf(node: object): [string, string][] {
  const { discriminator } = node as JsonObject;
  if (!isJsonObject(discriminator) || typeof discriminator.propertyName !== 'string') return [];
  const { mapping } = discriminator;
  if (!isJsonObject(mapping)) return [];
  return Object.entries(mapping).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
}

/** Other values of a mapping are names of components. */
export function isPointer(text: string): boolean {
  return /[#/]|\.(?:ya?ml|json)$/i.test(text);
}

/** The URL of the file that a reference names, without its fragment. */
export function toFileUrl(reference: string, base: string): string {
  const url = URL.parse(reference, base);
  if (url === null) throw new Error(`the reference ${reference} is no reference`);
  url.hash = '';
  return url.href;
}

/** The problem with a node that is still a reference. */
export function lostReferenceIn(node: unknown): string | undefined {
  return isReference(node) ? toLostReference(node.$ref) : undefined;
}

export function toLostReference(text: string): string {
  return `the reference ${text} leads nowhere, or to itself`;
}
