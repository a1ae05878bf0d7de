/**
 * One policy's share of the property test: a gateway under a random policy, random operations by
 * random callers, each in several spellings, and everything that is wrong with what came of it.
 */
import { Kind, parse } from 'graphql';
import { type TestAnswer, type TestGateway, testGateway } from '../support/gateway.ts';
import { faultsOf, leaks } from './check-answer.ts';
import { publicSchemaFaults } from './check-public-schema.ts';
import { askedInExcess } from './check-upstream.ts';
import type { Operation } from './generate-operation.ts';
import { generateCaller, generatePolicy } from './generate-policy.ts';
import { generousLimits } from './generous-limits.ts';
import { Oracle } from './oracle.ts';
import type { AnyCaller, Rule } from './policy.ts';
import { createRandom, type Random } from './random.ts';
import { type ExpectedAnswer, referenceAnswer } from './reference-answer.ts';
import { type Spelling, spellings } from './respell.ts';
import { answerOf } from './rows.ts';
import { joins, links, paySdl, peopleSdl, unifiedSchema } from './schema.ts';
import { validOperation } from './valid-operation.ts';

export interface Tally {
  operations: number;
  answers: number;
  rejected: number;
  withRefusals: number;
  withData: number;
  masked: number;
  upstreamDocuments: number;
}

export interface Failure {
  seed: number;
  faults: string[];
  spelling: Spelling | undefined;
  caller: AnyCaller;
  rules: readonly Rule[];
}

export function emptyTally(): Tally {
  return {
    operations: 0,
    answers: 0,
    rejected: 0,
    withRefusals: 0,
    withData: 0,
    masked: 0,
    upstreamDocuments: 0,
  };
}

interface Rig {
  gateway: TestGateway;
  oracle: Oracle;
  callers: AnyCaller[];
  seed: number;
  tally: Tally;
}

/** Runs `count` operations under the policy of `seed`; the first failure ends the run. */
export async function runPolicy(
  seed: number,
  count: number,
  tally: Tally,
): Promise<Failure | undefined> {
  const random = createRandom(seed);
  const rules = generatePolicy(random);
  const oracle = new Oracle(unifiedSchema, rules);
  const people = { sdl: peopleSdl, answer: answerOf('people') };
  const pay = { sdl: paySdl, answer: answerOf('pay') };
  const gateway = await testGateway({
    upstreams: { people, pay },
    joins,
    links,
    // JSON is YAML.
    rules: JSON.stringify({ version: 1, rules }),
    introspection: 'everyone',
    limits: generousLimits,
  });
  try {
    const shown = publicSchemaFaults(gateway.publicSchema, oracle);
    if (shown.length > 0)
      return { seed, faults: shown, spelling: undefined, caller: undefined, rules };
    const callers = Array.from({ length: 6 }, () => generateCaller(random));
    const rig = { gateway, oracle, callers, seed, tally };
    for (let index = 0; index < count; index += 1) {
      const failure = await runOperation(rig, random);
      if (failure) return failure;
    }
    return undefined;
  } finally {
    await gateway.close();
  }
}

async function runOperation(rig: Rig, random: Random): Promise<Failure | undefined> {
  const { gateway, oracle } = rig;
  const caller = random.pick(rig.callers);
  const written = validOperation(random, gateway.publicSchema);
  const lighter = { ...written, variables: otherVariables(random, written) };
  const [operation, again] = random.chance(0.5) ? [written, lighter] : [lighter, written];
  const due = await dueTo(rig, caller, operation);
  rig.tally.operations += 1;
  const seen = new Set<string>();
  for (const spelling of spellings(random, gateway.publicSchema, operation)) {
    const { outcome, faults } = await ask(rig, caller, spelling, due);
    seen.add(outcome);
    if (seen.size > 1) faults.push(`spellings disagree: ${[...seen].join(' | ')}`);
    if (faults.length > 0) return { seed: rig.seed, faults, spelling, caller, rules: oracle.rules };
  }
  if (random.chance(0.5)) return undefined;
  return askAgain(rig, random.chance(0.5) ? caller : random.pick(rig.callers), again);
}

