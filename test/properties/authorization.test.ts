/**
 * Generated policies, callers and operations through the whole gateway, judged by an oracle that
 * knows only the policy contract. `FUZZ_RUNS` sets the number of operations, `FUZZ_SEED` the
 * first policy; a failure names the policy's seed and prints operation and rules.
 */
import { expect, test } from 'vitest';
import { emptyTally, type Failure, runPolicy } from './run.ts';

const runs = Number(process.env.FUZZ_RUNS ?? 1_000);
/** The same for every change, so that the change is judged; others are tried with FUZZ_SEED. */
const firstSeed = Number(process.env.FUZZ_SEED ?? 561_337);
const operationsPerPolicy = 100;

function describeFailure({ seed, faults, spelling, caller, rules }: Failure): string {
  return [
    `policy seed ${seed} (FUZZ_SEED=${seed})`,
    ...faults.slice(0, 20),
    `caller ${JSON.stringify(caller)}`,
    `spelled ${spelling?.spelled}, variables ${JSON.stringify(spelling?.variables)}`,
    spelling?.query,
    ...rules.map((rule) => JSON.stringify(rule)),
  ].join('\n');
}

test(
  `${runs} generated operations, from seed ${firstSeed}`,
  async () => {
    process.stdout.write(`FUZZ_SEED=${firstSeed} FUZZ_RUNS=${runs}\n`);
    const tally = emptyTally();
    for (let seed = firstSeed; tally.operations < runs; seed += 1) {
      const count = Math.min(operationsPerPolicy, runs - tally.operations);
      const failure = await runPolicy(seed, count, tally);
      expect(failure && describeFailure(failure)).toBeUndefined();
    }
    process.stdout.write(`${JSON.stringify(tally)}\n`);
    // What never happens is not tested: every kind of answer must have been seen.
    const seen = [tally.rejected, tally.withRefusals, tally.withData, tally.masked];
    if (runs >= 1000) expect(seen.every((each) => each > 0)).toBe(true);
  },
  Math.max(60_000, runs * 60),
);
