/**
 * Step `authorize` of the walk: from a checked document and a caller to the operation that may
 * run, or a refusal. Decides once per operation and set of grants; the plan is cached by document,
 * operation name, grant signature and what the variables decide. Nothing cached holds a value.
 *
 * One of these belongs to one snapshot of schema and policy, and dies with it.
 */
import type { FragmentDefinitionNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Situation } from '../conditions/situation.ts';
import { Refusal } from '../decision.ts';
import type { AuthorizedOperation } from '../plan.ts';
import type { Caller } from '../request.ts';
import { type Decide, decide } from './decide.ts';
import { createGrantsOf } from './grants.ts';
import { planOperation } from './plan-operation.ts';
import type { SubjectFields } from './plan-subject.ts';
import type { Policy } from './policy.ts';
import type { ConditionRule } from './shield-rules.ts';
import { toKey, usesOfVariables } from './used-inputs.ts';

export interface AuthorizeOptions {
  readonly publicSchema: GraphQLSchema;
  readonly executable: GraphQLSchema;
  /** Field types as the upstreams have them, by coordinate. */
  readonly upstreamTypes: ReadonlyMap<string, string>;
  readonly policy: Policy;
  readonly rules: readonly ConditionRule[];
  readonly introspection: 'everyone' | 'authenticated' | 'nobody';
  /** Whose data objects are; nobody's unless told. */
  readonly subjects?: SubjectFields;
  /** Another decision, for the tests that take the first lock out. */
  readonly decide?: Decide;
}

export interface Question {
  readonly text: string;
  readonly operation: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly conditionVariables: readonly string[];
  readonly variables: {
    /** As the caller sent them. */
    readonly raw: Readonly<Record<string, unknown>>;
    /** Coerced, defaults applied. */
    readonly coerced: Readonly<Record<string, unknown>>;
  };
  readonly caller: Caller;
  /** Where from and when; undefined: nothing is known. */
  readonly situation?: Situation;
}

/** Fields of one plan, over all the concrete types that can stand behind them. */
const planFieldsMax = 20_000;
const planCacheBytesMax = 64 * 1024 * 1024;
/** What a planned field holds in memory, measured generously. */
const bytesPerPlannedField = 1_000;

export function createAuthorize(options: AuthorizeOptions) {
  const grantsOf = createGrantsOf(options.rules);
  const plans = new LRUCache<string, AuthorizedOperation>({
    maxSize: planCacheBytesMax,
    sizeCalculation: (plan, key) => 2 * key.length + bytesPerPlannedField * sizeOf(plan),
  });

  return async function authorize(question: Question): Promise<AuthorizedOperation | Refusal> {
    const grants = await grantsOf(question.caller, question.situation);
    const introspectionAllowed = mayIntrospect(options.introspection, question.caller);
    const variables = usesOfVariables(
      options.publicSchema,
      options.policy,
      question.operation,
      question.variables.raw,
    );
    const conditions = new Map(
      question.conditionVariables.map((name) => [name, question.variables.coerced[name] === true]),
    );
    const key = [
      grants.signature,
      introspectionAllowed ? 'i' : '',
      [...conditions.values()].map(Number).join(''),
      toKey(variables),
      question.operation.name?.value ?? '',
      question.text,
    ].join('\n');
    const known = plans.get(key);
    if (known !== undefined) return known;
    const plan = planOperation({
      schema: options.publicSchema,
      executable: options.executable,
      upstreamTypes: options.upstreamTypes,
      policy: options.policy,
      decide: options.decide ?? decide,
      grants,
      operation: question.operation,
      fragments: question.fragments,
      conditions,
      variables,
      introspectionAllowed,
      subjects: options.subjects ?? new Map(),
      fieldsMax: planFieldsMax,
    });
    if (!(plan instanceof Refusal)) plans.set(key, plan);
    return plan;
  };
}

function mayIntrospect(who: AuthorizeOptions['introspection'], caller: Caller): boolean {
  return who === 'everyone' || (who === 'authenticated' && caller.kind !== 'anonymous');
}

function sizeOf(plan: AuthorizedOperation): number {
  let fields = 1;
  const pending = [plan.projection];
  for (let selection = pending.pop(); selection !== undefined; selection = pending.pop()) {
    for (const list of selection.byType.values()) {
      fields += list.length;
      for (const field of list) {
        if (field.kind === 'value' && field.selection !== undefined) pending.push(field.selection);
      }
    }
  }
  return fields;
}
