/** Metrics of several workers as one text that a scraper reads. */
import { expect, it } from 'vitest';
import { mergeMetrics } from '../../gateway/workers/merge-metrics.ts';

const textOf = (value: number): string => `# HELP http_seconds Time.
# TYPE http_seconds histogram
http_seconds_bucket{le="1",route="/a b{},}"} ${value}
http_seconds_count ${value}
# HELP shed_total Shed.
# TYPE shed_total counter
shed_total ${value}
`;

it('gives each sample its worker, and each family its head once', () => {
  const merged = mergeMetrics([
    { worker: '1', text: textOf(3) },
    { worker: '3', text: textOf(4) },
  ]);
  expect(merged).toBe(`# HELP http_seconds Time.
# TYPE http_seconds histogram
http_seconds_bucket{worker="1",le="1",route="/a b{},}"} 3
http_seconds_count{worker="1"} 3
http_seconds_bucket{worker="3",le="1",route="/a b{},}"} 4
http_seconds_count{worker="3"} 4
# HELP shed_total Shed.
# TYPE shed_total counter
shed_total{worker="1"} 3
shed_total{worker="3"} 4
`);
});

it('keeps what only one worker has', () => {
  const merged = mergeMetrics([
    { worker: '1', text: '# TYPE a gauge\na{} 1\n' },
    { worker: '2', text: '# TYPE b gauge\nb 2\n' },
  ]);
  expect(merged).toBe('# TYPE a gauge\na{worker="1"} 1\n# TYPE b gauge\nb{worker="2"} 2\n');
});