/** The same text with other variables, or from another caller: what was decided is not reused. */
async function askAgain(
  rig: Rig,
  caller: AnyCaller,
  operation: Operation,
): Promise<Failure | undefined> {
  const spelling = { ...operation, spelled: 'again', original: new Map() };
  const due = await dueTo(rig, caller, spelling);
  const { faults } = await ask(rig, caller, spelling, due);
  if (faults.length === 0) return undefined;
  return { seed: rig.seed, faults, spelling, caller, rules: rig.oracle.rules };
}

/** Conditions turned over, and what may be left out left out. */
function otherVariables(random: Random, { query, variables }: Operation): Operation['variables'] {
  const others: Record<string, unknown> = { ...variables };
  for (const definition of parse(query).definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    for (const { variable, type, defaultValue } of definition.variableDefinitions ?? []) {
      const name = variable.name.value;
      const optional = type.kind !== Kind.NON_NULL_TYPE || defaultValue !== undefined;
      if (typeof others[name] === 'boolean' && random.chance(0.5)) others[name] = !others[name];
      else if (optional && random.chance(0.4)) delete others[name];
      else if (name in others) others[name] = lighten(random, others[name]);
    }
  }
  return others;
}

/** Fewer list items and input fields; `key` alone is an input field that must be there. */
function lighten(random: Random, value: unknown): unknown {
  if (Array.isArray(value)) return random.subset(value, 0.6).map((item) => lighten(random, item));
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => key === 'key' || random.chance(0.6));
  return Object.fromEntries(kept.map(([key, inner]) => [key, lighten(random, inner)]));
}

function dueTo({ gateway, oracle }: Rig, caller: AnyCaller, operation: Operation) {
  const { query, operationName, variables } = operation;
  const { publicSchema } = gateway;
  return referenceAnswer({
    oracle,
    caller,
    publicSchema,
    document: parse(query),
    operationName,
    variables,
  });
}

async function ask(rig: Rig, caller: AnyCaller, spelling: Spelling, due: ExpectedAnswer) {
  const { gateway, oracle, tally } = rig;
  const before = gateway.requests.length;
  const answer = await gateway.query(spelling.query, {
    ...(caller === undefined ? {} : { as: caller }),
    variables: { ...spelling.variables },
    ...(spelling.operationName === undefined ? {} : { operationName: spelling.operationName }),
  });
  const asked = gateway.requests.slice(before);
  gateway.requests.length = 0;
  const faults = [
    ...faultsOf(answer, due, spelling),
    ...leaks(answer, oracle, caller).map((each) => `${each} leaks`),
    ...asked.flatMap((document) => askedInExcess(oracle, caller, document)),
  ];
  if (answer.status === 403 && asked.length > 0)
    faults.push('a refused operation reached an upstream');
  count(tally, answer.status, due, asked.length);
  return { outcome: outcomeOf(answer, spelling), faults };
}

/** Status, codes and coordinates in the original's keys: what all spellings must agree on. */
function outcomeOf({ status, body }: TestAnswer, { original }: Spelling): string {
  const errors = (body.errors ?? []).map(({ path = [], extensions: { code, coordinate } }) => {
    const keys = path.map((key) => (typeof key === 'string' ? (original.get(key) ?? key) : key));
    return `${code} ${coordinate} ${keys.join('.')}`;
  });
  return [status, ...errors.sort()].join('; ');
}

function count(tally: Tally, status: number, due: ExpectedAnswer, asked: number): void {
  tally.answers += 1;
  tally.upstreamDocuments += asked;
  if (status === 403) tally.rejected += 1;
  else if (due.denied.length > 0) tally.withRefusals += 1;
  if (status === 200 && asked > 0) tally.withData += 1;
  if (due.masked.size > 0) tally.masked += 1;
}
