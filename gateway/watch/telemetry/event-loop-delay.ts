/** The event loop's delay over the last seconds, which every request has to wait. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { GaugeReading } from './gauge-readings.ts';

export interface EventLoopDelay {
  readings(): GaugeReading[];
  close(): void;
}

const resolutionMs = 10;
/** Further readers within this time get the same readings: the histogram is nearly empty then. */
const windowMs = 10_000;

export function watchEventLoopDelay(now: () => number): EventLoopDelay {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  let resetAtMs = now();
  let last: GaugeReading[] | undefined;
  const read = () =>
    ([50, 99, 100] as const).map((percentile) =>
      toReading(percentile, histogram.percentile(percentile)),
    );
  return {
    readings() {
      const sinceMs = now() - resetAtMs;
      // A clock that was set back must not keep old readings.
      if (sinceMs >= 0 && sinceMs < windowMs) return last ?? read();
      last = read();
      resetAtMs = now();
      histogram.reset();
      return last;
    },
    close: () => histogram.disable(),
  };
}

/** The histogram measures whole intervals: the part beyond its resolution is delay. */
function toReading(percentile: 50 | 99 | 100, nanoseconds: number): GaugeReading {
  return {
    name: `nodejs.eventloop.delay.${percentile === 100 ? 'max' : `p${percentile}`}`,
    description: 'Delay of the event loop.',
    unit: 's',
    value: Math.max(0, nanoseconds / 1e9 - resolutionMs / 1e3),
  };
}
