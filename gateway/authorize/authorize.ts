/**
 * Step `authorize` of the walk: turns a checked document and a caller into the operation that may
 * run, or a refusal. Decides once per operation and set of grants: the plan is cached by document,
 * operation name, grant signature and what the variables decide, from the second time it is made.
 * No cached plan holds a value. Fails closed.
 *
 * An instance belongs to one snapshot of schema and policy.
 */
import type { FragmentDefinitionNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import type { Situation } from '../conditions/situation.ts';
import { Refusal } from '../decision.ts';
import type { AuthorizedOperation } from '../plan/plan.ts';
import type { Caller, RequestRecord } from '../request.ts';
import { type Decide, decide } from './decide.ts';
import { createGrantsOf, type Grants, type GrantsOf } from './grants.ts';
import { createHashOf, type HashOf, randomMaskKey } from './mask-hash.ts';
import { ArgumentAnswers, ArgumentQuestion } from './operation/plan-arguments.ts';
import type { PlanInput } from './operation/plan-input.ts';
import { planOperation } from './operation/plan-operation.ts';
import {
  keyOfShadows,
  planShadows,
  type ShadowUses,
  usesOfShadows,
} from './operation/plan-shadows.ts';
import type { SubjectFields } from './operation/plan-subject.ts';
import { toKey, usesOfVariables } from './operation/used-inputs.ts';
import { PlanCache } from './plan-cache.ts';
import { createOperationNumbers, createSignatureNumbers } from './plan-numbers.ts';
import type { Policy } from './policy.ts';
import type { ConditionRule } from './shield-rules.ts';

export interface AuthorizeOptions {
  readonly publicSchema: GraphQLSchema;
  readonly executable: GraphQLSchema;
  /** Field types as the upstreams declare them, by coordinate. */
  readonly upstreamTypes: ReadonlyMap<string, string>;
  readonly policy: Policy;
  readonly rules: readonly ConditionRule[];
  /** Shares answers that are already cached elsewhere; made from `rules` by default. */
  readonly grantsOf?: GrantsOf;
  readonly introspection: 'everyone' | 'authenticated' | 'nobody';
  /** Fields that name the data subject of an object; none by default. */
  readonly subjects?: SubjectFields;
  /** Key of the mask `hash`; random by default. */
  readonly maskKey?: string;
  /** Replaces the decision, for `explain` and for tests of the second lock. */
  readonly decide?: Decide;
}

export interface Question {
  readonly text: string;
  readonly operation: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly conditionVariables: readonly string[];
  readonly variables: {
    /** As sent by the caller. */
    readonly raw: Readonly<Record<string, unknown>>;
    /** Coerced, with defaults applied. */
    readonly coerced: Readonly<Record<string, unknown>>;
  };
  readonly caller: Caller;
  /** The caller's answers, if they are already known. */
  readonly grants?: Grants;
  /** The caller's view, which depends on the grants alone; the public schema by default. */
  readonly schema?: GraphQLSchema;
  /** Client address and time; undefined if unknown. */
  readonly situation?: Situation;
  /** Receives the faults of conditions; a condition that throws does not hold. */
  readonly record?: Pick<RequestRecord, 'faults'>;
}

/** Limit on the fields of one plan, counted over all concrete types. */
const planFieldsMax = 20_000;

export function createAuthorize(options: AuthorizeOptions) {
  const grantsOf = options.grantsOf ?? createGrantsOf(options.rules);
  const authorizer = new Authorizer(options);
  return function authorize(
    question: Question,
  ): AuthorizedOperation | Refusal | Promise<AuthorizedOperation | Refusal> {
    const grants = question.grants ?? grantsOf(question.caller, question.situation);
    return grants instanceof Promise
      ? grants.then((answers) => authorizer.decide(question, answers))
      : authorizer.decide(question, grants);
  };
}

type Uses = PlanInput['variables'];

class Authorizer {
  readonly #options: AuthorizeOptions;
  readonly #hashOf: HashOf;
  readonly #plans = new PlanCache();
  readonly #numberOf = createOperationNumbers();
  readonly #signatureOf = createSignatureNumbers();

  constructor(options: AuthorizeOptions) {
    this.#options = options;
    this.#hashOf = createHashOf(options.policy, options.maskKey ?? randomMaskKey());
  }

  decide(question: Question, grants: Grants): AuthorizedOperation | Refusal {
    const { policy, publicSchema } = this.#options;
    const { schema = publicSchema, operation, variables, caller, situation, record } = question;
    const uses = usesOfVariables(schema, policy, operation, variables.raw);
    const shadowUses = usesOfShadows(policy.shadows, { schema, operation }, variables.raw);
    const base = this.#keyOf(question, grants, uses) + keyOfShadows(shadowUses);
    const known = this.#plans.get(base);
    if (known !== undefined && !(known instanceof ArgumentQuestion)) return known;
    const answers = new ArgumentAnswers({
      policy,
      caller,
      situation,
      variables: variables.coerced,
      record,
    });
    const found = known && this.#plans.follow(base, known, answers);
    if (found !== undefined) return found;
    const input = this.#toInput(question, grants, uses, answers);
    const plan = withShadows(planOperation(input), input, shadowUses);
    if (!(plan instanceof Refusal)) this.#plans.keep(base, answers, plan);
    return plan;
  }

  /** The signature also stands for the view: equal answers give equal views. */
  #keyOf(question: Question, grants: Grants, uses: Uses): string {
    const { operation, conditionVariables, variables } = question;
    let given = this.#mayIntrospect(question) ? 'i' : '';
    for (const name of conditionVariables) given += variables.coerced[name] === true ? '1' : '0';
    return `${this.#numberOf(operation)}\n${this.#signatureOf(grants)}\n${given}\n${toKey(uses)}`;
  }

  #toInput(
    question: Question,
    grants: Grants,
    uses: Uses,
    { ask: askArguments }: ArgumentAnswers,
  ): PlanInput {
    const { publicSchema, executable, upstreamTypes, policy } = this.#options;
    const { schema = publicSchema, operation, fragments, conditionVariables } = question;
    const { coerced } = question.variables;
    // Only variables that are part of the key; otherwise the cached plan would depend on others
    // too.
    const areTrue = new Set(conditionVariables.filter((name) => coerced[name] === true));
    return {
      schema,
      executable,
      upstreamTypes,
      policy,
      decide: this.#options.decide ?? decide,
      grants,
      operation,
      fragments,
      isTrue: (name) => areTrue.has(name),
      variables: uses,
      askArguments,
      introspectionAllowed: this.#mayIntrospect(question),
      hashOf: this.#hashOf,
      subjects: this.#options.subjects ?? new Map(),
      fieldsMax: planFieldsMax,
    };
  }

  #mayIntrospect({ caller }: Question): boolean {
    const { introspection: who } = this.#options;
    return who === 'everyone' || (who === 'authenticated' && caller.kind !== 'anonymous');
  }
}

/** Adds what the rules in shadow mode would have decided. */
function withShadows(
  plan: AuthorizedOperation | Refusal,
  input: PlanInput,
  uses: ShadowUses | undefined,
): AuthorizedOperation | Refusal {
  const shadows = uses && planShadows(plan, input, uses);
  if (shadows === undefined) return plan;
  if (!(plan instanceof Refusal)) return { ...plan, shadows };
  const { reason, coordinates, denials, stepUp } = plan;
  return new Refusal(reason, { coordinates, denials, shadows, ...(stepUp && { stepUp }) });
}
