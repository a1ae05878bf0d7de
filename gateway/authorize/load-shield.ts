/**
 * graphql-shield, and the context that its rules read.
 *
 * Loaded as CommonJS, because the ES build imports a name that Node 24 no longer has. `chain` and
 * `race` fail for the same reason; `and` and `or` work.
 */
import { createRequire } from 'node:module';
import type * as Shield from 'graphql-shield';
import type { RequestRecord } from '../request.ts';

export const { shield, rule, and, or, deny } = createRequire(import.meta.url)(
  'graphql-shield',
) as typeof Shield;

export type ShieldRule = ReturnType<ReturnType<typeof rule>>;
export type AnyShieldRule = ShieldRule | ReturnType<typeof and> | ReturnType<typeof or>;

/** The part of the GraphQL context that the second lock reads. */
export interface LockedContext {
  readonly record: Pick<
    RequestRecord,
    'caller' | 'verdicts' | 'country' | 'networks' | 'startedAtMs'
  >;
  /** As sent by the caller. */
  readonly sentVariables?: Readonly<Record<string, unknown>>;
  /** For a mutation: result keys of the root fields that were granted by an object read first. */
  readonly first?: { readonly granted: ReadonlySet<string | number> } | undefined;
}
