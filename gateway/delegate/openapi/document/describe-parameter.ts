/** What callers read of an argument: the document's words, and what the service does without it. */
import type { ApiParameter } from './list-operations.ts';
import { isSchema, type SchemaLike } from './schema-shape.ts';

/** A default is the upstream's to apply: what the caller did not give is not sent. */
export function describeParameter({ description, schema }: ApiParameter): {
  readonly description: string;
  /** Without what we say of the default: that speaks of fields that the argument may not mean. */
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

/** YAML's aliases make values that hold themselves, and some that are small until they are written. */
function isTellable(value: unknown, values: { left: number }): boolean {
  values.left -= 1;
  if (values.left < 0) return false;
  if (typeof value !== 'object' || value === null) return true;
  return Object.values(value).every((inner) => isTellable(inner, values));
}
