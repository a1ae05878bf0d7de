/**
 * Fetches an object by key through a delegation: one key at a time, or all keys of one level in one
 * request, per caller's request.
 *
 * Loaders are bound to the context value, never to a root value, which could be one object for all
 * callers, so that they would share answers.
 */
import type { MergedTypeResolver } from '@graphql-tools/delegate';
import { createMergedTypeResolver } from '@graphql-tools/stitch';
import { type GraphQLResolveInfo, OperationTypeNode } from 'graphql';
import { UpstreamFailure } from '../../errors.ts';
import type { KeyTarget } from '../../graph/graph-parts.ts';
import { checkKey, copyRow, type Row, rekeyRows } from '../../graph/rekey-rows.ts';

export type Fetched = Row | Error | null;

export type FetchByKey = (
  key: string | number,
  ...delegation: Parameters<MergedTypeResolver> extends [unknown, ...infer Rest] ? Rest : never
) => Promise<Fetched>;

/** Most keys in one root field: a REST upstream takes them in its URL. */
export const keysMax = { graphql: 1000, openapi: 100 } as const;

/** Creates a fetch of the object with a key, null, or a failure; never another key's object. */
export function createFetchByKey(
  target: KeyTarget,
  { kind, keyField }: { kind: keyof typeof keysMax; keyField: string | undefined },
): FetchByKey {
  const { upstream, field: fieldName, argument } = target;
  const batched = createMergedTypeResolver(
    {
      fieldName,
      argsFromKeys: (keys: readonly unknown[]) => ({ [argument]: keys }),
      valuesFromResults: (rows: unknown, keys: readonly unknown[]) =>
        rekeyRows(rows, keys, { upstream, keyField }),
      dataLoaderOptions: { maxBatchSize: keysMax[kind] },
    },
    target.type,
  );
  const single = createMergedTypeResolver(
    { fieldName, args: (key: unknown) => ({ [argument]: key }) },
    target.type,
  );
  return async (key, context, info, subschema, selectionSet) => {
    const resolve = target.isBatch ? batched : single;
    const own = withoutRootValue(info);
    const scope = scopeOf(context, info);
    try {
      const row: Fetched =
        (await resolve?.(key, scope, own, subschema, selectionSet, key, target.type, true)) ?? null;
      if (row === null || row instanceof Error) return row;
      const checked = keyField === undefined ? row : checkKey(row, key, { upstream, keyField });
      return checked instanceof UpstreamFailure ? checked : copyRow(checked);
    } catch (error) {
      return error instanceof Error ? error : new Error('a delegation threw no error');
    }
  };
}

const scopes = new WeakMap<object, Map<string | number, object>>();

/**
 * The context that loaders are bound to. Each root field of a mutation has its own, because data
 * read before a write may be stale after it.
 */
function scopeOf<Context extends object>(context: Context, info: GraphQLResolveInfo): Context {
  if (info.operation.operation !== OperationTypeNode.MUTATION) return context;
  let { path } = info;
  while (path.prev !== undefined) path = path.prev;
  const byRoot = scopes.get(context) ?? new Map<string | number, object>();
  scopes.set(context, byRoot);
  const scope = byRoot.get(path.key) ?? { ...context };
  byRoot.set(path.key, scope);
  return scope as Context;
}

function withoutRootValue(info: GraphQLResolveInfo): GraphQLResolveInfo {
  return info.rootValue === undefined ? info : { ...info, rootValue: undefined };
}
