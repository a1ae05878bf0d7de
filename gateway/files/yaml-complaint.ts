/**
 * Turns zod issues into problems whose messages say what would be right.
 *
 * Object schemas are strict: an unknown key is refused with the nearest name, and a designed key
 * that this version lacks is refused by name (see `laterKeys`). A schema's `describe` text states
 * what a value must be, in messages and in the JSON Schema.
 */
import { z } from 'zod';
import type { Path, ProblemCode } from './config-error.ts';
import { didYouMean } from './nearest.ts';
import type { Part } from './yaml-source.ts';

/** Refused keys of an object schema, each with what to do instead, or an empty text. */
const laterKeys = z.registry<Readonly<Record<string, string>>>();

/** Reports a problem from inside a schema, at `path` below the checked value. */
export function complain(
  context: { issues: z.core.$ZodRawIssue[] },
  about: { code: ProblemCode; message: string; path?: Path; part?: Part },
): void {
  const { path = [], ...params } = about;
  context.issues.push({
    code: 'custom',
    path: [...path],
    input: undefined,
    params,
    continue: true,
  });
}

export interface Draft {
  readonly code: ProblemCode;
  readonly message: string;
  readonly part?: Part | undefined;
  /** One finding per key, if the problem concerns several. */
  readonly keys?: ReadonlyMap<string, { code: ProblemCode; message: string }>;
}

/** Used if no schema describes the value. */
const unsaid = 'of another form';

/** Words an issue while its schema is still at hand. */
export function toDraft(issue: z.core.$ZodRawIssue): Draft {
  const wants = describe(issue);
  switch (issue.code) {
    case 'unrecognized_keys':
      return unknownKeys(issue);
    case 'custom':
      return (issue.params ?? {}) as unknown as Draft;
    case 'invalid_type':
      if (issue.input !== undefined) return { code: 'wrong-type', message: `must be ${wants}` };
      return { code: 'missing-key', message: `is required: ${wants}`, part: 'key' };
    case 'invalid_value':
      if (issue.input === undefined) {
        return { code: 'missing-key', message: `is required: ${oneOf(issue)}`, part: 'key' };
      }
      return { code: 'wrong-value', message: `must be ${oneOf(issue)}` };
    case 'too_small':
    case 'too_big':
      return size(issue, wants);
    case 'invalid_key':
      return { code: 'wrong-name', message: `this key must be ${keyWants(issue)}`, part: 'key' };
    case 'invalid_format':
      return { code: 'wrong-format', message: `must be ${wants}` };
    default:
      if (issue.input === undefined) {
        return { code: 'missing-key', message: `is required: ${wants}`, part: 'key' };
      }
      return { code: 'wrong-type', message: `must be ${wants}` };
  }
}

function unknownKeys(issue: z.core.$ZodRawIssue<z.core.$ZodIssueUnrecognizedKeys>): Draft {
  const schema = issue.inst as z.ZodObject;
  const later = laterKeys.get(schema) ?? {};
  const shape = Object.keys(schema.shape);
  const keys = issue.keys.map((key): [string, { code: ProblemCode; message: string }] => {
    if (!Object.hasOwn(later, key)) {
      const message = `unknown key "${key}"${didYouMean(key, shape) || knownKeys(shape)}`;
      return [key, { code: 'unknown-key', message }];
    }
    const instead = later[key] === '' ? '' : `: ${later[key]}`;
    const message = `"${key}" is not supported by this version${instead}`;
    return [key, { code: 'not-supported', message }];
  });
  return { code: 'unknown-key', message: '', part: 'key', keys: new Map(keys) };
}

/** Keys that are named where none is near; a longer list is left to the guide. */
const namedMax = 12;

const knownKeys = (shape: readonly string[]): string =>
  shape.length > namedMax ? '' : `: the keys here are ${shape.join(', ')}`;

function size(
  issue: z.core.$ZodRawIssue<z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig>,
  wants: string,
): Draft {
  const isEmpty = issue.code === 'too_small' && issue.origin !== 'number' && issue.minimum === 1;
  if (isEmpty) {
    const hint = wants === unsaid ? '' : `: ${wants}`;
    return { code: 'empty', message: `must not be empty${hint}` };
  }
  const bound =
    issue.code === 'too_small' ? `at least ${issue.minimum}` : `at most ${issue.maximum}`;
  const unit =
    issue.origin === 'array' ? ' entries' : issue.origin === 'string' ? ' characters' : '';
  return { code: 'out-of-range', message: `must be ${bound}${unit}` };
}

function oneOf(issue: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidValue>): string {
  const values = issue.values.map(String);
  const hint = typeof issue.input === 'string' ? hintAt(issue.input, values) : '';
  return `${values.join(', ').replace(/, ([^,]*)$/, ' or $1')}${hint}`;
}

const hintAt = (input: string, values: readonly string[]): string =>
  values.includes(input) ? ', without quotes' : didYouMean(input, values);

/** The schema's description, else a name for zod's type. */
function describe(issue: z.core.$ZodRawIssue): string {
  for (const owner of [issue.schema, issue.inst]) {
    const said = owner && z.globalRegistry.get(owner as z.core.$ZodType)?.description;
    if (said) return said;
  }
  const expected = issue.code === 'invalid_type' ? issue.expected : unsaid;
  const names: Record<string, string> = {
    array: 'a list',
    object: 'a map of keys and values',
    record: 'a map of keys and values',
    string: 'text (quote it if it looks like a number)',
    number: 'a number',
    int: 'a whole number',
    boolean: 'true or false',
  };
  return names[expected] ?? expected;
}

function keyWants(issue: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidKey>): string {
  const { keyType } = (issue.inst as z.ZodRecord)._zod.def;
  return z.globalRegistry.get(keyType)?.description ?? 'a name';
}
