/**
 * graphql-shield, and what its rules read here.
 *
 * Loaded as CommonJS: the ES build imports a name that Node 24 no longer has. `chain` and `race`
 * fail for the same reason; `and` and `or` work.
 */
import { createRequire } from 'node:module';
import type * as Shield from 'graphql-shield';
import type { RequestRecord } from '../request.ts';

export const { shield, rule, and, or, deny } = createRequire(import.meta.url)(
  'graphql-shield',
) as typeof Shield;

export type ShieldRule = ReturnType<ReturnType<typeof rule>>;
export type AnyShieldRule = ShieldRule | ReturnType<typeof and> | ReturnType<typeof or>;

/** What the second lock reads of the GraphQL context. */
export interface LockedContext {
  readonly record: Pick<
    RequestRecord,
    'caller' | 'verdicts' | 'country' | 'networks' | 'startedAtMs'
  >;
  /** As the caller sent them. */
  readonly sentVariables?: Readonly<Record<string, unknown>>;
  /** Of a mutation: result keys of the root fields that an object has let through. */
  readonly first?: { readonly granted: ReadonlySet<string | number> } | undefined;
}
