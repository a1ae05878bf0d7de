/**
 * By which argument an upstream is asked for objects by key. A made-up object has the key that it
 * was asked for, or a join would refuse it as somebody else's.
 */
import { type GraphQLField, type GraphQLSchema, getNamedType, isObjectType } from 'graphql';
import type { Config } from '../../config.ts';

export interface KeyField {
  /** Argument that takes a key, or a list of keys. */
  readonly argument: string;
  /** Field of the object that states it. */
  readonly field: string;
}

/** By root field of one upstream, as `Query.employee`. */
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

/** What the arguments say of the objects that a root field returns, one entry for each object. */
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
