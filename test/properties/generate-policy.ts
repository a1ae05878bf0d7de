/**
 * Random access policies and callers. Combinations on which the policy contract can be read two
 * ways are not generated: `types` only takes away, an argument is named by `allow` alone, and input
 * types with a wildcard do not occur.
 */
import {
  type GraphQLField,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  getNullableType,
  isInterfaceType,
  isObjectType,
  isScalarType,
} from 'graphql';
import {
  type AnyCaller,
  type Condition,
  departments,
  type Outcome,
  type Rule,
  roles,
  scopes,
} from './policy.ts';
import type { Random } from './random.ts';
import { unifiedSchema } from './schema.ts';

type Draft = Omit<Rule, 'name'>;

const types = Object.values(unifiedSchema.getTypeMap()).filter(
  (type) => !type.name.startsWith('__'),
);
const objectTypes = types.filter(isObjectType);
const interfaceTypes = types.filter(isInterfaceType);

export function generateCondition(random: Random, depth = 0): Condition {
  const kind = random.below(depth > 1 ? 7 : 9);
  if (kind < 2) return 'everyone';
  if (kind === 2) return 'authenticated';
  if (kind < 5) return { scopes: someOf(random, scopes, 0.15) };
  if (kind === 5) return { roles: [random.pick(roles)] };
  if (kind === 6) {
    const claims = { department: someOf(random, departments, 0.3) };
    return random.chance(0.3) ? { claims, scopes: [random.pick(scopes)] } : { claims };
  }
  const inner = [generateCondition(random, depth + 1), generateCondition(random, depth + 1)];
  return kind === 7 ? { any: inner } : { all: inner };
}

export function generateCaller(random: Random): AnyCaller {
  if (random.chance(0.1)) return undefined;
  const much = random.pick([0.3, 0.6, 0.9]);
  return {
    scopes: random.subset(scopes, much),
    roles: random.subset(roles, much),
    claims: { department: random.pick(departments) },
  };
}

/** The rules of one policy; each has a name of its own. */
export function generatePolicy(random: Random): Rule[] {
  const rules: Draft[] = [
    // Enough for a schema that is not empty, whatever the dice say.
    { fields: { Query: ['employees', 'nodes', 'office', 'accounts'] }, allow: 'everyone' },
    {
      fields: { Employee: ['name'], Account: ['iban'], Office: ['city'] },
      allow: generateCondition(random),
    },
    ...interfaceTypes.map((type) => interfaceListing(random, type)),
    ...objectTypes.flatMap((type) => grantsFor(random, type)),
    ...interfaceGrants(random),
    ...restrictions(random),
    ...argumentRules(random),
  ];
  const secrets = classified(random);
  // Otherwise nearly every classified field would be open through some other rule.
  const closed = secrets.filter((each) => each.otherwise && random.chance(0.7));
  const all = [...rules.map((rule) => withoutGrants(rule, closed)), ...secrets];
  return all.filter(saysSomething).map((rule, index) => ({ name: `rule-${index}`, ...rule }));
}

/** The rule with none of the fields that `closed` lists, where it grants them by name. */
function withoutGrants(rule: Draft, closed: readonly Draft[]): Draft {
  if (rule.allow === undefined || rule.fields === undefined) return rule;
  const entries = Object.entries(rule.fields).map(([type, listed]) => {
    const taken = closed.flatMap((each) => each.fields?.[type] ?? []);
    return [type, listed.filter((field) => !taken.includes(field))] as const;
  });
  return { ...rule, fields: Object.fromEntries(entries.filter(([, listed]) => listed.length > 0)) };
}

function saysSomething({ fields, types }: Draft): boolean {
  return types !== undefined || Object.keys(fields ?? {}).length > 0;
}

/** Interface fields must be listed for operations to select them there. */
function interfaceListing(random: Random, type: GraphQLInterfaceType): Draft {
  const fields = random.subset(Object.keys(type.getFields()), 0.5);
  return { fields: { [type.name]: fields.length > 0 ? fields : ['*'] }, allow: 'everyone' };
}

const mostlyOpen = (random: Random): Condition =>
  random.chance(0.35) ? 'everyone' : generateCondition(random);

function grantsFor(random: Random, type: GraphQLObjectType): Draft[] {
  const names = Object.keys(type.getFields());
  const grants: Draft[] = [];
  const wildcard = random.chance(0.35);
  if (wildcard) grants.push({ fields: { [type.name]: ['*'] }, allow: mostlyOpen(random) });
  const share = wildcard ? 0.2 : 0.55;
  for (let count = 0; count < 3; count += 1) {
    const fields = random.subset(names, share);
    if (fields.length > 0)
      grants.push({ fields: { [type.name]: fields }, allow: mostlyOpen(random) });
  }
  return grants;
}

