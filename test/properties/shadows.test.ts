/**
 * Rules in shadow mode under generated policies, callers and operations: what is answered and asked of
 * upstreams is that of the policy without the rule, and what is noted is what the policy with the
 * rule in force does. `FUZZ_RUNS` sets the number of operations, `FUZZ_SEED` the first policy.
 */
import { expect, test } from 'vitest';
import { ConfigError } from '../../gateway/files/config-error.ts';
import type { RequestRecord } from '../../gateway/request.ts';
import { type TestGateway, testGateway } from '../support/gateway.ts';
import type { Operation } from './generate-operation.ts';
import { generateCaller, generatePolicy } from './generate-policy.ts';
import { generousLimits } from './generous-limits.ts';
import type { AnyCaller, Rule } from './policy.ts';
import { createRandom, type Random } from './random.ts';
import { answerOf } from './rows.ts';
import { joins, links, paySdl, peopleSdl } from './schema.ts';
import { validOperation } from './valid-operation.ts';

const runs = Number(process.env.FUZZ_RUNS ?? 500);
const firstSeed = Number(process.env.FUZZ_SEED ?? 4_711);
const operationsPerShadow = 12;

const open = (rules: readonly unknown[]): Promise<TestGateway> =>
  testGateway({
    upstreams: {
      people: { sdl: peopleSdl, answer: answerOf('people') },
      pay: { sdl: paySdl, answer: answerOf('pay') },
    },
    joins,
    links,
    rules: JSON.stringify({ version: 1, rules }),
    limits: generousLimits,
  });

interface Sides {
  readonly rule: Rule;
  readonly plain: TestGateway;
  readonly shadowed: TestGateway;
  readonly forced: TestGateway;
}

