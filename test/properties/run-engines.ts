/**
 * One policy's share of the comparison of engines: a gateway for each engine under one random
 * policy, the same hostile upstreams, the same operations of the same callers.
 */
import { setImmediate } from 'node:timers/promises';
import { type TestGateway, testGateway } from '../support/gateway.ts';
import { batchedAlike, differences, type Outcome } from './compare-engines.ts';
import type { Operation } from './generate-operation.ts';
import { generateCaller, generatePolicy } from './generate-policy.ts';
import { generateRates } from './generate-rates.ts';
import { withRowRules } from './generate-rows.ts';
import { generousLimits } from './generous-limits.ts';
import { createHostileUpstream, type HostileUpstream, type Hostility } from './hostile-answers.ts';
import type { AnyCaller } from './policy.ts';
import { createRandom } from './random.ts';
import { joins, links, paySdl, peopleSdl, unifiedSchema, upstreamSchemas } from './schema.ts';
import { shapeFaults } from './shape-faults.ts';
import { validOperation } from './valid-operation.ts';

interface Side {
  readonly gateway: TestGateway;
  readonly upstreams: Readonly<Record<string, HostileUpstream>>;
}

async function openSide(
  engine: 'compiled' | 'reference',
  about: { rules: unknown; rates: string | undefined; hostility: Hostility; prefix: string },
): Promise<Side> {
  const upstreamOf = (name: string): HostileUpstream => {
    const schema = upstreamSchemas[name];
    if (schema === undefined) throw new Error(`no upstream ${name}`);
    return createHostileUpstream(schema, name, about.hostility);
  };
  const { prefix } = about;
  const named = prefix === '' ? {} : { prefix };
  const people = upstreamOf('people');
  const pay = upstreamOf('pay');
  const gateway = await testGateway({
    engine,
    upstreams: {
      people: { sdl: peopleSdl, answer: people.answer, ...named },
      pay: { sdl: paySdl, answer: pay.answer, ...named },
    },
    joins: JSON.parse(prefixed(prefix, JSON.stringify(joins))),
    links: JSON.parse(prefixed(prefix, JSON.stringify(links))),
    rules: prefixed(prefix, JSON.stringify({ version: 1, rules: about.rules })),
    ...(about.rates === undefined ? {} : { rates: prefixed(prefix, about.rates) }),
    introspection: 'everyone',
    limits: generousLimits,
    subjects: new Map([
      [`${prefix}Employee`, { type: 'Employee', field: 'id' }],
      [`${prefix}Account`, { type: 'Account', field: 'ownerId' }],
    ]),
  });
  return { gateway, upstreams: { people, pay } };
}

const typeNames = Object.keys(unifiedSchema.getTypeMap()).filter(
  (name) => !/^(?:__.*|Query|Mutation|String|Int|Float|Boolean|ID)$/.test(name),
);
const anyTypeName = new RegExp(`\\b(?:${typeNames.join('|')})\\b`, 'g');

/** Types as the graph calls them where its upstreams have a prefix; they never see it. */
function prefixed(prefix: string, text: string): string {
  return text.replace(anyTypeName, (name) => prefix + name);
}

async function ask(side: Side, caller: AnyCaller, operation: Operation): Promise<Outcome> {
  for (const upstream of Object.values(side.upstreams)) upstream.asked.clear();
  side.gateway.records.length = 0;
  const { query, variables, operationName } = operation;
  const answer = await side.gateway.query(query, {
    ...(caller === undefined ? {} : { as: caller }),
    variables: { ...variables },
    ...(operationName === undefined ? {} : { operationName }),
  });
  await untilNothingIsAsked(side);
  const [record] = side.gateway.records;
  if (record === undefined) throw new Error('no record');
  // A key of a join is asked of both: each counts for itself.
  const asked = Object.entries(side.upstreams).flatMap(([name, one]) =>
    [...one.asked].map(([place, times]): [string, number] => [`${place} of ${name}`, times]),
  );
  return { answer, record, asked: new Map(asked) };
}

