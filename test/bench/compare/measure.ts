/**
 * The measurement: rounds over all workloads and contenders, one load at a time, the order of
 * contenders turned by one with each round so that nobody always comes after the same neighbour.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { end } from '../child-process.ts';
import type { Contender } from './contender.ts';
import type { LoadOrder, LoadResult } from './load-generator.ts';
import type { Site } from './site.ts';
import type { Started } from './start-process.ts';
import type { Workload } from './workload.ts';

/** What one load showed. */
export interface Figure {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU seconds of the gateway's process for 1,000 requests. */
  readonly cpu: number;
  readonly failed: number;
  readonly example: string;
}

export interface Entrant {
  readonly contender: Contender;
  readonly started: Started;
}

export interface Measurement {
  readonly rounds: number;
  readonly loadMs: number;
  /** Until either is reached, for each contender and workload. */
  readonly warmUp: Extent;
  readonly askers: number;
}

export type Extent = Pick<LoadOrder, 'forMs' | 'requestsMax'>;

/** By contender and workload, one figure a round: `figures.get(contender).get(workload)[round]`. */
export type Figures = Map<string, Map<string, Figure[]>>;

export interface LoadGenerator extends AsyncDisposable {
  load(order: LoadOrder): Promise<LoadResult>;
}

const loadScript = fileURLToPath(new URL('load-generator.ts', import.meta.url));

export function startLoadGenerator(): LoadGenerator {
  const child = fork(loadScript, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  return {
    async load(order) {
      child.send(order);
      const lateMs = order.forMs + 60_000;
      const [result] = (await once(child, 'message', { signal: AbortSignal.timeout(lateMs) })) as [
        LoadResult | { readonly fault: string },
      ];
      if ('fault' in result) throw new Error(`${order.url} ${order.workload}: ${result.fault}`);
      return result;
    },
    [Symbol.asyncDispose]: () => end(child),
  };
}

interface Setting {
  readonly site: Site;
  readonly workloads: readonly Workload[];
  readonly generator: LoadGenerator;
  readonly measurement: Measurement;
  readonly progress: (line: string) => void;
}

/** Throws where a load breaks down, or answers are missing altogether. */
export async function measure(entrants: readonly Entrant[], setting: Setting): Promise<Figures> {
  const { workloads, measurement, progress } = setting;
  const figures: Figures = new Map(
    entrants.map(({ contender }) => [
      contender.name,
      new Map(workloads.map(({ name }) => [name, []])),
    ]),
  );
  let from = 0;
  const loadOne = async (entrant: Entrant, workload: Workload, extent: Extent): Promise<Figure> => {
    // No two loads ask for the same in the same order.
    from += 1_000_003;
    return loadFigure(entrant, { ...setting, workload, extent, from });
  };
  for (const workload of workloads) {
    for (const entrant of entrants) await loadOne(entrant, workload, measurement.warmUp);
  }
  for (let round = 0; round < measurement.rounds; round += 1) {
    for (const workload of workloads) {
      for (const entrant of turned(entrants, round)) {
        const figure = await loadOne(entrant, workload, { forMs: measurement.loadMs });
        figures.get(entrant.contender.name)?.get(workload.name)?.push(figure);
      }
    }
    progress(`round ${round + 1} of ${measurement.rounds}`);
  }
  return figures;
}

const turned = <Item>(items: readonly Item[], by: number): Item[] => {
  const start = by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
};

interface OneLoad extends Setting {
  readonly workload: Workload;
  readonly extent: Extent;
  readonly from: number;
}

async function loadFigure({ contender, started }: Entrant, one: OneLoad): Promise<Figure> {
  const { workload, site, generator, measurement, extent, from } = one;
  const beforeMs = started.cpuMs();
  const result = await generator.load({
    url: started.url(workload.name),
    workload: workload.name,
    ...(contender.dialect !== undefined && { dialect: contender.dialect }),
    tokens: contender.isSecured ? site.tokens : [],
    askers: measurement.askers,
    ...extent,
    from,
  });
  const cpuMs = started.cpuMs() - beforeMs;
  const { answered, failed, example, tookMs, p50Ms, p99Ms } = result;
  if (answered === 0) throw new Error(`${contender.name}, ${workload.name}: no answer; ${example}`);
  return {
    perSecond: (answered / tookMs) * 1_000,
    p50Ms,
    p99Ms,
    cpu: cpuMs / (answered + failed),
    failed,
    example,
  };
}
