/**
 * Reads policies/rates/*.yaml: how often, and how many records. A rate that could never refuse what
 * it names, or whose buckets could not be told apart, prevents the start.
 */
import { z } from 'zod';
import type { Condition } from '../conditions/condition.ts';
import { type NamePlaces, placedParts } from '../conditions/condition-places.ts';
import { readCallerCondition } from '../conditions/read-condition.ts';
import { ConfigError, type Problem } from '../files/config-error.ts';
import { listPolicyFiles } from '../files/policy-folder.ts';
import type { SourceLocation } from '../files/source-location.ts';
import { checkYaml } from '../files/yaml-check.ts';
import { complain } from '../files/yaml-complaint.ts';
import { readYaml, type YamlSource } from '../files/yaml-source.ts';
import { type Shadow, shadowSchema } from '../shadow.ts';
import { durationPattern, parseDuration } from '../time/duration.ts';
import type { Counts, Identity, Rate } from './rate.ts';

/** A rate as written, with unresolved names. */
export interface WrittenRate extends Rate {
  readonly source: SourceLocation;
  readonly fields: readonly { type: string; name: string; source: SourceLocation }[];
  readonly classes: readonly string[];
  /** The callers to whom it applies; undefined for all. */
  readonly appliesTo: Condition | undefined;
  /** Places of the network lists and the countries in it. */
  readonly names?: NamePlaces;
  /** Shadow mode and its position in the file; absent if in force. */
  readonly shadow?: Shadow & { readonly source: SourceLocation };
}

const label = z
  .string()
  .regex(/^[A-Za-z0-9][\w.:-]{0,99}$/)
  .describe('one word of letters, digits and . _ : -');

const identities = 'address, caller, client, token, claims.NAME or args.NAME';

const identity = z
  .string()
  .regex(/^(?:address|caller|client|token|claims(?:\.[^{}\s.]+)+|args(?:\.[\w-]+)+)$/)
  .describe(identities)
  .transform(toIdentity);

const windowMsMax = 30 * 86_400_000;

const window = z
  .string()
  .regex(durationPattern)
  .describe('a duration such as 1m, 1s to 30d')
  .refine((text) => isWindow(parseDuration(text) ?? windowMsMax), {
    params: { code: 'out-of-range', message: 'must be from 1s to 30d' },
  })
  .transform((text) => parseDuration(text) ?? 0);

const fieldName = z
  .string()
  .regex(/^(?:\*|[_A-Za-z]\w*)$/)
  .describe('a field name or "*"');

const typeName = z
  .string()
  .regex(/^[_A-Za-z]\w*$/)
  .describe('a type name');

const rate = z
  .strictObject({
    name: label,
    per: z
      .union([identity, z.array(identity).min(1).max(5)])
      .describe(`${identities}, or a list of up to five`),
    fields: z
      .record(typeName, z.array(fieldName).min(1).max(1_000))
      .refine((types) => Object.keys(types).length > 0, {
        params: { code: 'empty', message: 'must not be empty: a type and its fields' },
      })
      .describe('types, each with a list of its fields, like { Query: [employees] }')
      .optional(),
    class: z.union([label, z.array(label).min(1).max(20)]).optional(),
    counts: z.enum(['requests', 'occurrences', 'records']).optional(),
    limit: z.int().min(1).max(1_000_000_000).describe('a whole number, at least 1'),
    window,
    for: z
      .unknown()
      .meta({ part: 'condition' })
      .transform((value, context) => readCallerCondition(value, context))
      .optional(),
    shadow: shadowSchema.optional(),
  })
  .superRefine(checkRate);

export const ratesSchema = z.strictObject({
  version: z.literal(1),
  rates: z.array(rate).max(1_000),
});

type Written = z.output<typeof rate>;

interface RateForm {
  readonly per: Identity | readonly Identity[];
  readonly fields?: unknown;
  readonly class?: unknown;
  readonly counts?: Counts | undefined;
  readonly shadow?: Shadow | undefined;
}

function checkRate(value: RateForm, context: { issues: z.core.$ZodRawIssue[] }): void {
  const isNarrow = value.fields !== undefined || value.class !== undefined;
  const readsArguments = [value.per].flat().some((one) => one.kind === 'argument');
  if (
    readsArguments &&
    (value.fields === undefined || (value.counts ?? 'occurrences') !== 'occurrences')
  ) {
    const message = 'a rate per argument needs "fields", and counts occurrences';
    complain(context, { code: 'conflict', message, path: ['per'] });
  }
  if (!isNarrow && value.counts !== undefined && value.counts !== 'requests') {
    const message = 'a rate without "fields" or "class" counts requests';
    complain(context, { code: 'conflict', message, path: ['counts'] });
  }
  if (value.shadow !== undefined && value.counts === 'records') {
    const message = 'a budget of records keeps values back: it is in force or not there';
    complain(context, { code: 'conflict', message, path: ['shadow'], part: 'key' });
  }
}

function isWindow(ms: number): boolean {
  return ms >= 1_000 && ms <= windowMsMax;
}

function toIdentity(text: string): Identity {
  const [kind = '', ...path] = text.split('.');
  if (kind === 'claims') return { kind: 'claim', path };
  if (kind === 'args') return { kind: 'argument', path };
  return { kind: kind as 'address' | 'caller' | 'client' | 'token', path: [] } as Identity;
}

/** Loads the rates of a policies directory; empty if the folder is missing. Throws ConfigError. */
export async function loadRates(directory: string): Promise<readonly WrittenRate[]> {
  const rates: WrittenRate[] = [];
  const problems: Problem[] = [];
  for (const file of (await listPolicyFiles(directory, 'rates')) ?? []) {
    try {
      rates.push(...toRates(await readYaml(file)));
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems);
    }
  }
  problems.push(...repeatedNames(rates));
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(rates);
}

/** The rates of one file that has been read; throws ConfigError. */
export function toRates(source: YamlSource): readonly WrittenRate[] {
  const { rates } = checkYaml(source, ratesSchema);
  return rates.map((written, index) => toRate(written, source, index));
}

function toRate(written: Written, source: YamlSource, index: number): WrittenRate {
  const at = (...steps: (string | number)[]): SourceLocation => ({
    file: source.file,
    ...source.at(['rates', index, ...steps]),
  });
  const { name, limit, fields = {} } = written;
  const isNarrow = written.fields !== undefined || written.class !== undefined;
  const names = placedParts(written.for, (path) => at('for', ...path));
  const counts: Counts = written.counts ?? (isNarrow ? 'occurrences' : 'requests');
  return {
    name,
    source: at(),
    per: [written.per].flat(),
    counts,
    limit,
    windowMs: written.window,
    classes: written.class === undefined ? [] : [written.class].flat(),
    fields: Object.entries(fields).flatMap(([type, names]) =>
      names.map((one, position) => ({ type, name: one, source: at('fields', type, position) })),
    ),
    appliesTo: written.for,
    ...(names.length > 0 && { names: new Map(names) }),
    ...(written.shadow && { shadow: { ...written.shadow, source: at('shadow') } }),
  };
}

/** A bucket is named after its rate, so two rates of one name would share buckets. */
function repeatedNames(rates: readonly WrittenRate[]): Problem[] {
  const seen = new Map<string, WrittenRate>();
  return rates.flatMap((rate): Problem[] => {
    const other = seen.get(rate.name);
    seen.set(rate.name, rate);
    if (other === undefined) return [];
    const message = `the rate name "${rate.name}" is taken by ${other.source.file}:${other.source.line}`;
    return [{ ...rate.source, path: '', code: 'duplicate-name', message }];
  });
}
