/**
 * Step `authorize` of the walk: turns a checked document and a caller into the operation that may
 * run, or a refusal. Decides once per operation and set of grants: the plan is cached by document,
 * operation name, grant signature and what the variables decide, from the second time it is made.
 * No cached plan holds a value. Fails closed.
 *
 * An instance belongs to one snapshot of schema and policy.
 */
import type { FragmentDefinitionNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import { createMemo } from '../caches/memo.ts';
import { createSeenBefore } from '../caches/seen-before.ts';
import type { Situation } from '../conditions/situation.ts';
import { Refusal } from '../decision.ts';
import type { AuthorizedOperation } from '../plan/plan.ts';
import type { Caller, RequestRecord } from '../request.ts';
import { type Decide, decide } from './decide.ts';
import { createGrantsOf, type Grants, type GrantsOf } from './grants.ts';
import { createHashOf, randomMaskKey } from './mask-hash.ts';
import { ArgumentAnswers, ArgumentQuestion } from './operation/plan-arguments.ts';
import { bytesOf } from './operation/plan-bytes.ts';
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
const planCacheBytesMax = 64 * 1024 * 1024;
/** A plan that asks more questions about arguments is not cached. */
const questionsKeptMax = 100;
/** Limit on the signatures that are kept to be replaced by numbers in plan keys. */
const signaturesBytesMax = 8 * 1024 * 1024;

export function createAuthorize(options: AuthorizeOptions) {
  const grantsOf = options.grantsOf ?? createGrantsOf(options.rules);
  const hashOf = createHashOf(options.policy, options.maskKey ?? randomMaskKey());
  // A question about arguments is stored if its answer decides which plan applies.
  const plans = new LRUCache<string, AuthorizedOperation | ArgumentQuestion>({
    maxSize: planCacheBytesMax,
    sizeCalculation: (plan, key) => 2 * key.length + bytesOf(plan),
  });
  const seenBefore = createSeenBefore();

  const numberOf = createNumbers();
  const signatureOf = createSignatureNumbers();

  function decideWith(question: Question, grants: Grants): AuthorizedOperation | Refusal {
    const { schema = options.publicSchema, operation } = question;
    const introspectionAllowed = mayIntrospect(options.introspection, question.caller);
    const variables = usesOfVariables(schema, options.policy, operation, question.variables.raw);
    const { coerced } = question.variables;
    let given = introspectionAllowed ? 'i' : '';
    for (const name of question.conditionVariables) given += coerced[name] === true ? '1' : '0';
    const uses = usesOfShadows(
      options.policy.shadows,
      { schema, operation },
      question.variables.raw,
    );
    // The signature also stands for the view: equal answers give equal views.
    const base = `${numberOf(operation)}\n${signatureOf(grants)}\n${given}\n${toKey(variables)}${keyOfShadows(uses)}`;
    let known = plans.get(base);
    if (known !== undefined && !(known instanceof ArgumentQuestion)) return known;
    const answers = new ArgumentAnswers({
      policy: options.policy,
      caller: question.caller,
      situation: question.situation,
      variables: coerced,
      record: question.record,
    });
    for (let key = `${base}\n`; known instanceof ArgumentQuestion; known = plans.get(key)) {
      key += answers.answer(known);
    }
    if (known !== undefined) return known;
    // Only variables that are part of the key; otherwise the cached plan would depend on others
    // too.
    const areTrue = new Set(question.conditionVariables.filter((name) => coerced[name] === true));
    const input: PlanInput = {
      schema,
      executable: options.executable,
      upstreamTypes: options.upstreamTypes,
      policy: options.policy,
      decide: options.decide ?? decide,
      grants,
      operation,
      fragments: question.fragments,
      isTrue: (name) => areTrue.has(name),
      variables,
      askArguments: answers.ask,
      introspectionAllowed,
      hashOf,
      subjects: options.subjects ?? new Map(),
      fieldsMax: planFieldsMax,
    };
    const plan = withShadows(planOperation(input), input, uses);
    if (!(plan instanceof Refusal)) keep(base, answers, plan);
    return plan;
  }

  function keep(base: string, { given }: ArgumentAnswers, plan: AuthorizedOperation): void {
    if (given.length > questionsKeptMax) return;
    const keys = [base];
    let key = `${base}\n`;
    for (const { answer } of given) {
      key += answer;
      keys.push(key);
    }
    const last = keys.pop() ?? base;
    if (!seenBefore(last)) return;
    for (const [index, { question }] of given.entries()) plans.set(keys[index] ?? base, question);
    plans.set(last, plan);
  }

  return function authorize(
    question: Question,
  ): AuthorizedOperation | Refusal | Promise<AuthorizedOperation | Refusal> {
    const grants = question.grants ?? grantsOf(question.caller, question.situation);
    return grants instanceof Promise
      ? grants.then((answers) => decideWith(question, answers))
      : decideWith(question, grants);
  };
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

/**
 * Numbers the operations of checked documents; in a key, the number replaces text and name. An
 * operation belongs to one document and one schema; a document parsed again gets new numbers.
 */
function createNumbers(): (operation: OperationDefinitionNode) => number {
  const numbers = createMemo<OperationDefinitionNode, number>();
  let count = 0;
  return (operation) => {
    const known = numbers.get(operation);
    if (known !== undefined) return known;
    count += 1;
    numbers.set(operation, count);
    return count;
  };
}

/**
 * Numbers the signatures exactly, without hashing: with many rules a signature is long, and using
 * it as a key would hash it at every request. A signature that was evicted gets a new number.
 */
function createSignatureNumbers(): (grants: Grants) => number {
  const numbers = new WeakMap<Grants, number>();
  const bySignature = new LRUCache<string, number>({
    maxSize: signaturesBytesMax,
    sizeCalculation: (_number, signature) => 200 + signature.length,
  });
  let count = 0;
  return (grants) => {
    const known = numbers.get(grants);
    if (known !== undefined) return known;
    const { signature } = grants;
    let number = bySignature.get(signature);
    if (number === undefined) {
      count += 1;
      number = count;
      bySignature.set(signature, number);
    }
    numbers.set(grants, number);
    return number;
  };
}

function mayIntrospect(who: AuthorizeOptions['introspection'], caller: Caller): boolean {
  return who === 'everyone' || (who === 'authenticated' && caller.kind !== 'anonymous');
}
