/**
 * Rules that look at objects, for the comparison of engines: on fields, on what stands below them,
 * on arguments, and on whole types. Whether they are right is not asked here, only that both engines say the same.
 */
import {
  type GraphQLObjectType,
  getNullableType,
  isLeafType,
  isListType,
  isObjectType,
  isRequiredArgument,
} from 'graphql';
import { generateCondition } from './generate-policy.ts';
import type { Condition, Rule } from './policy.ts';
import type { Random } from './random.ts';
import { numberBase } from './rows.ts';
import { unifiedSchema } from './schema.ts';

const types = Object.values(unifiedSchema.getTypeMap()).filter(
  (type): type is GraphQLObjectType =>
    isObjectType(type) && !/^(?:__|Query$|Mutation$)/.test(type.name),
);
/** Those whose objects stand in other objects with an id. */
const below = new Set(['Account', 'Address', 'Money', 'Payslip', 'Office', 'Employee']);

/** The rules with some more, and without grants that cannot stand beside these. */
export function withRowRules(random: Random, rules: readonly Rule[]): Rule[] {
  const taken = rules.flatMap(({ fields = {}, otherwise }) =>
    otherwise === undefined
      ? []
      : Object.entries(fields).flatMap(([type, names]) => names.map((name) => `${type}.${name}`)),
  );
  const more: Rule[] = [];
  for (let count = 1 + random.below(5); count > 0; count -= 1) {
    const type = random.pick(types);
    const names = Object.keys(type.getFields()).filter(
      (name) => !taken.includes(`${type.name}.${name}`),
    );
    if (names.length === 0) continue;
    const fields = {
      [type.name]: [...new Set([random.pick(names), ...random.subset(names, 0.2)])],
    };
    const condition = rowCondition(random, type);
    const name = `rows-${count}`;
    const masks = [{ mask: 'redact' as const, allow: rowCondition(random, type) }];
    const text = fields[type.name]?.filter((one) => isText(type, one)) ?? [];
    if (random.chance(0.2) && text.length > 0) {
      const masked = { [type.name]: text };
      more.push({ name, fields: masked, class: 'rows', allow: condition, otherwise: masks });
      taken.push(...text.map((one) => `${type.name}.${one}`));
    } else if (random.chance(0.6)) more.push({ name, fields, class: 'rows', allow: condition });
    else more.push({ name, fields, require: condition });
  }
  if (random.chance(0.7)) {
    const type = random.pick(types);
    // Several for one type, of which some drop.
    for (let count = random.pick([1, 1, 2, 3]); count > 0; count -= 1) {
      const drops = random.chance(0.5) ? { otherwise: ['drop' as const] } : {};
      const name = `apart-${count}`;
      more.push({ name, types: [type.name], require: rowCondition(random, type), ...drops });
    }
  }
  if (random.chance(0.5)) more.push(argumentRule(random));
  more.push(...writeRules(random));
  const named = new Set(more.flatMap((one) => (one.allow === undefined ? [] : namesOf(one))));
  return [...rules.map((rule) => withoutGrants(rule, named)), ...more].filter(saysSomething);
}

/** On one field that takes arguments, alone or with what its object says. */
function argumentRule(random: Random): Rule {
  const holders = [...types, unifiedSchema.getQueryType()].filter((one) => one != null);
  const places = holders.flatMap((type) =>
    Object.values(type.getFields()).flatMap(({ name, args }) =>
      args.flatMap((one) => {
        const scalar = String(getNullableType(one.type));
        return /^(?:Int|String|ID)$/.test(scalar)
          ? [{ type, name, at: `args.${one.name}`, scalar }]
          : [];
      }),
    ),
  );
  const { type, name, at, scalar } = random.pick(places);
  const asked =
    scalar === 'Int'
      ? random.pick([`${at} <= 2`, `${at} > 1`, `!has(${at}) || ${at} != 3`])
      : random.pick([`${at}.contains("1")`, `!(${at} == "E#1")`, `has(${at}) && ${at} < "F"`]);
  const isRoot = type === unifiedSchema.getQueryType();
  const own = isRoot || random.chance(0.5) ? [] : [expression(random, type)];
  const when = [asked, ...own].map((one) => `(${one})`).join(random.pick([' && ', ' || ']));
  return { name: 'arguments', fields: { [type.name]: [name] }, require: { when } };
}

