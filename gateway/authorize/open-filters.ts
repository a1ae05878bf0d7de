/**
 * Finds open filters on fields that no rule grants to anybody and that have no class: only guarded
 * fields lock their filters, so whoever may ask `employees(ssnStartsWith:)` can find out an SSN that
 * nobody has. For `check`: it may be meant.
 */
import { type GraphQLSchema, getNamedType } from 'graphql';
import { splitCoordinate } from '../graph/coordinate.ts';
import { isFieldOwner } from '../graph/output-fields.ts';
import { findFilters } from './filters/implied-locks.ts';
import { keyNames, keyTypes } from './key-inputs.ts';
import type { CoordinatePolicy, FilterMatch, Policy } from './policy.ts';
import { coordinatesIn } from './schema-coordinates.ts';
import { judgeName } from './sensitive-names.ts';

/** `means` are fields that nobody has whole. */
export type OpenFilter = FilterMatch;

/** @param viewWithout the schema of callers from whom the given coordinates are hidden */
export function findOpenFilters(
  schema: GraphQLSchema,
  policy: Policy,
  viewWithout: (hidden: ReadonlySet<string>) => { readonly schema: GraphQLSchema } | undefined,
): readonly OpenFilter[] {
  const { fields, inputs } = policy;
  const { locks } = findFilters(schema, fields, isUngranted);
  if (locks.size === 0) return [];
  const closed = [...fields.values(), ...inputs.values()].filter(isClosed);
  const view = viewWithout(new Set(closed.map(({ coordinate }) => coordinate)));
  const usable = new Set(coordinatesIn(view?.schema));
  return [...locks.values()].flatMap((match) => {
    const { coordinate } = match;
    // By a rule that is no wildcard, or by the lock of a guarded field that it means too.
    const isDecided = inputs.get(coordinate)?.broadOnly === false;
    const means = match.means.filter((one) => !isBookkeeping(schema, one));
    return isDecided || means.length === 0 || !usable.has(coordinate) ? [] : [{ ...match, means }];
  });
}

const isUngranted = (one: CoordinatePolicy | undefined): boolean =>
  one !== undefined && (one.forbid !== undefined || one.grants.length === 0);

/** What a mask shows a part of is not closed, but a filter on it tells the whole. */
const isClosed = (one: CoordinatePolicy): boolean =>
  isUngranted(one) && (one.forbid !== undefined || one.masks.length === 0);

const pagingNames =
  /^(?:first|last|before|after|limit|offset|skip|cursor|page|per_?page|page_?(?:size|number))$/i;

/** Keys of objects and places in lists: what callers give to fetch. Sensitive names are neither. */
function isBookkeeping(schema: GraphQLSchema, coordinate: string): boolean {
  const [typeName, name] = splitCoordinate(coordinate);
  if (judgeName(name) !== undefined) return false;
  const owner = schema.getType(typeName);
  const type = isFieldOwner(owner) ? owner.getFields()[name]?.type : undefined;
  const isKey =
    keyNames.test(name) || (type !== undefined && keyTypes.test(getNamedType(type).name));
  return isKey || pagingNames.test(name);
}
