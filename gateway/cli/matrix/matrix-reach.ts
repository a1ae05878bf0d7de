/**
 * Finds what a caller can reach in their view: every field with an open path from a root, and every
 * input that can be given there. Decides each step as a plan does, at concrete types, and checks
 * that the required arguments can be given.
 */
import {
  type GraphQLEnumType,
  type GraphQLField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql';
import { decide } from '../../authorize/decide.ts';
import type { Grants } from '../../authorize/grants.ts';
import type { Policy } from '../../authorize/policy.ts';

export interface Reach {
  /** Fields, arguments, input fields and enum values (as inputs) that an operation can use. */
  readonly open: ReadonlySet<string>;
  /** Object types that an operation can query. */
  readonly types: ReadonlySet<string>;
}

export function findReach(schema: GraphQLSchema, policy: Policy, grants: Grants): Reach {
  const walker = new Walker(schema, policy, grants);
  walker.walk();
  return walker;
}

class Walker implements Reach {
  readonly open = new Set<string>();
  readonly types = new Set<string>();
  readonly #schema: GraphQLSchema;
  readonly #policy: Policy;
  readonly #grants: Grants;
  readonly #inputs = new Set<string>();
  readonly #writable = new Map<GraphQLInputObjectType, boolean>();
  readonly #pending: (() => void)[] = [];

  constructor(schema: GraphQLSchema, policy: Policy, grants: Grants) {
    this.#schema = schema;
    this.#policy = policy;
    this.#grants = grants;
  }

  walk(): void {
    const roots = [this.#schema.getQueryType(), this.#schema.getMutationType()];
    for (const root of roots) if (root) this.#output(root);
    for (let next = this.#pending.pop(); next !== undefined; next = this.#pending.pop()) next();
  }

  #output(type: GraphQLOutputType): void {
    const named = getNamedType(type);
    const possible = isAbstractType(named) ? this.#schema.getPossibleTypes(named) : [named];
    for (const concrete of possible) {
      if (!isObjectType(concrete) || this.types.has(concrete.name)) continue;
      this.types.add(concrete.name);
      this.#pending.push(() => {
        for (const field of Object.values(concrete.getFields())) this.#field(concrete.name, field);
      });
    }
  }

  #field(owner: string, field: GraphQLField<unknown, unknown>): void {
    const coordinate = `${owner}.${field.name}`;
    const about = this.#policy.fields.get(coordinate);
    if (about === undefined || decide(about, this.#grants).kind === 'refuse') return;
    const at = (name: string) => `${coordinate}(${name}:)`;
    const isGivable = field.args.every(
      (one) => !isRequiredArgument(one) || (this.#takes(at(one.name)) && this.#canGive(one.type)),
    );
    if (!isGivable) return;
    this.open.add(coordinate);
    this.#output(field.type);
    for (const one of field.args) this.#input(at(one.name), one.type);
  }

  #input(coordinate: string, type: GraphQLInputType): void {
    if (!this.#takes(coordinate)) return;
    this.open.add(coordinate);
    const named = getNamedType(type);
    if (this.#inputs.has(named.name)) return;
    if (isEnumType(named)) {
      this.#inputs.add(named.name);
      for (const value of this.#valuesOf(named)) this.open.add(value);
    } else if (isInputObjectType(named) && this.#canWrite(named)) {
      this.#inputs.add(named.name);
      this.#pending.push(() => {
        for (const field of Object.values(named.getFields())) {
          this.#input(`${named.name}.${field.name}`, field.type);
        }
      });
    }
  }

  /** An input without a rule follows its field; a mask never permits the use of an input. */
  #takes(coordinate: string): boolean {
    const about = this.#policy.inputs.get(coordinate);
    if (about === undefined) return true;
    const { kind } = decide(about, this.#grants);
    return kind === 'allow' || (kind === 'depends' && !about.isImplied);
  }

  #valuesOf(type: GraphQLEnumType): string[] {
    const all = type.getValues().map(({ name }) => `${type.name}.${name}`);
    return all.filter((value) => this.#takes(value));
  }

  /** Whether any value can be given: null and the empty list need no permission. */
  #canGive(type: GraphQLInputType): boolean {
    if (!isNonNullType(type) || isListType(type.ofType)) return true;
    const named = getNamedType(type);
    if (isEnumType(named)) return this.#valuesOf(named).length > 0;
    return !isInputObjectType(named) || this.#canWrite(named);
  }

  #canWrite(type: GraphQLInputObjectType): boolean {
    const known = this.#writable.get(type);
    if (known !== undefined) return known;
    // Breaks cycles: a type that requires itself has no finite value.
    this.#writable.set(type, false);
    const fields = Object.values(type.getFields());
    const takes = (name: string) => this.#takes(`${type.name}.${name}`);
    const answer = type.isOneOf
      ? fields.some(({ name }) => takes(name))
      : fields.every(
          (one) => !isRequiredInputField(one) || (takes(one.name) && this.#canGive(one.type)),
        );
    this.#writable.set(type, answer);
    return answer;
  }
}
