/**
 * The benchmark: this gateway, the floor and other gateways in one interleaved run over six
 * workloads. Prints a table and writes it to RESULTS.md beside this file.
 * `node test/bench/compare.ts [--rounds 7] [--quick] [--only NAME]... [--workloads W1,W2]`;
 * Linux, CPU time is read from /proc. With any of the last three nothing is written.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { checkAnswers, checkRefusal } from './compare/check-answers.ts';
import type { Contender, Missing } from './compare/contender.ts';
import { findFieldgates } from './compare/fieldgate.ts';
import { floor } from './compare/floor.ts';
import { describeMachine } from './compare/machine.ts';
import { type Entrant, type Measurement, measure, startLoadGenerator } from './compare/measure.ts';
import { findPeers } from './compare/peers.ts';
import { report } from './compare/report.ts';
import { openSite, type Site } from './compare/site.ts';
import { workloads as allWorkloads } from './compare/workloads.ts';

const say = (line: string): boolean => process.stderr.write(`${line}\n`);

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    workloads: { type: 'string', default: '' },
  },
});

function toMeasurement(): Measurement {
  const rounds = Number(options.rounds);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 100) {
    throw new TypeError('--rounds takes a whole number from 1 to 100');
  }
  if (options.quick)
    return { rounds: 1, loadMs: 400, warmUp: { forMs: 300, requestsMax: 1_000 }, askers: 8 };
  return { rounds, loadMs: 1_000, warmUp: { forMs: 8_000, requestsMax: 30_000 }, askers: 8 };
}

function chosen<Item extends { readonly name: string }>(
  items: readonly Item[],
  names: readonly string[],
): Item[] {
  const unknown = names.find((name) => !items.some((item) => item.name === name));
  if (unknown !== undefined) {
    const known = items.map(({ name }) => name).join(', ');
    throw new TypeError(`there is no "${unknown}"; there are ${known}`);
  }
  return items.filter(({ name }) => names.length === 0 || names.includes(name));
}

async function findAll(site: Site): Promise<{ contenders: Contender[]; missing: Missing[] }> {
  const own = await findFieldgates(site);
  const peers = findPeers(site);
  return {
    contenders: [...floor, ...own.contenders, ...peers.contenders],
    missing: [...own.missing, ...peers.missing],
  };
}

const measurement = toMeasurement();
const workloads = chosen(
  allWorkloads,
  options.workloads.split(',').filter((name) => name !== ''),
);
await using stack = new AsyncDisposableStack();
for (const signal of ['SIGINT', 'SIGTERM']) {
  // Else the gateways would outlive it.
  process.once(signal, () => void stack.disposeAsync().finally(() => process.exit(1)));
}
const site = stack.use(await openSite());
const { contenders, missing } = await findAll(site);
for (const { name, reason } of missing) say(`not measured: ${name}: ${reason}`);

const entrants: Entrant[] = [];
for (const contender of chosen(contenders, options.only)) {
  say(`starting ${contender.name}`);
  const started = stack.use(await contender.start(site));
  for (const fault of started.firstFaults) say(`  at first: ${fault}`);
  entrants.push({ contender, started });
}

async function checkAll(when: string): Promise<void> {
  for (const { contender, started } of entrants) {
    await checkAnswers(contender, started, { site, workloads });
    await checkRefusal(contender, started, site);
  }
  say(`answers as expected ${when} the load`);
}

await checkAll('before');
const generator = stack.use(startLoadGenerator());
const figures = await measure(entrants, { site, workloads, generator, measurement, progress: say });
const rssMb = new Map(entrants.map(({ contender, started }) => [contender.name, started.rssMb()]));
await checkAll('after');

const text = report({
  entrants,
  missing,
  workloads,
  measurement,
  figures,
  rssMb,
  machine: await describeMachine(),
});
process.stdout.write(text);
const isWhole = !options.quick && options.only.length === 0 && options.workloads === '';
if (isWhole) await writeFile(new URL('RESULTS.md', import.meta.url), text);