/** What a failure has taken away the reference engine may still ask for: it belongs to this operation. */
async function untilNothingIsAsked({ gateway: { requests } }: Side): Promise<void> {
  for (let quiet = 0, known = requests.length; quiet < 3; known = requests.length) {
    await setImmediate();
    quiet = requests.length === known ? quiet + 1 : 0;
  }
}

/** What came up; what never happens is not tested. */
export interface Seen {
  operations: number;
  withData: number;
  withFailures: number;
  withRefusals: number;
  withBudgets: number;
  delivered: number;
  /** Of which an object decided. */
  withRows: number;
  /** Writes that an object was read for, and those that it has let through. */
  writesJudged: number;
  writesGranted: number;
  fallbacks: number;
  /** Not compared: hostile upstreams were sent other batches. */
  regrouped: number;
}

/** Runs `count` operations under the policy of `seed`; tells what differs, and the first ends the run. */
export async function runEnginePolicy(
  seed: number,
  count: number,
  seen: Seen,
): Promise<string | undefined> {
  const random = createRandom(seed);
  const plainRules = generatePolicy(random);
  const rules = seed % 2 === 0 ? withRowRules(random, plainRules) : plainRules;
  const hostility: Hostility = { seed: 0, share: 0 };
  const prefix = seed % 3 === 0 ? 'Up_' : '';
  // What the graph has under the rules shows one that is made of them alone.
  const plain = await openSide('compiled', { rules, rates: undefined, hostility, prefix: '' });
  const rates = generateRates(random, plain.gateway.publicSchema);
  await plain.gateway.close();
  const about = { rules, rates, hostility, prefix };
  const compiled = await openSide('compiled', about);
  const reference = await openSide('reference', about);
  const callers = Array.from({ length: 6 }, () => generateCaller(random));
  try {
    for (let index = 0; index < count; index += 1) {
      hostility.seed = seed * 1000 + index;
      hostility.share = random.pick([0, 0.02, 0.08, 0.3]);
      const caller = random.pick(callers);
      const operation = validOperation(random, compiled.gateway.publicSchema);
      const one = await ask(compiled, caller, operation);
      const other = await ask(reference, caller, operation);
      countSeen(seen, one);
      const faults = shapeFaults(one.answer, operation, compiled.gateway.publicSchema);
      // A row that lies about its key spoils others of its batch: other batches, other answers.
      if (hostility.share > 0 && !batchedAlike(one, other)) {
        seen.regrouped += 1;
        continue;
      }
      const wrong = [...faults, ...differences(one, other)];
      if (wrong.length === 0) continue;
      const { query, variables } = operation;
      return [
        `policy seed ${seed} (FUZZ_SEED=${seed}), operation ${index}, hostile in ${hostility.share}`,
        ...wrong,
        query,
        JSON.stringify(variables),
        `caller ${JSON.stringify(caller)}`,
        JSON.stringify(compiled.gateway.requests.slice(-4)),
      ].join('\n');
    }
    return undefined;
  } finally {
    await compiled.gateway.close();
    await reference.gateway.close();
  }
}

function countSeen(seen: Seen, { answer, record }: Outcome): void {
  const codes = new Set((answer.body.errors ?? []).map(({ extensions }) => extensions.code));
  seen.operations += 1;
  if (record.upstreamCallCount > 0) seen.withData += 1;
  if (codes.has('UPSTREAM_FAILED')) seen.withFailures += 1;
  if (codes.has('FORBIDDEN')) seen.withRefusals += 1;
  if (codes.has('RATE_LIMITED') && answer.status === 200) seen.withBudgets += 1;
  if (record.delivered.length > 0) seen.delivered += 1;
  if (record.verdicts?.depends?.some((one) => record.verdicts?.denied.includes(one))) {
    seen.withRows += 1;
  }
  const judged = record.verdicts?.depends?.filter((one) => one.startsWith('Mutation.')) ?? [];
  const isRead = record.upstreamCalls.some(({ operation }) => operation === 'query');
  if (judged.length > 0 && isRead) {
    seen.writesJudged += 1;
    const isDone = record.upstreamCalls.some(({ operation }) => operation === 'mutation');
    if (isDone) seen.writesGranted += 1;
  }
  if (record.engineReason !== undefined) seen.fallbacks += 1;
}
