/**
 * One consistent view of everything that decisions rest on: schema, policy, limits, and the caches
 * that belong to them. A request takes one snapshot when it arrives and never sees another.
 */
import type { GraphQLSchema } from 'graphql';
import { checkSubjects } from '../authorize/access/check-subjects.ts';
import { type AuthorizeOptions, createAuthorize } from '../authorize/authorize.ts';
import { compilePolicy } from '../authorize/compile-policy.ts';
import { decide } from '../authorize/decide.ts';
import { createGrantsOf, type Grants } from '../authorize/grants.ts';
import type { SubjectFields } from '../authorize/operation/plan-subject.ts';
import type { Policy } from '../authorize/policy.ts';
import { createConditionRules } from '../authorize/shield-rules.ts';
import { forgetHiddenDefaults } from '../authorize/view/forget-defaults.ts';
import { createHiddenOf } from '../authorize/view/hidden.ts';
import { createHiddenShadows, type HiddenShadows } from '../authorize/view/hidden-shadows.ts';
import {
  createBuildView,
  type PublicSchema,
  toPublicSchema,
  type ViewOptions,
} from '../authorize/view/public-schema.ts';
import type { Situation } from '../conditions/situation.ts';
import type { Config } from '../config.ts';
import { Refusal } from '../decision.ts';
import type { Engine } from '../engine.ts';
import type { GraphParts } from '../graph/graph-parts.ts';
import { type AssumedList, assumedLists } from '../limits/cost/assumed-lists.ts';
import { type CheckCost, estimateCost } from '../limits/cost/cost.ts';
import type { CostInput } from '../limits/cost/cost-compile.ts';
import type { CostGraph } from '../limits/cost/cost-weights.ts';
import type { CheckedDocument } from '../limits/document.ts';
import { type DocumentPolicy, defaultDocumentPolicy } from '../limits/document-policy.ts';
import { createLimitShadows, type LimitShadows } from '../limits/limit-shadows.ts';
import type { Limits } from '../limits/limits.ts';
import { Judge, type JudgeInput } from '../plan/judge.ts';
import { pinnedValuesOf } from '../plan/pinned.ts';
import type { RateStore } from '../rates/store.ts';
import type { Caller } from '../request.ts';
import { fieldTypesOf, makeNullable } from './executable-schema.ts';
import type { Policies } from './load.ts';
import { refusePinnedKeys } from './pinned-inputs.ts';
import { compileCosts } from './snapshot-costs.ts';
import { lockAndBuildEngine } from './snapshot-engine.ts';
import {
  compilePolicyRates,
  countedAsRecords,
  createCharges,
  type SnapshotCharges,
} from './snapshot-rates.ts';
import { type CallerView, createViews } from './views.ts';

/** The stitched schema of all upstreams, before any policy. */
export interface Graph {
  readonly schema: GraphQLSchema;
  /** `Type.field` that an upstream's failure may turn into null without removing its parent. */
  readonly joined: ReadonlySet<string>;
  /** Undefined if only the reference engine can run the graph. */
  readonly parts?: GraphParts | undefined;
  /** The upstreams' own schemas, joins and links, for the cost of operations. */
  readonly upstreams?: CostGraph['upstreams'];
  readonly joins?: NonNullable<CostGraph['joins']>;
  readonly links?: NonNullable<CostGraph['links']>;
  /** Query fields that joins and links ask by key, as coordinates, with the join or link. */
  readonly keyed?: ReadonlyMap<string, string>;
}

export interface Snapshot {
  /** SHA-256 in hex over the policy files; undefined for policies that are not files. */
  readonly policyDigest: string | undefined;
  readonly policy: Policy;
  readonly limits: Limits;
  readonly executable: GraphQLSchema;
  readonly public: PublicSchema;
  readonly engine: Engine;
  readonly authorize: ReturnType<typeof createAuthorize>;
  readonly charges: SnapshotCharges;
  /** Decides, for one request, what depends on the objects fetched for it. */
  judgeOf(about: Omit<JudgeInput, 'conditions'>): Judge;
  readonly checkCost: CheckCost;
  /** The cost regardless of limits, for `explain`. */
  readonly estimateCost: (input: Pick<CostInput, 'operation' | 'fragments' | 'variables'>) => {
    readonly cost: number;
    readonly assumed: readonly AssumedList[];
  };
  readonly documents: DocumentPolicy;
  /** A caller's values of pinned arguments, by coordinate; undefined if nothing is pinned. */
  pinnedOf(caller: Caller): Readonly<Record<string, unknown>> | undefined;
  /**
   * Checks a document against the public schema; requests are checked against their caller's view.
   */
  checkDocument(text: string): CheckedDocument | Refusal;
  /** A caller's answers and the view they give; a refusal if the view is empty. */
  callerContextOf(
    caller: Caller,
    situation?: Situation,
  ): CallerContext | Refusal | Promise<CallerContext | Refusal>;
  /** The same for known answers. */
  viewOf(grants: Grants): CallerView | Refusal;
  /** Limits in shadow mode; undefined if there are none. */
  readonly limitShadows: LimitShadows | undefined;
  /**
   * What rules in shadow mode would have granted of a document that does not fit the caller's view.
   */
  readonly hiddenShadows: HiddenShadows | undefined;
  /** The view without these coordinates; undefined if nothing is left to query. */
  viewWithout(hidden: ReadonlySet<string>): PublicSchema | undefined;
}

