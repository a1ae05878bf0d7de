/**
 * Two engines, one answer: generated policies, callers and operations against hostile upstreams,
 * through both engines. `FUZZ_RUNS` sets the number of operations, `FUZZ_SEED` the first policy;
 * a failure names its seed.
 */
import { expect, test } from 'vitest';
import { runEnginePolicy, type Seen } from './run-engines.ts';

const runs = Number(process.env.FUZZ_RUNS ?? 2_000);
/** The same for every change, so that the change is judged; others are tried with FUZZ_SEED. */
const firstSeed = Number(process.env.FUZZ_SEED ?? 276_543);
const operationsPerPolicy = 50;

test(
  `${runs} generated operations through both engines, from seed ${firstSeed}`,
  async () => {
    process.stdout.write(`FUZZ_SEED=${firstSeed} FUZZ_RUNS=${runs}\n`);
    const seen: Seen = {
      operations: 0,
      withData: 0,
      withFailures: 0,
      withRefusals: 0,
      withBudgets: 0,
      delivered: 0,
      withRows: 0,
      writesJudged: 0,
      writesGranted: 0,
      fallbacks: 0,
      regrouped: 0,
    };
    for (let seed = firstSeed; seen.operations < runs; seed += 1) {
      const count = Math.min(operationsPerPolicy, runs - seen.operations);
      expect(await runEnginePolicy(seed, count, seen)).toBeUndefined();
    }
    process.stdout.write(`${JSON.stringify(seen)}\n`);
    const { fallbacks, regrouped, ...wanted } = seen;
    if (runs >= 1000) expect(Object.values(wanted).every((each) => each > 0)).toBe(true);
    expect(fallbacks).toBe(0);
    expect(regrouped).toBeLessThanOrEqual(runs / 50);
  },
  Math.max(60_000, runs * 150),
);
