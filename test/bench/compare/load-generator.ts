/**
 * The load, in a process of its own: a closed loop of askers on keep-alive connections for a given
 * time. Driven over IPC with one LoadOrder after another, each answered with one LoadResult.
 */
import { Pool } from 'undici';
import type { Dialect } from './workload.ts';
import { workloads } from './workloads.ts';

export interface LoadOrder {
  readonly url: string;
  readonly workload: string;
  /** Absent: the plain request that a proxy forwards. */
  readonly dialect?: Dialect;
  /** In turn; none: no credential. */
  readonly tokens: readonly string[];
  readonly askers: number;
  readonly forMs: number;
  /** Ends it before its time. */
  readonly requestsMax?: number;
  /** Where variables start, so that no two loads ask alike. */
  readonly from: number;
}

export interface LoadResult {
  readonly answered: number;
  /** Another status than 200, or not what an answer looks like; with one example. */
  readonly failed: number;
  readonly example: string;
  readonly tookMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const at = (sorted: Float64Array, share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;

function createRequests(order: LoadOrder) {
  const workload = workloads.find(({ name }) => name === order.workload);
  if (workload === undefined) throw new Error(`no workload ${order.workload}`);
  const { pathname } = new URL(order.url);
  return (count: number) => {
    const token = order.tokens[count % order.tokens.length];
    const headers: Record<string, string> = { 'content-type': 'application/json' };
    if (token !== undefined) headers.authorization = `Bearer ${token}`;
    if (order.dialect !== undefined) {
      const body = JSON.stringify(workload.ask(count, order.dialect));
      return { method: 'POST', path: pathname, headers, body } as const;
    }
    const { method, path, body } = workload.forward(count);
    return { method, path, headers, body: body === undefined ? null : JSON.stringify(body) };
  };
}

async function load(order: LoadOrder): Promise<LoadResult> {
  const requests = createRequests(order);
  const pool = new Pool(new URL(order.url).origin, { connections: order.askers, pipelining: 1 });
  const isGraphQL = order.dialect !== undefined;
  const mayHaveErrors = order.workload === 'W5';
  const times: number[] = [];
  let [sent, failed, example] = [order.from, 0, ''];
  const startMs = performance.now();
  const endMs = startMs + order.forMs;
  const last = order.from + (order.requestsMax ?? Number.POSITIVE_INFINITY);
  const one = async (): Promise<void> => {
    while (performance.now() < endMs && sent < last) {
      sent += 1;
      const askedMs = performance.now();
      const { statusCode, body } = await pool.request(requests(sent));
      const text = await body.text();
      times.push(performance.now() - askedMs);
      const isAnswer =
        !isGraphQL || (text.includes('"data":{') && (mayHaveErrors || !text.includes('"errors"')));
      if (statusCode === 200 && isAnswer) continue;
      failed += 1;
      example = `${statusCode} ${text.slice(0, 300)}`;
    }
  };
  await Promise.all(Array.from({ length: order.askers }, one));
  const tookMs = performance.now() - startMs;
  await pool.close();
  const sorted = Float64Array.from(times).sort();
  return {
    answered: times.length - failed,
    failed,
    example,
    tookMs,
    p50Ms: at(sorted, 0.5),
    p99Ms: at(sorted, 0.99),
  };
}

process.on('message', (order: LoadOrder) => {
  load(order).then(
    (result) => process.send?.(result),
    (fault: unknown) => {
      process.send?.({ fault: String(fault) });
    },
  );
});