/** A caller's answers to the conditions of the policy, and the view that follows from them. */
export interface CallerContext {
  readonly grants: Grants;
  readonly view: CallerView;
}

export type SnapshotPolicies = Pick<Policies, 'rules' | 'limits'> &
  Partial<Pick<Policies, 'rates' | 'cost' | 'documents' | 'digest' | 'limitShadows'>>;

export interface SnapshotOptions extends Pick<Config, 'introspection'> {
  readonly anonymousAllowed: boolean;
  /** Default: counts in this process alone. */
  readonly store?: RateStore;
  readonly decide?: AuthorizeOptions['decide'];
  /** Default: compiled, if the graph has parts. */
  readonly engine?: 'compiled' | 'reference';
  /** Key of the mask `hash`; default: a key of this snapshot alone. */
  readonly maskKey?: string;
  /** Data subjects by object type; throws ConfigError if the graph has no such field. */
  readonly subjects?: SubjectFields;
}

/**
 * Compiles the policies against the graph and locks its schema. Consumes `graph`, which is loosened
 * and locked in place. Throws ConfigError if the policies do not fit.
 */
export function buildSnapshot(
  graph: Graph,
  policies: SnapshotPolicies,
  options: SnapshotOptions,
): Snapshot {
  const { schema } = graph;
  const { limits, rates: written = [] } = policies;
  const policy = compilePolicy(schema, policies.rules, options);
  refusePinnedKeys(policy, graph.keyed);
  const pins = [...policy.pins.values()].flat();
  const weights = compileCosts(graph, policy, policies.cost);
  const build = createBuildView(schema, viewOptionsOf(graph, policy, written));
  const view = toPublicSchema(build);
  const upstreamTypes = fieldTypesOf(schema);
  makeNullable(schema, new Set([...view.loosened, ...graph.joined]));
  forgetHiddenDefaults(schema, view.schema);
  const rates = compilePolicyRates(written, { ...view, whole: schema, policy });
  const rules = createConditionRules(policy.conditions);
  const subjects = checkSubjects(schema, options.subjects ?? new Map());
  const engine = lockAndBuildEngine({
    schema,
    parts: options.engine === 'reference' ? undefined : graph.parts,
    policy,
    rules,
    inner: new Set([...subjects.coordinates, ...policy.looked, ...readFields(policy)]),
    limits,
    rates: { rates, written },
  });
  const hiddenOf = createHiddenOf(policy, options.decide ?? decide);
  const views = createViews({ whole: view, build, hiddenOf, weights, limits });
  const grantsOf = createGrantsOf(rules);
  return {
    policyDigest: policies.digest,
    policy,
    limits,
    executable: schema,
    public: view,
    engine,
    charges: createCharges({
      schema: view.schema,
      rates,
      weights,
      ...(options.store && { store: options.store }),
    }),
    documents: policies.documents ?? defaultDocumentPolicy,
    pinnedOf: (caller) => (pins.length === 0 ? undefined : pinnedValuesOf(pins, caller)),
    callerContextOf: createCallerContextOf(grantsOf, views.of),
    viewOf: views.of,
    judgeOf: (about) => new Judge({ ...about, conditions: policy.conditions }),
    viewWithout: build,
    limitShadows: createLimitShadows(policies.limitShadows ?? [], limits),
    hiddenShadows: createHiddenShadows(schema, policy),
    estimateCost: (input) => {
      const about = { ...input, schema: view.schema, weights };
      return { cost: estimateCost(about).cost, assumed: assumedLists(about) };
    },
    checkDocument: views.whole.checkDocument,
    checkCost: views.whole.checkCost,
    authorize: createAuthorize({
      grantsOf,
      ...(options.maskKey === undefined ? {} : { maskKey: options.maskKey }),
      publicSchema: view.schema,
      executable: schema,
      upstreamTypes,
      policy,
      rules,
      introspection: options.introspection,
      subjects: subjects.fields,
      ...(options.decide === undefined ? {} : { decide: options.decide }),
    }),
  };
}

function createCallerContextOf(
  grantsOf: ReturnType<typeof createGrantsOf>,
  viewOf: Snapshot['viewOf'],
): Snapshot['callerContextOf'] {
  const toContext = (grants: Grants): CallerContext | Refusal => {
    const view = viewOf(grants);
    return view instanceof Refusal ? view : { grants, view };
  };
  return (caller, situation) => {
    const grants = grantsOf(caller, situation);
    return grants instanceof Promise ? grants.then(toContext) : toContext(grants);
  };
}

/** Fields that failures, record budgets or withheld objects may turn into null, whole or in part. */
function viewOptionsOf(
  { schema, joined }: Graph,
  policy: Policy,
  rates: Policies['rates'],
): ViewOptions {
  const denied = [...policy.keepsBack].flatMap(([coordinate, how]) =>
    how === 'deny' ? [coordinate] : [],
  );
  return {
    policy,
    nullable: new Set([...joined, ...policy.keepsBack.keys()]),
    counted: new Set([...countedAsRecords(schema, policy, rates), ...denied]),
  };
}

/** Query fields that the gateway reads for itself before writes. */
const readFields = ({ writes }: Policy): readonly string[] =>
  [...writes.values()].flat().map(({ read }) => `Query.${read.field}`);
