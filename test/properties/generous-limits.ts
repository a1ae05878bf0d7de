import type { Limits } from '../../gateway/limits/limits.ts';

/** Limits have tests of their own; in the properties none may come before the decision. */
export const generousLimits: Partial<Limits> = {
  bodyBytes: 1_000_000,
  tokens: 20_000,
  depth: 50,
  height: 5000,
  rootFields: 100,
  fields: 5000,
  aliases: 5000,
  directives: 5000,
  introspectionDepth: 50,
  listSize: Number.MAX_SAFE_INTEGER,
  cost: Number.MAX_SAFE_INTEGER,
};
