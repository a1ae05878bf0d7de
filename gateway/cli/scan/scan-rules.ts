/**
 * Turns the proposals of `scan` into rules of a policy file and determines their effects: the rules
 * are compiled with the existing ones before anything is printed, so that the output loads.
 *
 * Naming a coordinate has effects besides its class, which are avoided: hidden coordinates stay
 * hidden, and an argument of a write stays as open as its field.
 */
import { type GraphQLSchema, isObjectType } from 'graphql';
import { type AccessRule, toRules } from '../../authorize/access/access-file.ts';
import { compilePolicy } from '../../authorize/compile-policy.ts';
import { isOpaque } from '../../authorize/opaque.ts';
import type { CoordinatePolicy, Policy } from '../../authorize/policy.ts';
import type { ProposedClass } from '../../authorize/sensitive/propose-classes.ts';
import { ConfigError } from '../../files/config-error.ts';
import { printable } from '../../files/printable.ts';
import { parseYaml } from '../../files/yaml-source.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import { type ProposedRule, toScanYaml } from './scan-yaml.ts';

/**
 * `listed`: a rule lists it; `unlisted`: no caller has it, so its rule hides it; `with-field`: an
 * argument of a write, as open as its field; `filter`: an unruled argument or input field of a
 * query, which is left to the operator, because naming it would remove the filter's lock.
 */
export type Access = 'listed' | 'unlisted' | 'with-field' | 'filter';

export interface Proposal extends ProposedClass {
  readonly access: Access;
  /** The rule that contains it; undefined for filters. */
  readonly rule: string | undefined;
  /**
   * Set if it is granted only by wildcards, types or interfaces, which do not reach classified
   * coordinates.
   */
  readonly closes: boolean;
}

export interface ProposedRules {
  readonly proposals: readonly Proposal[];
  readonly yaml: string;
  /** Filters that would then need the grants of their fields. */
  readonly locks: readonly string[];
}

/** Throws ConfigError if the rules would not load. */
export function toProposedRules(
  found: readonly ProposedClass[],
  about: {
    readonly snapshot: Pick<Snapshot, 'executable' | 'policy'>;
    readonly rules: readonly AccessRule[];
    readonly anonymousAllowed: boolean;
  },
): ProposedRules {
  const { snapshot, rules } = about;
  const { executable, policy } = snapshot;
  const names = new Set(rules.map(({ name }) => name));
  const inForce = rules.filter(({ shadow }) => shadow === undefined);
  const build = (given: readonly ProposedClass[]) => {
    const placed = given.flatMap((one) => {
      const access = accessOf(snapshot, one);
      return access === undefined ? [] : [{ ...one, access }];
    });
    const made = toRuleMap(placed, names);
    const yaml = toScanYaml([...made.values()], { closing: [], filters: [], shadows: [] });
    const proposed = toRules(parseYaml(yaml, { file: 'scan' }));
    const compiled = compilePolicy(executable, [...inForce, ...proposed], about);
    return { placed, made, compiled, proposed };
  };
  const fields = build(found.filter(({ kind }) => kind === 'field'));
  // Filters locked by the classes of fields already have these classes.
  const all = build(
    found.filter(
      ({ kind, coordinate }) => kind === 'field' || !fields.compiled.filters.has(coordinate),
    ),
  );
  const shadows = rules.filter(
    (rule) => rule.shadow && !loads(executable, [...inForce, rule, ...all.proposed], about),
  );
  const proposals = all.placed.map((one) => ({
    ...one,
    rule: all.made.get(keyOf(one))?.name,
    closes: one.access !== 'filter' && isClosedBy(policy, all.compiled, one.coordinate),
  }));
  const of = (wanted: (one: Proposal) => boolean): readonly string[] =>
    proposals.filter(wanted).map(({ coordinate }) => coordinate);
  return {
    proposals,
    yaml: toScanYaml([...all.made.values()], {
      closing: of(({ closes }) => closes),
      filters: of(({ access }) => access === 'filter'),
      shadows: shadows.map(({ name, source }) =>
        printable(`${name} (${source.file}:${source.line})`),
      ),
    }),
    locks: [...all.compiled.filters.keys()].filter((one) => !policy.filters.has(one)),
  };
}

function loads(
  schema: GraphQLSchema,
  rules: readonly AccessRule[],
  options: { readonly anonymousAllowed: boolean },
): boolean {
  try {
    compilePolicy(schema, rules, options);
    return true;
  } catch (error) {
    if (error instanceof ConfigError) return false;
    throw error;
  }
}

const policyOf = ({ fields, inputs }: Policy, coordinate: string): CoordinatePolicy | undefined =>
  fields.get(coordinate) ?? inputs.get(coordinate);

/** Undefined if a class would be useless: it has one, or no caller can write it. */
function accessOf(
  { executable, policy }: Pick<Snapshot, 'executable' | 'policy'>,
  { coordinate, kind, type, name }: ProposedClass,
): Access | undefined {
  const own = policyOf(policy, coordinate);
  if (own !== undefined) {
    if (own.classes.length > 0) return undefined;
    return own.listed ? 'listed' : 'unlisted';
  }
  if (kind === 'input-field') return policy.writable.has(type) ? 'unlisted' : 'filter';
  const [fieldName = '', argumentName = ''] = name.split(/[(:]/, 2);
  const field = `${type}.${fieldName}`;
  if (policy.fields.get(field)?.listed !== true) return undefined;
  if (policy.pins.get(field)?.some((pin) => pin.coordinate === coordinate)) return undefined;
  if (executable.getMutationType()?.name !== type) return 'filter';
  const owner = executable.getType(type);
  const args = isObjectType(owner) ? (owner.getFields()[fieldName]?.args ?? []) : [];
  const held = args.find((one) => one.name === argumentName)?.type;
  // A structured argument is closed until a rule names it.
  return isOpaque(held) ? 'unlisted' : 'with-field';
}

const keyOf = ({ class: label, access }: { class: string; access: Access }): string =>
  `${label} ${access}`;

function toRuleMap(
  placed: readonly (ProposedClass & { readonly access: Access })[],
  taken: ReadonlySet<string>,
): ReadonlyMap<string, ProposedRule> {
  const made = new Map<string, ProposedRule>();
  for (const one of placed) {
    if (one.access === 'filter') continue;
    const key = keyOf(one);
    const rule = made.get(key) ?? {
      name: nameOf(one.class, one.access, taken),
      class: one.class,
      access: one.access,
      fields: new Map<string, string[]>(),
    };
    made.set(key, rule);
    const names = rule.fields.get(one.type) ?? [];
    rule.fields.set(one.type, [...names, one.name]);
  }
  return made;
}

function nameOf(label: string, access: Access, taken: ReadonlySet<string>): string {
  const name = `scan-${label}${access === 'listed' ? '' : `-${access}`}`;
  for (let count = 1; ; count += 1) {
    const one = count === 1 ? name : `${name}-${count}`;
    if (!taken.has(one)) return one;
  }
}

function isClosedBy(before: Policy, after: Policy, coordinate: string): boolean {
  const had = policyOf(before, coordinate)?.grants.length ?? 0;
  return had > 0 && policyOf(after, coordinate)?.grants.length === 0;
}
