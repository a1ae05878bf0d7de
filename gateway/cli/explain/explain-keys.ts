/**
 * Finds the argument by which an upstream looks up objects by key. A made-up object must state the
 * key that it was asked for, or the join would refuse it as a mismatch.
 */
import { type GraphQLField, type GraphQLSchema, getNamedType, isObjectType } from 'graphql';
import type { Config } from '../../config.ts';

export interface KeyField {
  /** The argument that takes a key, or a list of keys. */
  readonly argument: string;
  /** The object's field that holds the key. */
  readonly field: string;
}

/** By root field of one upstream, such as `Query.employee`. */
export type KeyFields = ReadonlyMap<string, KeyField>;

export function keyFieldsOf(
  upstream: string,
  schema: GraphQLSchema,
  { joins, links }: Pick<Config, 'joins' | 'links'>,
): KeyFields {
  const fields = schema.getQueryType()?.getFields() ?? {};
  const keys = new Map<string, KeyField>();
  for (const link of Object.values(links)) {
    const target = fields[link.field];
    if (link.upstream !== upstream || target === undefined) continue;
    const field = joins[getNamedType(target.type).name]?.key ?? 'id';
    keys.set(`Query.${link.field}`, { argument: link.argument, field });
  }
  for (const { key, upstreams } of Object.values(joins)) {
    const entry = upstreams[upstream];
    if (entry === undefined) continue;
    keys.set(`Query.${entry.field}`, { argument: entry.argument, field: key });
  }
  return keys;
}

/** Field values implied by the arguments, one entry for each object that a root field returns. */
export function toStatedFields(
  field: GraphQLField<unknown, unknown>,
  args: Readonly<Record<string, unknown>>,
  key: KeyField | undefined,
): Record<string, unknown>[] {
  const type = getNamedType(field.type);
  const known = isObjectType(type) ? type.getFields() : {};
  const stated: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(args)) {
    const like = Object.hasOwn(known, name) ? known[name] : undefined;
    if (like === undefined || !['ID', 'String'].includes(getNamedType(like.type).name)) continue;
    if (typeof value === 'string' || typeof value === 'number') stated[name] = String(value);
  }
  const keys = key === undefined ? undefined : args[key.argument];
  if (key === undefined || keys === undefined || keys === null) return [stated];
  const list: unknown[] = Array.isArray(keys) ? keys : [keys];
  return list.map((each) => ({ ...stated, [key.field]: each }));
}
