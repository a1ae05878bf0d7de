/**
 * Adds to a policy what its rules leave implied about filters: locks on filters over guarded fields
 * that no rule names (lock-filter.ts), and on defaults that select such fields (lock-defaults.ts).
 */
import type { GraphQLSchema } from 'graphql';
import { ownerOf } from '../../graph/coordinate.ts';
import type { AccessRule } from '../access/access-file.ts';
import { closeness, type Matches } from '../access/match-rules.ts';
import type { CoordinatePolicy, ImpliedLock, Policy } from '../policy.ts';
import { findFilters } from './implied-locks.ts';
import { lockDefaults } from './lock-defaults.ts';
import { type LockTools, lockFilter } from './lock-filter.ts';

/** The parts of a policy that filters change; `inputs` are those of the rules with the locks added. */
export type CompiledFilters = Pick<
  Policy,
  'inputs' | 'filters' | 'defaults' | 'hasServiceDefaults' | 'freeFilters'
>;

export function compileFilters(
  schema: GraphQLSchema,
  matches: Matches,
  about: Pick<Policy, 'fields' | 'inputs' | 'writable'> & {
    readonly pinned: ReadonlySet<string>;
    readonly compiler: LockTools;
  },
): CompiledFilters {
  const { fields, writable, pinned, compiler } = about;
  const { locks, free, byDefault } = findFilters(schema, fields);
  const inputs = new Map<string, CoordinatePolicy>(about.inputs);
  const filters = new Map<string, ImpliedLock>();
  for (const match of locks.values()) {
    const { coordinate } = match;
    // An input that no caller can write is no filter.
    if (pinned.has(coordinate)) continue;
    const named = namedBy(matches, coordinate);
    const own = inputs.get(coordinate);
    const isWritten = writable.has(ownerOf(coordinate));
    // Closed until a rule lists it, in queries too.
    if (isWritten && own === undefined) continue;
    filters.set(coordinate, { ...match, named });
    if (named !== undefined) continue;
    inputs.set(coordinate, lockFilter(match, { fields, own, isWritten, compiler }));
  }
  const defaults = lockDefaults(schema, { fields, inputs, filters, byDefault, pinned, compiler });
  return {
    inputs,
    filters,
    defaults,
    hasServiceDefaults: [...defaults.values()].some((all) => all.some((one) => one.isOfService)),
    freeFilters: new Map([...free].filter(([one]) => !pinned.has(one) && !namedBy(matches, one))),
  };
}

/** The rule that names an input itself; a wildcard is too broad to open what a class protects. */
function namedBy({ inputs }: Matches, coordinate: string): AccessRule | undefined {
  return inputs.get(coordinate)?.find((match) => match.closeness > closeness.broad)?.rule;
}