/** Grants that reach a type through one of its interfaces only. */
function interfaceGrants(random: Random): Draft[] {
  if (random.chance(0.5)) return [];
  const type = random.pick(interfaceTypes);
  const fields = random.subset(Object.keys(type.getFields()), 0.5);
  if (fields.length === 0) return [];
  const rule = { fields: { [type.name]: fields }, allow: generateCondition(random) };
  return [random.chance(0.4) ? { ...rule, class: 'wide' } : rule];
}

function someFields(random: Random, type: { getFields(): object }): string[] {
  return someOf(random, Object.keys(type.getFields()), 0.1);
}

/** At least one, each once. */
function someOf(random: Random, from: readonly string[], share: number): string[] {
  return [...new Set([random.pick(from), ...random.subset(from, share)])];
}

function restrictions(random: Random): Draft[] {
  const rules: Draft[] = [];
  for (let count = random.below(4); count > 0; count -= 1) {
    const type = random.pick([...objectTypes, ...interfaceTypes]);
    const where = random.chance(0.3)
      ? { types: [random.pick(notRoots).name] }
      : { fields: { [type.name]: random.chance(0.15) ? ['*'] : someFields(random, type) } };
    const label = random.chance(0.2) ? { class: 'wide' } : {};
    rules.push({ ...where, ...label, require: generateCondition(random) });
  }
  if (random.chance(0.4)) {
    const type = random.pick(notRoots);
    rules.push({
      fields: { [type.name]: [random.pick(Object.keys(type.getFields()))] },
      forbid: true,
    });
  }
  return rules;
}

const notRoots = [...objectTypes, ...interfaceTypes].filter(
  (type) => type.name !== 'Query' && type.name !== 'Mutation',
);

/** Classes with their outcomes: at most one rule with `otherwise` per coordinate. */
function classified(random: Random): Draft[] {
  const taken = new Set<string>();
  const rules: Draft[] = [];
  const classifiable = objectTypes.filter((each) => each.name !== 'Mutation');
  for (let count = random.below(9); count > 0; count -= 1) {
    const type = random.pick(classifiable);
    const fields = Object.values(type.getFields());
    const texts = fields.filter(isText);
    const field = random.pick(random.chance(0.6) && texts.length > 0 ? texts : fields);
    const coordinate = `${type.name}.${field.name}`;
    if (taken.has(coordinate)) continue;
    taken.add(coordinate);
    const rule = {
      class: 'secret',
      fields: { [type.name]: [field.name] },
      allow: generateCondition(random),
    };
    rules.push(random.chance(0.75) ? { ...rule, otherwise: outcomes(random, field) } : rule);
  }
  return rules;
}

function outcomes(random: Random, field: GraphQLField<unknown, unknown>): Outcome[] {
  const mask: Outcome[] = isText(field)
    ? [{ mask: random.pick(['last4', 'redact'] as const), allow: generateCondition(random) }]
    : [];
  return [...mask, random.chance(0.25) ? 'reject' : 'deny'];
}

function isText({ type }: GraphQLField<unknown, unknown>): boolean {
  const bare = getNullableType(type);
  return isScalarType(bare) && bare.name === 'String';
}

const inputCoordinates: readonly (readonly [string, string])[] = [
  ['Query', 'employees(filter:)'],
  ['Query', 'echo(text:)'],
  ['Query', 'echo(sort:)'],
  ['Employee', 'tags(limit:)'],
  ['Contractor', 'tags(limit:)'],
  ['Employee', 'salary(currency:)'],
  ['Query', 'accounts(query:)'],
  ['EmployeeFilter', 'ssn'],
  ['EmployeeFilter', 'any'],
  ['Nested', 'ssn'],
  ['Nested', 'level'],
  ['Nested', 'deeper'],
  ['BankQuery', 'iban'],
  ['Sort', 'SSN'],
  ['Sort', 'SALARY'],
  ['Kind', 'HIDDEN'],
];

const mutationCoordinates: readonly (readonly [string, string])[] = [
  ['RenameInput', 'name'],
  ['RenameInput', 'ssn'],
  ['RenameInput', 'meta'],
  ['MetaInput', 'key'],
  ['MetaInput', 'secret'],
  ['MetaInput', 'inner'],
  ['MetaInput', 'tags'],
];

const mutationArguments = {
  Mutation: [
    'rename(id:)',
    'rename(input:)',
    'note(text:)',
    'note(meta:)',
    'pay(account:)',
    'pay(amount:)',
  ],
};

function argumentRules(random: Random): Draft[] {
  const named = [
    ...random.subset(inputCoordinates, 0.3),
    ...random.subset(mutationCoordinates, 0.85),
  ];
  const rules = named.map(([type, entry]) => ({
    fields: { [type]: [entry] },
    allow: mostlyOpen(random),
  }));
  return [{ fields: mutationArguments, allow: 'everyone' as const }, ...rules];
}