const namesOf = ({ fields = {} }: Rule): string[] =>
  Object.entries(fields).flatMap(([type, names]) => names.map((name) => `${type}.${name}`));

/** Or nearly everybody would have it by another rule. */
function withoutGrants(rule: Rule, named: ReadonlySet<string>): Rule {
  if (rule.allow === undefined || rule.fields === undefined) return rule;
  const entries = Object.entries(rule.fields).map(([type, names]) => {
    return [type, names.filter((name) => !named.has(`${type}.${name}`))] as const;
  });
  return { ...rule, fields: Object.fromEntries(entries.filter(([, names]) => names.length > 0)) };
}

/** What writes are about, which is read before them. */
const writes = [
  { field: 'rename', type: 'Employee', object: 'Query.employee(id: args.id)' },
  { field: 'pay', type: 'Account', object: 'Query.account(id: args.account)' },
];

function writeRules(random: Random): Rule[] {
  return writes.map(({ field, type: named, object }) => {
    const type = types.find(({ name }) => name === named);
    if (type === undefined) throw new Error(`there is no ${named}`);
    const rule = { name: `write-${field}`, fields: { Mutation: [field] }, object };
    const condition = rowCondition(random, type, { hasParent: false });
    return random.chance(0.7)
      ? { ...rule, allow: condition }
      : { ...rule, allow: 'everyone', require: condition };
  });
}

const saysSomething = ({ fields, types: named }: Rule): boolean =>
  named !== undefined || Object.keys(fields ?? {}).length > 0;

function rowCondition(
  random: Random,
  type: GraphQLObjectType,
  about = { hasParent: below.has(type.name) },
): Condition {
  const when = { when: expression(random, type, about) };
  const dice = random.below(6);
  if (dice === 0) return { any: [generateCondition(random, 2), when] };
  if (dice === 1) return { all: [generateCondition(random, 2), when] };
  return when;
}

function expression(
  random: Random,
  type: GraphQLObjectType,
  { hasParent } = { hasParent: below.has(type.name) },
): string {
  const own = random.pick(plainFields(type)) ?? '__typename';
  const parts = [comparison(random, type, own)];
  if (hasParent && random.chance(0.4)) {
    parts.push(random.pick(['parent.id.endsWith("1")', 'parent.id != "E#2"']));
  }
  if (random.chance(0.2)) parts.push('claims.department != "ops"');
  return parts.join(random.pick([' && ', ' || ']));
}

function comparison(random: Random, type: GraphQLObjectType, name: string): string {
  const at = `object.${name}`;
  const field = type.getFields()[name];
  const scalar = field && String(getNullableType(field.type));
  if (scalar === 'Int' || scalar === 'Float') {
    const base = numberBase(`${type.name}.${name}`);
    return random.pick([`${at} > ${base + 1}`, `${at} <= ${base + 2}`, `!(${at} == ${base})`]);
  }
  if (scalar === 'Boolean') return at;
  if (scalar?.startsWith('[')) return `"x" in ${at} || size(${at}) > 1`;
  return random.pick([`${at}.endsWith("1")`, `${at}.contains("2")`, `${at} != "x"`, `${at} < "F"`]);
}

function plainFields(type: GraphQLObjectType): string[] {
  return Object.values(type.getFields())
    .filter(({ type: held, args }) => {
      const bare = getNullableType(held);
      const inner = isListType(bare) ? getNullableType(bare.ofType) : bare;
      return isLeafType(inner) && !args.some(isRequiredArgument);
    })
    .map(({ name }) => name);
}

function isText(type: GraphQLObjectType, name: string): boolean {
  const field = type.getFields()[name];
  return field !== undefined && String(getNullableType(field.type)) === 'String';
}
