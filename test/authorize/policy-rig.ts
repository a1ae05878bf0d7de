/**
 * A schema, rules and a caller in; what authorisation makes of them out. Everything is put together
 * as a snapshot does it, so that plans are made for the schemas that are really served.
 */
import {
  buildSchema,
  defaultFieldResolver,
  type GraphQLSchema,
  isObjectType,
  print,
} from 'graphql';
import { toRules } from '../../gateway/authorize/access/access-file.ts';
import { compilePolicy } from '../../gateway/authorize/compile-policy.ts';
import { decide } from '../../gateway/authorize/decide.ts';
import { createGrantsOf } from '../../gateway/authorize/grants.ts';
import { createHashOf } from '../../gateway/authorize/mask-hash.ts';
import { planOperation } from '../../gateway/authorize/operation/plan-operation.ts';
import { toKey, usesOfVariables } from '../../gateway/authorize/operation/used-inputs.ts';
import type { Policy } from '../../gateway/authorize/policy.ts';
import { createConditionRules } from '../../gateway/authorize/shield-rules.ts';
import { Refusal } from '../../gateway/decision.ts';
import { parseYaml } from '../../gateway/files/yaml-source.ts';
import { pickOperation } from '../../gateway/limits/document.ts';
import { defaultLimits } from '../../gateway/limits/limits.ts';
import { coerceVariables } from '../../gateway/limits/variables.ts';
import type { AuthorizedOperation } from '../../gateway/plan/plan.ts';
import type { Caller } from '../../gateway/request.ts';
import { buildSnapshot } from '../../gateway/snapshot/snapshot.ts';

/** Rules as the items of a policy file's list: one flow map a line. */
export function rulesOf(items: string) {
  const list = items.trim() === '' ? ' []' : `\n${items}`;
  return toRules(parseYaml(`version: 1\nrules:${list}\n`, { file: 'access/test.yaml' }));
}

export function policyOf(sdl: string, items: string, anonymousAllowed = true): Policy {
  return compilePolicy(buildSchema(sdl), rulesOf(items), { anonymousAllowed });
}

export function callerWith(about: Partial<Caller> = {}): Caller {
  return {
    kind: 'token',
    issuer: 'https://idp.example.test',
    subject: 'someone',
    client: undefined,
    scopes: new Set(),
    roles: new Set(),
    claims: Object.create(null),
    expiresAt: 2_000_000_000,
    credentialHash: 'hash',
    ...about,
  };
}

export const anonymous: Caller = callerWith({
  kind: 'anonymous',
  issuer: undefined,
  subject: undefined,
  expiresAt: undefined,
});

export const withScopes = (...scopes: string[]): Caller => callerWith({ scopes: new Set(scopes) });

export interface PlanQuestion {
  query: string;
  caller?: Caller;
  variables?: Record<string, unknown>;
  operationName?: string;
  introspectionAllowed?: boolean;
  fieldsMax?: number;
}

export interface Planning {
  readonly publicSchema: GraphQLSchema;
  readonly executable: GraphQLSchema;
  readonly policy: Policy;
  plan(question: PlanQuestion): Promise<AuthorizedOperation | Refusal>;
  /** What the operation's variables bring, as part of the cache's key. */
  usesIn(question: PlanQuestion): string;
}

export function planning(sdl: string, items: string, joined: readonly string[] = []): Planning {
  const schema = executableSchema(sdl);
  const upstreamTypes = typesOf(schema);
  const snapshot = buildSnapshot(
    { schema, joined: new Set(joined) },
    { rules: rulesOf(items), limits: defaultLimits },
    { introspection: 'everyone', anonymousAllowed: true },
  );
  const { policy, public: view, executable } = snapshot;
  const grantsOf = createGrantsOf(createConditionRules(policy.conditions));

  const read = (question: PlanQuestion) => {
    const checked = accepted(snapshot.checkDocument(question.query));
    const operation = accepted(pickOperation(checked, question.operationName));
    const given = question.variables ?? {};
    const { coerced, raw } = accepted(coerceVariables(view.schema, operation, given));
    const variables = usesOfVariables(view.schema, policy, operation, raw);
    const isTrue = (name: string) => coerced[name] === true;
    return { operation, fragments: checked.fragments, variables, isTrue };
  };

  return {
    publicSchema: view.schema,
    executable,
    policy,
    usesIn: (question) => toKey(read(question).variables),
    async plan(question) {
      return planOperation({
        ...read(question),
        schema: view.schema,
        executable,
        upstreamTypes,
        policy,
        decide,
        grants: await grantsOf(question.caller ?? anonymous),
        askArguments: (answers) => answers,
        introspectionAllowed: question.introspectionAllowed ?? true,
        subjects: new Map(),
        hashOf: createHashOf(policy, 'the key of a test'),
        fieldsMax: question.fieldsMax ?? 1_000,
      });
    },
  };
}

/** The plan, or a failed test. */
export function accepted<T>(outcome: T | Refusal): T {
  if (!(outcome instanceof Refusal)) return outcome;
  const messages = outcome.errors.map(({ message }) => message).join('; ');
  throw new Error(`refused: ${outcome.reason} ${outcome.coordinates.join()} ${messages}`);
}

/** A document on one line. */
export function onOneLine(plan: AuthorizedOperation): string | undefined {
  return plan.document && print(plan.document).replace(/\s+/g, ' ').trim();
}

/** The lock stands on resolvers only. */
export function executableSchema(sdl: string): GraphQLSchema {
  const schema = buildSchema(sdl);
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) field.resolve = defaultFieldResolver;
  }
  return schema;
}

function typesOf(schema: GraphQLSchema): Map<string, string> {
  return new Map(
    Object.values(schema.getTypeMap()).flatMap((type) =>
      isObjectType(type)
        ? Object.values(type.getFields()).map(
            (field) => [`${type.name}.${field.name}`, String(field.type)] as const,
          )
        : [],
    ),
  );
}
