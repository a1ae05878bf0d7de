/**
 * The second lock by itself: a first lock that grants everything stands before it, and under
 * generated policies no caller gets more than the words of the policy give, on either engine.
 * `FUZZ_RUNS` sets the number of operations, `FUZZ_SEED` the first policy; a failure names its seed.
 */
import { parse } from 'graphql';
import { expect, test } from 'vitest';
import type { Decide } from '../../gateway/authorize/decide.ts';
import { type TestAnswer, testGateway } from '../support/gateway.ts';
import { leaks } from './check-answer.ts';
import type { Operation } from './generate-operation.ts';
import { generateCaller, generatePolicy } from './generate-policy.ts';
import { generousLimits } from './generous-limits.ts';
import { Oracle } from './oracle.ts';
import type { AnyCaller } from './policy.ts';
import { createRandom } from './random.ts';
import { readMasked, referenceAnswer } from './reference-answer.ts';
import { answerOf } from './rows.ts';
import { joins, links, paySdl, peopleSdl, unifiedSchema } from './schema.ts';
import { validOperation } from './valid-operation.ts';

const runs = Number(process.env.FUZZ_RUNS ?? 200);
/** The same for every change, so that the change is judged; others are tried with FUZZ_SEED. */
const firstSeed = Number(process.env.FUZZ_SEED ?? 4_711);
const operationsPerPolicy = 20;

const grantEverything: Decide = ({ coordinate, grants, masks, requires, forbid }) => {
  const rule = [...grants, ...masks, ...requires][0]?.rule ?? forbid;
  if (rule === undefined) throw new Error(`no rule names ${coordinate}`);
  return { kind: 'allow', rule };
};

interface Seen {
  operations: number;
  withData: number;
  refused: number;
}

test.each(['compiled', 'reference'] as const)(
  `${runs} generated operations, on the %s engine, from seed ${firstSeed}`,
  async (engine) => {
    const seen: Seen = { operations: 0, withData: 0, refused: 0 };
    for (let seed = firstSeed; seen.operations < runs; seed += 1) {
      const count = Math.min(operationsPerPolicy, runs - seen.operations);
      expect(await runPolicy(seed, { engine, count, seen })).toBeUndefined();
    }
    process.stdout.write(`${JSON.stringify(seen)}\n`);
    if (runs >= 200) expect(Object.values(seen).every((each) => each > 0)).toBe(true);
  },
  Math.max(60_000, runs * 300),
);

/** Returns the first excess, with what is needed to see it again. */
async function runPolicy(
  seed: number,
  about: { engine: 'compiled' | 'reference'; count: number; seen: Seen },
): Promise<string | undefined> {
  const { engine, count, seen } = about;
  const random = createRandom(seed);
  const rules = generatePolicy(random);
  const oracle = new Oracle(unifiedSchema, rules);
  const gateway = await testGateway({
    engine,
    decide: grantEverything,
    upstreams: {
      people: { sdl: peopleSdl, answer: answerOf('people') },
      pay: { sdl: paySdl, answer: answerOf('pay') },
    },
    joins,
    links,
    rules: JSON.stringify({ version: 1, rules }),
    introspection: 'everyone',
    limits: generousLimits,
  });
  const callers = Array.from({ length: 6 }, () => generateCaller(random));
  try {
    for (let index = 0; index < count; index += 1) {
      const caller = random.pick(callers);
      const operation = validOperation(random, gateway.publicSchema);
      const { query, variables, operationName } = operation;
      const answer = await gateway.query(query, {
        ...(caller === undefined ? {} : { as: caller }),
        variables: { ...variables },
        ...(operationName === undefined ? {} : { operationName }),
      });
      const [record] = gateway.records.splice(0);
      seen.operations += 1;
      if (record?.faults.some((one) => one.startsWith('refused by the second lock')))
        seen.refused += 1;
      if (Object.values(answer.body.data ?? {}).some((value) => value !== null)) seen.withData += 1;
      const { publicSchema } = gateway;
      const excess = await excessOf(answer, { oracle, publicSchema, caller, operation });
      if (excess.length === 0) continue;
      const asked = [query, JSON.stringify(variables), `caller ${JSON.stringify(caller)}`];
      return [`policy seed ${seed}, operation ${index}`, ...excess, ...asked].join('\n');
    }
    return undefined;
  } finally {
    await gateway.close();
  }
}

/** What the answer holds beyond that which is due to the caller. */
async function excessOf(
  answer: TestAnswer,
  about: {
    oracle: Oracle;
    publicSchema: Parameters<typeof referenceAnswer>[0]['publicSchema'];
    caller: AnyCaller;
    operation: Operation;
  },
): Promise<string[]> {
  const { oracle, publicSchema, caller, operation } = about;
  const { query, variables, operationName } = operation;
  const document = parse(query);
  const asked = { oracle, caller, publicSchema, document, operationName, variables };
  const due = await referenceAnswer(asked);
  const found = leaks(answer, oracle, caller).map((coordinate) => `${coordinate} leaks`);
  if (due.rejected === 'no') compare(answer.body.data, due.data, 'data', found);
  return found;
}

/** A null in the place of what is due is no excess; a whole value in the place of a mask is. */
function compare(seen: unknown, due: unknown, path: string, excess: string[]): void {
  if (seen === null || seen === undefined) return;
  if (typeof seen === 'object' && typeof due === 'object' && due !== null && !readMasked(due)) {
    for (const [key, value] of Object.entries(seen)) {
      compare(value, Reflect.get(due, key), `${path}.${key}`, excess);
    }
  } else if (seen !== due) {
    excess.push(`${path} is ${JSON.stringify(seen)}, due ${JSON.stringify(due)}`);
  }
}
