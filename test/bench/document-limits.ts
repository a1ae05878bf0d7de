/**
 * Prints what hostile documents cost: CPU of one check (the worst of some, after warming up), and
 * the heap over 1,000 repeats. Run with `node --expose-gc test/bench/document-limits.ts`.
 */
import { buildSchema } from 'graphql';
import { Refusal } from '../../gateway/decision.ts';
import { createCostCheck } from '../../gateway/limits/cost/cost.ts';
import { defaultCostPolicy } from '../../gateway/limits/cost/cost-policy.ts';
import { compileCostWeights } from '../../gateway/limits/cost/cost-weights.ts';
import { checkDocument } from '../../gateway/limits/document.ts';
import { defaultLimits } from '../../gateway/limits/limits.ts';
import {
  type DocumentAttack,
  documentAttacks,
  heaviestDocuments,
  sdl,
} from './document-attacks.ts';

const schema = buildSchema(sdl);
const weights = compileCostWeights(
  { schema, upstreams: new Map([['hr', schema]]) },
  defaultCostPolicy,
);
const checkCost = createCostCheck({ schema, weights, limits: defaultLimits });
const rounds = 15;
const repeats = Number(process.env.REPEATS ?? 1_000);

/** Everything that happens to a document before anything is decided about a caller. */
function check({ text, limits }: DocumentAttack): string {
  const checked = checkDocument(text, schema, { ...defaultLimits, ...limits });
  if (checked instanceof Refusal) return checked.reason;
  const [operation] = checked.operations;
  if (operation === undefined) return 'no operation';
  const cost = checkCost(checked, operation, {});
  return cost instanceof Refusal ? cost.reason : `runs, cost ${cost.cost}`;
}

function cpuMsOf(work: () => void): number {
  const started = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1_000;
}

function measure(attack: DocumentAttack): void {
  const first = cpuMsOf(() => check(attack));
  const times = Array.from({ length: rounds }, () => cpuMsOf(() => check(attack)));
  const sorted = times.sort((a, b) => a - b);
  const median = sorted[Math.floor(rounds / 2)] ?? 0;
  const worst = sorted.at(-1) ?? 0;
  const columns = [first, median, worst].map((ms) => ms.toFixed(2).padStart(8)).join('');
  process.stdout.write(`${columns}  ${attack.name}: ${check(attack)}\n`);
}

function heapMb(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 1_048_576;
}

process.stdout.write('CPU in ms: first, median, worst\n');
for (const attack of [...documentAttacks, ...heaviestDocuments]) measure(attack);

process.stdout.write(`heap in MB before and after ${repeats} repeats\n`);
for (const attack of [...documentAttacks, ...heaviestDocuments]) {
  const before = heapMb();
  for (let round = 0; round < repeats; round += 1) check(attack);
  const after = heapMb();
  process.stdout.write(
    `${before.toFixed(1).padStart(8)}${after.toFixed(1).padStart(8)}  ${attack.name}\n`,
  );
}
