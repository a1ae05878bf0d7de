/**
 * Who may have what, straight from the words of the policy contract and without a look at how
 * the gateway does it:
 *
 * `allow` grants, any one is enough. `require` grants nothing and must hold wherever it matches.
 * `forbid` is nobody, always. A rule on an interface covers the implementations. A grant through
 * a wildcard or an interface never reaches a coordinate that another rule names or that has a
 * class. What no rule grants is refused.
 */
import {
  type GraphQLSchema,
  getNamedType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
} from 'graphql';
import { filters } from './filters.ts';
import type { AnyCaller, Condition, Outcome, Rule } from './policy.ts';

export type Verdict = 'yes' | 'no' | 'reject' | 'last4' | 'redact';
type Match = 'named' | 'wildcard' | 'interface' | 'types';

function holds(condition: Condition, caller: AnyCaller): boolean {
  if (condition === 'everyone') return true;
  if (condition === 'authenticated') return caller !== undefined;
  const { scopes = [], roles = [], claims = {}, any, all = [] } = condition;
  return (
    scopes.every((scope) => caller?.scopes.includes(scope)) &&
    roles.every((role) => caller?.roles.includes(role)) &&
    Object.entries(claims).every(([claim, values]) =>
      values.includes(caller?.claims[claim] ?? ''),
    ) &&
    (any === undefined || any.some((each) => holds(each, caller))) &&
    all.every((each) => holds(each, caller))
  );
}

/** Decides coordinates of one policy over one schema. */
export class Oracle {
  readonly schema: GraphQLSchema;
  readonly rules: readonly Rule[];
  readonly #reaching = new Map<string, ReadonlyMap<Rule, Match>>();
  readonly #meant = new Map<string, readonly (readonly [string, string])[]>();
  readonly #verdicts = new Map<AnyCaller, Map<string, Verdict>>();

  constructor(schema: GraphQLSchema, rules: readonly Rule[]) {
    this.schema = schema;
    this.rules = rules;
  }

  /** `entry` is a field, `field(argument:)`, an input field or an enum value of the type. */
  verdict(caller: AnyCaller, type: string, entry: string): Verdict {
    const known = this.#verdicts.get(caller) ?? new Map<string, Verdict>();
    this.#verdicts.set(caller, known);
    const coordinate = `${type}.${entry}`;
    const verdict = known.get(coordinate) ?? this.#decide(caller, type, entry);
    known.set(coordinate, verdict);
    return verdict;
  }

  /**
   * The outcome of an argument, or of an enum value: that of its rule where one names it, of what it
   * filters on where that has a class, else open with its field.
   */
  input(caller: AnyCaller, type: string, entry: string): Verdict {
    if (this.matches(type, entry).size > 0) return this.verdict(caller, type, entry);
    const verdicts = this.filtersOn(type, entry).map(([owner, field]) =>
      this.verdict(caller, owner, field),
    );
    if (verdicts.every((each) => each === 'yes')) return 'yes';
    const rejects = this.filtersOn(type, entry).some((each) => this.#outcome(...each) === 'reject');
    return rejects ? 'reject' : 'no';
  }

  /** What a filter means of that which has a class. */
  filtersOn(type: string, entry: string): readonly (readonly [string, string])[] {
    const coordinate = `${type}.${entry}`;
    const known = this.#meant.get(coordinate) ?? this.#findMeant(type, entry);
    this.#meant.set(coordinate, known);
    return known;
  }

  #findMeant(type: string, entry: string): readonly (readonly [string, string])[] {
    if (this.matches(type, entry).size > 0) return [];
    const isClassified = (each: readonly [string, string]) =>
      [...this.matches(...each).keys()].some((rule) => rule.class !== undefined);
    const meant = (filters[`${type}.${entry}`] ?? []).flatMap(({ via, fields, or }) => {
      if (!this.lists(...via)) return [];
      const found = fields.filter(isClassified);
      if (fields.some(([, field]) => field === 'id')) {
        return found.length === fields.length ? found : [];
      }
      return found.length === 0 && or?.every(isClassified) ? or : found;
    });
    return [...new Map(meant.map((each) => [each.join('.'), each])).values()];
  }

  /** Whether the field is in the graph that callers see. */
  lists(type: string, field: string): boolean {
    const ways = [...this.matches(type, field).values()];
    return (
      this.grants(type, field).length > 0 ||
      ways.some((how) => how === 'named' || how === 'interface')
    );
  }

