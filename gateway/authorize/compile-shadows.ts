/**
 * Compiles, for each rule in shadow mode, the policy with that rule in force, and finds where it
 * decides differently. So the notes about a rule cover all its effects, including on grants that a
 * closer rule keeps away and on filters over what it covers.
 *
 * Refused: a shadowed requirement on a classified coordinate, which would not protect what its
 * author thinks it does; and a rule that would put a name into a schema when its shadow period
 * ends, since the passing of time opens nothing.
 */
import { type GraphQLSchema, getNamedType, isInputObjectType } from 'graphql';
import { ConfigError, type Problem } from '../files/config-error.ts';
import { ownerOf } from '../graph/coordinate.ts';
import { outputFieldsOf } from '../graph/output-fields.ts';
import type { AccessRule } from './access/access-file.ts';
import { matchRules } from './access/match-rules.ts';
import type { Clause, CoordinatePolicy, Policy, ShadowRule } from './policy.ts';

/** Each rule costs one more compilation, and one more plan of every operation that it touches. */
const shadowsMax = 20;

interface Compiled {
  /** The policy of the rules in force. */
  readonly policy: Policy;
  compile(rules: readonly AccessRule[]): Policy;
}

/** In the order of the rules; throws ConfigError with the problems of all of them. */
export function compileShadows(
  schema: GraphQLSchema,
  rules: readonly AccessRule[],
  { policy, compile }: Compiled,
): readonly ShadowRule[] {
  const shadowed = rules.filter(({ shadow }) => shadow !== undefined);
  if (shadowed.length > shadowsMax) throw new ConfigError(shadowed.slice(shadowsMax).map(tooMany));
  const problems: Problem[] = [];
  const shadows = shadowed.flatMap((rule): ShadowRule[] => {
    try {
      const some = rules.filter((one) => one === rule || one.shadow === undefined);
      const shadow = toShadow(schema, rule, { policy, shadow: compile(some) });
      problems.push(...coversClassified(schema, shadow), ...showsMore(policy, shadow));
      return [shadow];
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems);
      return [];
    }
  });
  if (problems.length > 0) throw new ConfigError(problems);
  return shadows;
}

function tooMany({ name, shadow, source }: AccessRule): Problem {
  const message = `rule ${name}: at most ${shadowsMax} access rules are in shadow mode at once`;
  return { ...(shadow?.source ?? source), path: '', code: 'out-of-range', message };
}

function toShadow(
  schema: GraphQLSchema,
  rule: AccessRule,
  { policy, shadow }: { policy: Policy; shadow: Policy },
): ShadowRule {
  const inputs = differing(policy.inputs, shadow.inputs);
  const owners = differingDefaults(policy, shadow);
  const changed = [...inputs, ...owners];
  const touches = new Set([
    ...differing(policy.fields, shadow.fields),
    ...changed,
    ...usersOf(schema, new Set(changed)),
  ]);
  return { rule, policy: shadow, touches, asksForInputs: changed.length > 0 };
}

function differing(
  was: ReadonlyMap<string, CoordinatePolicy>,
  is: ReadonlyMap<string, CoordinatePolicy>,
): string[] {
  const names = new Set([...was.keys(), ...is.keys()]);
  return [...names].filter((name) => keyOf(was.get(name)) !== keyOf(is.get(name)));
}

/**
 * Fields and input types whose defaults are governed differently, and the coordinates concerned.
 */
function differingDefaults({ defaults: was }: Policy, { defaults: is }: Policy): string[] {
  const textOf = (owner: string, all: Policy['defaults']) =>
    JSON.stringify((all.get(owner) ?? []).map(({ name, policy }) => [name, keyOf(policy)]));
  const owners = new Set([...was.keys(), ...is.keys()]);
  return [...owners]
    .filter((owner) => textOf(owner, was) !== textOf(owner, is))
    .flatMap((owner) => {
      const all = [...(was.get(owner) ?? []), ...(is.get(owner) ?? [])];
      return [owner, ...all.map(({ policy }) => policy.coordinate)];
    });
}

