/**
 * Determines what a case expects of each coordinate of its query. Named coordinates are taken
 * literally; an interface's coordinate stands for all implementations that are not named
 * themselves. The path to an expected allow or mask is implied; everything else is expected to be
 * refused.
 */
import type { GraphQLSchema } from 'graphql';
import type { AccessRule } from '../../authorize/access/access-file.ts';
import { matchRules } from '../../authorize/access/match-rules.ts';
import type { ExpectedVerdict, PolicyCase } from '../../files/cases-file.ts';
import type { Problem } from '../../files/config-error.ts';
import type { SourceLocation } from '../../files/source-location.ts';
import { splitCoordinate } from '../../graph/coordinate.ts';
import { chainOf, coordinatesAt, type Place } from './cases-places.ts';

export interface Expectation {
  readonly coordinate: string;
  readonly verdict: ExpectedVerdict;
  /** The coordinate as the case names it; undefined if it does not. */
  readonly written: string | undefined;
  /** The expected coordinate on whose path it lies, if it is implied. */
  readonly leadsTo?: string;
}

export const isOpen = (verdict: string): boolean => verdict === 'allow' || verdict === 'mask';

/**
 * Reads the named expectations, by coordinate at concrete types. `places` is undefined if a limit
 * refuses the query for every caller. A name that the schema lacks or the query does not touch is a
 * problem.
 */
export function readExpected(
  { expect, source, path }: PolicyCase,
  schema: GraphQLSchema,
  places: readonly Place[] | undefined,
): { readonly named: ReadonlyMap<string, Expectation>; readonly problems: readonly Problem[] } {
  const touched = places && new Set(places.flatMap(coordinatesAt));
  const named = new Map<string, Expectation>();
  const problems: Problem[] = [];
  for (const [written, verdict] of Object.entries(expect)) {
    const at = [...path, 'expect', written];
    const complain = (code: Problem['code'], message: string): void => {
      problems.push(source.problem({ path: at, part: 'key', code, message }));
    };
    const found = implementationsOf(schema, written, {
      file: source.file,
      ...source.at(at, 'key'),
    });
    for (const { code, message } of found.problems) complain(code, message);
    if (found.problems.length > 0) continue;
    const meant = found.coordinates.filter((one) => touched?.has(one) ?? true);
    if (meant.length === 0) complain('misfit', `the query does not touch ${written}`);
    for (const coordinate of meant) {
      const other = named.get(coordinate);
      if (other?.written === coordinate) continue;
      if (other !== undefined && written !== coordinate && other.verdict !== verdict) {
        const message = `${coordinate} is expected to be ${other.verdict} by ${other.written}: name it itself`;
        complain('conflict', message);
      } else named.set(coordinate, { coordinate, verdict, written });
    }
  }
  return { named, problems };
}

/** The coordinate itself and those of all implementations, or the reason why there is none. */
function implementationsOf(schema: GraphQLSchema, coordinate: string, source: SourceLocation) {
  const [type, name] = splitCoordinate(coordinate);
  const rule: AccessRule = {
    name: '',
    source,
    classes: [],
    fields: [{ type, name, source }],
    types: [],
    pins: [],
    allow: undefined,
    require: undefined,
    forbid: false,
    otherwise: undefined,
  };
  const { fields, inputs, problems } = matchRules(schema, [rule]);
  const said = problems.map(({ code, message }) =>
    code === 'wrong-type' ? { code, message: `${type} has no fields` } : { code, message },
  );
  return { coordinates: [...fields.keys(), ...inputs.keys()], problems: said };
}

/**
 * Completes the expectations for every coordinate that the query touches, named ones first.
 * `isRuled` tells whether an input has a rule of its own; without one it follows its field.
 */
export function completeExpected(
  named: ReadonlyMap<string, Expectation>,
  places: readonly Place[],
  isRuled: (input: string) => boolean,
): readonly Expectation[] {
  const all = new Map(named);
  const ruledAt = ({ coordinate, inputs }: Place) => [coordinate, ...inputs.filter(isRuled)];
  for (const place of places) {
    const goal = coordinatesAt(place).find((one) => isOpen(named.get(one)?.verdict ?? 'deny'));
    const chain = chainOf(place);
    if (goal === undefined || chain.some((one) => isClosed(one, named))) continue;
    for (const coordinate of chain.flatMap(ruledAt)) {
      if (all.has(coordinate)) continue;
      all.set(coordinate, { coordinate, verdict: 'allow', written: undefined, leadsTo: goal });
    }
  }
  for (const coordinate of places.flatMap(ruledAt)) {
    if (!all.has(coordinate))
      all.set(coordinate, { coordinate, verdict: 'deny', written: undefined });
  }
  return [...all.values()];
}

/** Whether the case expects a refusal at the place, so that nothing below it is reached. */
const isClosed = (place: Place, named: ReadonlyMap<string, Expectation>): boolean =>
  coordinatesAt(place).some((one) => !isOpen(named.get(one)?.verdict ?? 'allow'));
