/** What the project wants to be, as ratios of CPU per request; the report says which are met. */
import type { Figures } from './measure.ts';
import { cpuRatio } from './statistics.ts';

export interface Target {
  readonly workloads: readonly string[];
  readonly one: string;
  readonly other: string;
  /** The most that `one` may use of what `other` uses. */
  readonly atMost: number;
  readonly text: string;
}

const all = ['W1', 'W2', 'W3', 'W4', 'W5', 'W6'];
const secured = 'Hive Gateway, secured';
const proxy = 'reverse proxy';

const belowHive = (times: number, workloads: readonly string[], other: string): Target => ({
  workloads,
  one: 'fieldgate',
  other,
  atMost: 1 / times,
  text: `at least ${times} × below ${other}`,
});

const aboveProxy = (times: number, workloads: readonly string[], one = 'fieldgate'): Target => ({
  workloads,
  one,
  other: proxy,
  atMost: times,
  text: `${one}: at most ${times} × the ${proxy}`,
});

const targets: readonly Target[] = [
  belowHive(12, ['W1'], secured),
  belowHive(8, ['W2', 'W3', 'W6'], secured),
  belowHive(4, all, 'Hive Gateway'),
  aboveProxy(2, ['W1']),
  aboveProxy(4.5, ['W2', 'W3']),
  {
    workloads: all,
    one: 'fieldgate',
    other: 'fieldgate, all off',
    atMost: 1.8,
    text: 'at most 1.8 × itself with everything off',
  },
  aboveProxy(3, ['W1'], 'fieldgate + audit'),
];

export interface Verdict {
  readonly workload: string;
  readonly text: string;
  /** As the text counts it: times below, or times above. */
  readonly measured: number;
  readonly isMet: boolean;
}

/** Of the targets whose contenders were both measured. */
export function judge(figures: Figures): Verdict[] {
  return targets.flatMap(({ workloads, one, other, atMost, text }) =>
    workloads.flatMap((workload) => {
      const ratio = cpuRatio(figures, workload, [one, other]);
      if (Number.isNaN(ratio)) return [];
      const measured = atMost < 1 ? 1 / ratio : ratio;
      return [{ workload, text, measured, isMet: ratio <= atMost }];
    }),
  );
}
