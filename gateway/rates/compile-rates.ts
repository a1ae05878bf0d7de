/** Resolves the coordinates of rates: the fields that they name, and those in their classes. */

import type { Situation } from '../conditions/situation.ts';
import { ConfigError, type Problem } from '../files/config-error.ts';
import { didYouMean } from '../files/nearest.ts';
import type { Caller } from '../request.ts';
import type { CompiledRate } from './rate.ts';
import type { WrittenRate } from './rates-file.ts';

export interface RateTools {
  /** Coordinates on concrete types that the fields of a rate name; throws ConfigError. */
  coordinatesOf(rate: WrittenRate): readonly string[];
  /** Classes of a coordinate. */
  classesOf(coordinate: string): readonly string[];
  /** Coordinates with a class. */
  coordinatesIn(className: string): readonly string[];
  /** All classes that rules assign. */
  readonly classNames: Iterable<string>;
  holds(
    condition: NonNullable<WrittenRate['appliesTo']>,
  ): (caller: Caller, situation?: Situation) => boolean;
}

/** Throws ConfigError with every unknown name: such a rate would never refuse. */
export function compileRates(rates: readonly WrittenRate[], tools: RateTools): CompiledRate[] {
  const problems: Problem[] = [];
  const compiled = rates.map((rate): CompiledRate => {
    const isNarrow = rate.fields.length > 0 || rate.classes.length > 0;
    const named = namedIn(rate, tools, problems);
    const classified = rate.classes.flatMap((name) => classifiedIn(name, rate, tools, problems));
    const { name, per, counts, limit, windowMs, source } = rate;
    const coordinates = isNarrow ? new Set([...named, ...classified]) : undefined;
    if (rate.shadow !== undefined) refuseClassified(rate, coordinates ?? [], tools, problems);
    return {
      name,
      per,
      counts,
      limit,
      windowMs,
      source,
      forAll: rate.appliesTo === undefined,
      coordinates,
      ...(rate.shadow && { inShadow: true }),
      applies: rate.appliesTo === undefined ? () => true : tools.holds(rate.appliesTo),
    };
  });
  if (problems.length > 0) throw new ConfigError(problems);
  return compiled;
}

function namedIn(rate: WrittenRate, tools: RateTools, problems: Problem[]): readonly string[] {
  try {
    return tools.coordinatesOf(rate);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    problems.push(...error.problems);
    return [];
  }
}

function classifiedIn(
  className: string,
  rate: WrittenRate,
  tools: RateTools,
  problems: Problem[],
): readonly string[] {
  const coordinates = tools.coordinatesIn(className);
  if (coordinates.length === 0) {
    const message = `rate "${rate.name}": no field has the class "${className}"${didYouMean(className, tools.classNames)}`;
    problems.push({ ...rate.source, path: '', code: 'unknown-name', message });
  }
  return coordinates;
}

/** Refuses shadow mode for classified coordinates: their author relies on the limit. */
function refuseClassified(
  { name, shadow, source }: WrittenRate,
  coordinates: Iterable<string>,
  tools: RateTools,
  problems: Problem[],
): void {
  for (const coordinate of coordinates) {
    const classes = tools.classesOf(coordinate);
    if (classes.length === 0) continue;
    const message = `rate "${name}": ${coordinate} has the class ${classes.join(', ')}, and what is classified is not left open in shadow mode: take "shadow" or the field out`;
    problems.push({ ...(shadow?.source ?? source), path: '', code: 'conflict', message });
    return;
  }
}