/** Undefined where the rule cannot be in shadow mode, or the policy cannot be without it. */
async function openSides(rules: readonly Rule[], rule: Rule): Promise<Sides | undefined> {
  const shadow = { until: '2999-12-31' };
  try {
    const [plain, shadowed, forced] = await Promise.all([
      open(rules.filter((one) => one !== rule)),
      open(rules.map((one) => (one === rule ? { ...one, shadow } : one))),
      open(rules),
    ]);
    return { rule, plain, shadowed, forced };
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

interface Outcome {
  readonly said: unknown;
  readonly record: RequestRecord;
  readonly denied: ReadonlySet<string>;
  readonly masked: ReadonlySet<string>;
  /** All of it was refused: which other coordinates would have been is not known. */
  readonly isWhole: boolean;
  readonly isDecided: boolean;
}

async function ask(gateway: TestGateway, operation: Operation, as: AnyCaller): Promise<Outcome> {
  gateway.requests.length = 0;
  const { query, variables, operationName } = operation;
  const { status, headers, text } = await gateway.query(query, {
    ...(as === undefined ? {} : { as }),
    variables: { ...variables },
    ...(operationName === undefined ? {} : { operationName }),
  });
  const record = gateway.records.at(-1);
  if (record === undefined) throw new Error('there is no record');
  gateway.records.length = 0;
  const { 'x-request-id': _, ...rest } = headers;
  const { verdicts, refusal, denials, cost, charges, delivered } = record;
  const isWhole = refusal !== undefined;
  const facts = { verdicts, denials, cost, charges, delivered, reason: refusal?.reason };
  const sent = [...gateway.requests];
  return {
    said: { status, rest, text: text.replaceAll(record.id, 'ID'), facts, sent },
    record,
    denied: new Set(isWhole ? refusal.coordinates : verdicts?.denied),
    masked: new Set(verdicts?.masked),
    isWhole,
    isDecided: verdicts !== undefined || refusal?.reason === 'authorize/denied',
  };
}

const without = (some: ReadonlySet<string>, others: ReadonlySet<string>): string[] =>
  [...some].filter((one) => !others.has(one)).sort();

const notedOf = ({ record }: Outcome, effect: string): ReadonlySet<string> => {
  const found = record.shadows?.filter((one) => one.effect === effect) ?? [];
  return new Set(found.flatMap(({ coordinates }) => coordinates));
};

interface Three {
  readonly plain: Outcome;
  readonly shadowed: Outcome;
  readonly forced: Outcome;
}

/** What is noted, against what the rule in force does. */
function untruths(rule: Rule, three: Three): string[] {
  const { plain, shadowed, forced } = three;
  if (!plain.isDecided || !forced.isDecided) return [];
  if (plain.isWhole || forced.isWhole) {
    const isSilent = !plain.isWhole && notedOf(shadowed, 'refuse').size === 0;
    return isSilent ? ['refuses all of it'] : grantedInVain(three);
  }
  return [...untoldOf(rule, three), ...grantedInVain(three)];
}

/** Where both plans are whole, all that differs is known. */
function untoldOf(rule: Rule, { plain, shadowed, forced }: Three): string[] {
  const refused = without(forced.denied, plain.denied);
  const granted = without(plain.denied, forced.denied);
  const faults: string[] = [];
  const noted = [...notedOf(shadowed, 'refuse')].sort();
  if (rule.allow === undefined && refused.join() !== noted.join())
    faults.push(`refuses ${refused}`);
  if (shadowed.record.shadows !== undefined) return faults;
  const masks = [...without(forced.masked, plain.masked), ...without(plain.masked, forced.masked)];
  if (masks.length > 0) faults.push(`masks ${masks}`);
  // A field that is granted and may not be given its argument is refused as before, for another reason.
  if (refused.length > 0 !== granted.length > 0)
    faults.push(`refuses ${refused}, grants ${granted}`);
  return faults;
}

function grantedInVain({ plain, shadowed, forced }: Three): string[] {
  return [...notedOf(shadowed, 'grant')]
    .filter((one) => {
      const had = plain.denied.has(one) || plain.masked.has(one);
      return !had || (forced.denied.has(one) && !forced.isWhole);
    })
    .map((one) => `does not grant ${one}`);
}

const canBeShadowed = ({ allow, require, forbid, class: label, otherwise }: Rule): boolean =>
  label === undefined &&
  otherwise === undefined &&
  [allow, require, forbid].filter((one) => one !== undefined).length === 1;

/** Grants are many, and what refuses is what shadows are for. */
function pickShadow(random: Random, rules: readonly Rule[]): Rule {
  const refusing = rules.filter(({ allow }) => allow === undefined);
  return random.pick(refusing.length > 0 && random.chance(0.8) ? refusing : rules);
}

const seen = { operations: 0, shadows: 0, refuse: 0, mask: 0, grant: 0, unknown: 0 };

async function askAll(sides: Sides, seed: number, random: Random): Promise<void> {
  const { rule, plain, shadowed, forced } = sides;
  const operation = validOperation(random, plain.publicSchema);
  const as = generateCaller(random);
  seen.operations += 1;
  const was = await ask(plain, operation, as);
  const would = await ask(forced, operation, as);
  // The second is kept, the third comes from what is kept.
  for (let turn = 0; turn < 3; turn += 1) {
    const is = await ask(shadowed, operation, as);
    expect({ seed, said: is.said }).toEqual({ seed, said: was.said });
    const wrong = untruths(rule, { plain: was, shadowed: is, forced: would });
    const about = { seed, rule, operation, as, shadows: is.record.shadows };
    expect({ wrong, ...(wrong.length > 0 && about) }).toEqual({ wrong: [] });
    for (const { effect } of is.record.shadows ?? []) seen[effect] += 1;
  }
}

test(
  `${runs} generated operations with a rule in shadow mode, from seed ${firstSeed}`,
  async () => {
    process.stdout.write(`FUZZ_SEED=${firstSeed} FUZZ_RUNS=${runs}\n`);
    for (let seed = firstSeed; seen.operations < runs; seed += 1) {
      const random = createRandom(seed);
      const rules = generatePolicy(random);
      const rule = pickShadow(random, rules.filter(canBeShadowed));
      const sides = await openSides(rules, rule);
      if (sides === undefined) continue;
      seen.shadows += 1;
      for (let count = 0; count < operationsPerShadow; count += 1)
        await askAll(sides, seed, random);
      await Promise.all([sides.plain.close(), sides.shadowed.close(), sides.forced.close()]);
    }
    process.stdout.write(`${JSON.stringify(seen)}\n`);
    // None of them is large.
    expect(seen.unknown).toBe(0);
    if (runs >= 500) expect(Math.min(seen.shadows, seen.refuse, seen.grant)).toBeGreaterThan(0);
  },
  Math.max(60_000, runs * 300),
);
