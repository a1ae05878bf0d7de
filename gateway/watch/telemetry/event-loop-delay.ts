/** The event loop's delay over the last seconds, which every request has to wait. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { GaugeReading } from './gauge-readings.ts';

export interface EventLoopDelay {
  readings(): GaugeReading[];
  close(): void;
}

const resolutionMs = 10;
/** Readers within this time see the same histogram, so that none resets it for another. */
const windowMs = 10_000;

export function watchEventLoopDelay(now: () => number): EventLoopDelay {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  let lastReset = now();
  return {
    readings() {
      const found = ([50, 99, 100] as const).map((percentile) =>
        toReading(percentile, histogram.percentile(percentile)),
      );
      if (now() - lastReset >= windowMs) {
        lastReset = now();
        histogram.reset();
      }
      return found;
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
