/** The form of a file in policies/access: version and rules, each rule complete by itself. */
import { z } from 'zod';
import { asksForRows, type Condition } from '../../conditions/condition.ts';
import { writtenObjectPattern } from '../../conditions/object-read.ts';
import { readCondition } from '../../conditions/read-condition.ts';
import { complain } from '../../files/yaml-complaint.ts';
import { shadowSchema } from '../../shadow.ts';
import { readOtherwise } from './access-otherwise.ts';

type Context = { issues: z.core.$ZodRawIssue[] };

/** Copied into explanations and records: one word, no spaces or control characters. */
const label = z
  .string()
  .regex(/^[A-Za-z0-9][\w.:-]{0,99}$/)
  .describe('one word of letters, digits and . _ : -');

const typeName = z
  .string()
  .regex(/^[_A-Za-z]\w*$/)
  .describe('a type name');

const fieldName = z
  .string()
  .regex(/^(?:\*|[_A-Za-z]\w*(?:\([_A-Za-z]\w*:\))?)$/)
  .describe('a field name, "field(argument:)" or "*"');

/** A repeated name adds nothing and is probably a slip for another name. */
function unique(list: readonly unknown[], context: Context): void {
  for (const [index, entry] of list.entries()) {
    if (list.indexOf(entry) === index) continue;
    complain(context, { code: 'duplicate-name', message: 'stands here twice', path: [index] });
  }
}

const fields = z
  .record(typeName, z.array(fieldName).min(1).max(5_000).superRefine(unique))
  .refine((types) => Object.keys(types).length > 0, {
    params: { code: 'empty', message: 'must not be empty: a type with a list of its fields' },
  })
  .describe('types, each with a list of its fields, like { Employee: [ssn] }');

/** An argument, with an optional path inside it, so that unsupported paths are refused by name. */
export const pinnedPattern = /^([_A-Za-z]\w*)\.([_A-Za-z]\w*)\(([_A-Za-z]\w*(?:\.\w+)*):\)$/;

const pin = z
  .record(
    z
      .string()
      .regex(pinnedPattern)
      .describe('an argument, like Query.employees(tenantId:) or Mutation.hire(input.tenantId:)'),
    z
      .string()
      .regex(/^claims(?:\.[^{}\s.]+)+$/)
      .max(256)
      .describe('a claim of the token, like claims.tenant_id'),
  )
  .refine((pins) => Object.keys(pins).length > 0, {
    params: { code: 'empty', message: 'must not be empty: an argument with its claim' },
  })
  .describe('arguments that are fixed from the token, each with its claim');

const object = z
  .string()
  .max(500)
  .regex(writtenObjectPattern)
  .describe('what is read before a write, like "Query.employee(id: args.id)" in quotes, or new');

const condition = z
  .unknown()
  .meta({ part: 'condition' })
  .transform((value, context) => readCondition(value, context));
const otherwise = z
  .unknown()
  .meta({ part: 'otherwise' })
  .transform((value, context) => readOtherwise(value, context));

const rule = z
  .strictObject({
    name: label,
    class: z
      .union([label, z.array(label).min(1).max(20).superRefine(unique)])
      .describe('a class, or a list of classes')
      .optional(),
    fields: fields.optional(),
    types: z.array(typeName).min(1).max(5_000).superRefine(unique).optional(),
    allow: condition.optional(),
    require: condition.optional(),
    forbid: z.literal(true).optional(),
    otherwise: otherwise.optional(),
    pin: pin.optional(),
    shadow: shadowSchema.optional(),
    object: object.optional(),
  })
  .superRefine(checkRule, { when: () => true })
  .superRefine(checkShadow, { when: () => true });

export const accessSchema = z.strictObject({
  version: z.literal(1),
  rules: z.array(rule).max(10_000),
});

function checkRule(value: unknown, context: Context): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
  const has = (key: string): boolean => Object.hasOwn(value, key);
  const isNamed = has('fields') || has('types');
  const says = ['allow', 'require', 'forbid', 'class', 'object'].some(has);
  // A pin names its arguments itself.
  const isPin = has('pin') && !isNamed && !has('otherwise');
  if (!says && !isPin) {
    const message =
      'a rule needs "allow", "require", "forbid", "class" or "object", or "pin" alone';
    complain(context, { code: 'missing-key', message });
  }
  if (!isNamed && !(isPin && !says)) {
    complain(context, { code: 'missing-key', message: 'a rule needs "fields" or "types"' });
  }
  for (const key of ['allow', 'require', 'otherwise']) {
    if (!has('forbid') || !has(key)) continue;
    const message = `"forbid" is nobody, always: it excludes "${key}"`;
    complain(context, { code: 'conflict', message, path: [key], part: 'key' });
  }
  if (has('object') && has('types')) {
    const message =
      '`object` goes with the mutations under `fields`: `types` are a rule of their own';
    complain(context, { code: 'conflict', message, path: ['object'], part: 'key' });
  }
  const { otherwise: read } = value as { otherwise?: { outcome?: string } | undefined };
  if (
    read?.outcome !== 'drop' ||
    (has('types') && has('require') && !has('allow') && !has('fields'))
  )
    return;
  const message = '`drop` goes with `types` and `require`: such objects leave their lists';
  complain(context, { code: 'conflict', message, path: ['otherwise'] });
}

/** A rule in shadow mode changes nothing: no part of it may be in force or cause a fetch. */
function checkShadow(value: unknown, context: Context): void {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'shadow')) return;
  const refuse = (message: string): void => {
    complain(context, { code: 'conflict', message, path: ['shadow'], part: 'key' });
  };
  for (const key of ['class', 'otherwise', 'pin', 'object']) {
    if (!Object.hasOwn(value, key)) continue;
    refuse(`a rule in shadow mode changes nothing: put "${key}" into a rule that is in force`);
  }
  const { allow, require } = value as { allow?: Condition; require?: Condition };
  if (allow !== undefined && require !== undefined) {
    refuse('"allow" and "require" are judged one by one: give each a rule of its own');
  }
  if ([allow, require].some((one) => one instanceof Object && asksForRows(one))) {
    refuse('a rule in shadow mode fetches nothing: its `when` cannot look at `object` or `parent`');
  }
}