  #outcome(type: string, entry: string): 'no' | 'reject' {
    const rules = [...this.matches(type, entry).keys()];
    const outcomes = rules.flatMap((rule) => rule.otherwise ?? []);
    return outcomes.includes('reject') ? 'reject' : 'no';
  }

  /** Rules that grant the coordinate to somebody. */
  grants(type: string, entry: string): Rule[] {
    const matches = this.matches(type, entry);
    return [...matches.keys()].filter((rule) => {
      if (rule.allow === undefined) return false;
      if (matches.get(rule) === 'named') return true;
      // Naming an interface's field names it at the implementations, as far as wildcards go.
      const naming: Match[] =
        matches.get(rule) === 'interface' ? ['named'] : ['named', 'interface'];
      return ![...matches].some(
        ([other, how]) => other !== rule && (naming.includes(how) || other.class !== undefined),
      );
    });
  }

  /** Every rule that reaches the coordinate, and the most exact way in which it does. */
  matches(type: string, entry: string): ReadonlyMap<Rule, Match> {
    const coordinate = `${type}.${entry}`;
    const known = this.#reaching.get(coordinate);
    if (known) return known;
    const found = new Map<Rule, Match>();
    for (const rule of this.rules) {
      const match = this.#match(rule, type, entry);
      if (match) found.set(rule, match);
    }
    this.#reaching.set(coordinate, found);
    return found;
  }

  #decide(caller: AnyCaller, type: string, entry: string): Verdict {
    const rules = [...this.matches(type, entry).keys()];
    const outcomes = rules.flatMap((rule) => rule.otherwise ?? []);
    const last = this.#outcome(type, entry);
    if (rules.some((rule) => rule.forbid)) return last;
    if (!rules.every(({ require }) => require === undefined || holds(require, caller))) return last;
    const granted = this.grants(type, entry).some(({ allow }) => allow && holds(allow, caller));
    return granted ? 'yes' : (maskOf(outcomes, caller) ?? last);
  }

  #match(rule: Rule, type: string, entry: string): Match | undefined {
    const plain = !entry.includes('(');
    if (rule.fields?.[type]?.includes(entry)) return 'named';
    if (plain && rule.fields?.[type]?.includes('*')) return 'wildcard';
    for (const name of this.#interfacesWith(type, entry)) {
      const listed = rule.fields?.[name] ?? [];
      if (listed.includes(entry)) return 'interface';
      if (plain && listed.includes('*')) return 'wildcard';
    }
    return plain && this.#matchesByType(rule, type, entry) ? 'types' : undefined;
  }

  /** `types` is every field that returns the type, and every field of it. */
  #matchesByType(rule: Rule, type: string, entry: string): boolean {
    const owner = this.schema.getType(type);
    if (rule.types === undefined || !isObjectType(owner)) return false;
    const field = owner.getFields()[entry];
    const returned = field ? getNamedType(field.type).name : undefined;
    return rule.types.some((named) => {
      const covered = [named, ...this.#implementations(named)];
      return covered.includes(type) || (returned !== undefined && covered.includes(returned));
    });
  }

  #implementations(name: string): string[] {
    const type = this.schema.getType(name);
    if (!isInterfaceType(type)) return [];
    const { objects, interfaces } = this.schema.getImplementations(type);
    return [...objects, ...interfaces].map((each) => each.name);
  }

  #interfacesWith(type: string, entry: string): string[] {
    const owner = this.schema.getType(type);
    if (!isObjectType(owner)) return [];
    const field = entry.split('(')[0] ?? entry;
    return owner
      .getInterfaces()
      .filter((each) => Object.hasOwn(each.getFields(), field))
      .map((each) => each.name);
  }

  /** Input fields reached from a mutation are closed until a rule lists them. */
  inputField(caller: AnyCaller, type: string, field: string, mutation: boolean): Verdict {
    if (!isInputObjectType(this.schema.getType(type))) throw new Error(`${type} is no input`);
    return mutation ? this.verdict(caller, type, field) : this.input(caller, type, field);
  }
}

function maskOf(outcomes: readonly Outcome[], caller: AnyCaller): 'last4' | 'redact' | undefined {
  for (const outcome of outcomes) {
    if (typeof outcome === 'object' && holds(outcome.allow, caller)) return outcome.mask;
  }
  return undefined;
}