/** Equal text means equal decisions. */
function keyOf(about: CoordinatePolicy | undefined): string {
  if (about === undefined) return '';
  const { grants, requires, masks, forbid, outcome, listed, broadOnly, isImplied } = about;
  const numbers = (clauses: readonly Clause[]) => clauses.map(({ condition }) => condition);
  const masked = masks.map(({ mask, condition }) => [mask, condition]);
  const rest = [forbid !== undefined, outcome, listed, broadOnly, isImplied === true];
  return JSON.stringify([numbers(grants), numbers(requires), masked, rest]);
}

/** Fields with an argument in `changed`, or whose argument types lead to a member of `changed`. */
function usersOf(schema: GraphQLSchema, changed: ReadonlySet<string>): string[] {
  if (changed.size === 0) return [];
  const types = new Set([...changed].map(ownerOf));
  const leads = createLeadsTo(schema, types);
  return outputFieldsOf(schema).flatMap(({ coordinate, field }) => {
    const isUser = field.args.some(
      (one) => changed.has(`${coordinate}(${one.name}:)`) || leads(getNamedType(one.type).name),
    );
    return isUser ? [coordinate] : [];
  });
}

function createLeadsTo(
  schema: GraphQLSchema,
  wanted: ReadonlySet<string>,
): (name: string) => boolean {
  const reach = (name: string, seen: Set<string>): boolean => {
    if (seen.has(name)) return false;
    seen.add(name);
    if (wanted.has(name)) return true;
    const type = schema.getType(name);
    if (!isInputObjectType(type)) return false;
    return Object.values(type.getFields()).some((one) => reach(getNamedType(one.type).name, seen));
  };
  const known = new Map<string, boolean>();
  return (name) => {
    const found = known.get(name) ?? reach(name, new Set());
    known.set(name, found);
    return found;
  };
}

/**
 * A shadowed rule without `allow` must not cover anything classified. One with `allow` may: while
 * in shadow mode it grants nothing.
 */
function coversClassified(schema: GraphQLSchema, { rule, policy, touches }: ShadowRule): Problem[] {
  if (rule.allow !== undefined) return [];
  const own = matchRules(schema, [rule]);
  const covered = [...own.fields.keys(), ...own.inputs.keys(), ...touches];
  const classesOf = (coordinate: string): readonly string[] => {
    const { classes = [] } = policy.fields.get(coordinate) ?? policy.inputs.get(coordinate) ?? {};
    const means = policy.filters.get(coordinate)?.means ?? [];
    return [...classes, ...means.flatMap((one) => policy.fields.get(one)?.classes ?? [])];
  };
  const first = covered.find((one) => classesOf(one).length > 0);
  if (first === undefined) return [];
  const classes = [...new Set(classesOf(first))].join(', ');
  const message = `rule ${rule.name}: ${first} has the class ${classes}, and what is classified is not left open in shadow mode: take "shadow" or the coordinate out`;
  const place = rule.shadow?.source ?? rule.source;
  return [{ ...place, path: '', code: 'conflict', message }];
}

/** Reports a name that is hidden from some callers and that refusals would reveal to them. */
function showsMore(was: Policy, { rule, policy, touches }: ShadowRule): Problem[] {
  if (rule.allow !== undefined) return [];
  const shown = [...touches].find((one) => !isShown(was, one) && isShown(policy, one));
  if (shown === undefined) return [];
  const isHidden = (was.fields.get(shown) ?? was.inputs.get(shown))?.outcome === 'hide';
  const where = isHidden ? 'not in the schema of those without its grant' : 'in no schema';
  const message = `rule ${rule.name}: ${shown} is ${where}, and would be when shadow mode is over, which opens nothing: take "shadow" or the coordinate out`;
  const place = rule.shadow?.source ?? rule.source;
  return [{ ...place, path: '', code: 'conflict', message }];
}

/** Whether every caller has the coordinate in the schema, as far as rules decide. */
function isShown({ fields, inputs, writable }: Policy, coordinate: string): boolean {
  const field = fields.get(coordinate);
  if (field !== undefined) return field.listed && field.outcome !== 'hide';
  const input = inputs.get(coordinate);
  const isWritten = writable.has(ownerOf(coordinate));
  if (input === undefined) return !isWritten;
  const mustBeListed = isWritten || input.isImplied === true;
  return (input.listed || !mustBeListed) && input.outcome !== 'hide';
}
