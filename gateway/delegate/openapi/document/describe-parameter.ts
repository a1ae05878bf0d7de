/** The description of an argument: the document's text, and the service's default. */
import type { ApiParameter } from './list-operations.ts';
import { isSchema, type SchemaLike } from './schema-shape.ts';

/** Defaults are applied by the upstream: an omitted argument is not sent. */
export function describeParameter({ description, schema }: ApiParameter): {
  readonly description: string;
  /** Without the sentence on the default, which may name fields unrelated to the argument. */
  readonly ownWords: string;
} {
  const words = new Set([description, describeSchema(schema).description]);
  const ownWords = [...words].filter((text) => text !== undefined && text !== '').join(' ');
  const fallback = isSchema(schema) ? schema.default : undefined;
  const told = isTellable(fallback, { left: 100 }) ? JSON.stringify(fallback) : 'what it likes';
  const note = fallback === undefined ? '' : `Where left out, the service takes ${told}.`;
  return { description: [ownWords, note].filter((text) => text !== '').join(' '), ownWords };
}

export function describeSchema(schema: SchemaLike): { description?: string } {
  const description = isSchema(schema) ? schema.description : undefined;
  return typeof description === 'string' && description !== '' ? { description } : {};
}

/** YAML aliases allow values that contain themselves or explode when serialised. */
function isTellable(value: unknown, values: { left: number }): boolean {
  values.left -= 1;
  if (values.left < 0) return false;
  if (typeof value !== 'object' || value === null) return true;
  return Object.values(value).every((inner) => isTellable(inner, values));
}
