/**
 * Step `authorize` of the walk: from a checked document and a caller to the operation that may
 * run, or a refusal. Decides once per operation and set of grants; the plan is cached by document,
 * operation name, grant signature and what the variables decide, the second time it is made.
 * Nothing cached holds a value.
 *
 * One of these belongs to one snapshot of schema and policy, and dies with it.
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
import { type PlanInput, planOperation } from './operation/plan-operation.ts';
import type { SubjectFields } from './operation/plan-subject.ts';
import { keyOfTrials, planTrials, type TrialUses, usesOfTrials } from './operation/plan-trials.ts';
import { toKey, usesOfVariables } from './operation/used-inputs.ts';
import type { Policy } from './policy.ts';
import type { ConditionRule } from './shield-rules.ts';

export interface AuthorizeOptions {
  readonly publicSchema: GraphQLSchema;
  readonly executable: GraphQLSchema;
  /** Field types as the upstreams have them, by coordinate. */
  readonly upstreamTypes: ReadonlyMap<string, string>;
  readonly policy: Policy;
  readonly rules: readonly ConditionRule[];
  /** Where answers are asked for already; made of the rules unless told. */
  readonly grantsOf?: GrantsOf;
  readonly introspection: 'everyone' | 'authenticated' | 'nobody';
  /** Whose data objects are; nobody's unless told. */
  readonly subjects?: SubjectFields;
  /** Of the mask `hash`; one that nobody else has unless told. */
  readonly maskKey?: string;
  /** Another decision, for who explains what is decided, and for tests of the second lock. */
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
  /** The caller's answers, where they were asked for already. */
  readonly grants?: Grants;
  /** The caller's view; the public schema unless told. What it is hangs on the grants alone. */
  readonly schema?: GraphQLSchema;
  /** Where from and when; undefined: nothing is known. */
  readonly situation?: Situation;
  /** Gets the faults of conditions, which do not hold where they throw. */
  readonly record?: Pick<RequestRecord, 'faults'>;
}

/** Fields of one plan, over all the concrete types that can stand behind them. */
const planFieldsMax = 20_000;
const planCacheBytesMax = 64 * 1024 * 1024;
/** With more questions about arguments on the way to it, a plan is made anew each time. */
const questionsKeptMax = 100;
/** Signatures that stand as numbers in the keys of plans. */
const signaturesBytesMax = 8 * 1024 * 1024;

export function createAuthorize(options: AuthorizeOptions) {
  const grantsOf = options.grantsOf ?? createGrantsOf(options.rules);
  const hashOf = createHashOf(options.policy, options.maskKey ?? randomMaskKey());
  // A question about arguments stands where its answer decides which plan it is.
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
    const uses = usesOfTrials(options.policy.trials, { schema, operation }, question.variables.raw);
    // The signature stands for the view too: the same answers give the same view.
    const base = `${numberOf(operation)}\n${signatureOf(grants)}\n${given}\n${toKey(variables)}${keyOfTrials(uses)}`;
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
    // Of those in the key alone, or a plan would hang on what it is not kept by.
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
    const plan = withTrials(planOperation(input), input, uses);
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

/** With what rules on trial would have done. */
function withTrials(
  plan: AuthorizedOperation | Refusal,
  input: PlanInput,
  uses: TrialUses | undefined,
): AuthorizedOperation | Refusal {
  const trials = uses && planTrials(plan, input, uses);
  if (trials === undefined) return plan;
  if (!(plan instanceof Refusal)) return { ...plan, trials };
  const { reason, coordinates, denials, stepUp } = plan;
  return new Refusal(reason, { coordinates, denials, trials, ...(stepUp && { stepUp }) });
}

/**
 * A number for each operation of a checked document: it stands for text and name in a key. An
 * operation belongs to one document and one schema, and one that is parsed again is another.
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
 * A number for each signature, exact as the signature is: with many rules it is long, and would be
 * hashed at every request. One that is forgotten gets another number when it comes back.
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
