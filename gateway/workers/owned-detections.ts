/**
 * Detection counts for a worker: the owner counts for all workers, so that events spread over
 * workers are not missed. A late answer is still used, because it may contain an alert that is not
 * repeated.
 */
import type { FiredAt, Observed } from '../detect/detection-counts.ts';
import type { OwnerAnswer, SeenOf } from './owner-calls.ts';
import type { OwnerClient } from './owner-client.ts';

/** How much longer to wait for a late answer. */
const lateMs = 10_000;

/** Resolves with the alerts; with undefined if there was no answer. */
export function createOwnedDetections(
  client: OwnerClient,
): (observed: readonly Observed[]) => Promise<readonly FiredAt[] | undefined> {
  return async (observed) => {
    const { promise, resolve } = Promise.withResolvers<readonly FiredAt[] | undefined>();
    const take = (value: OwnerAnswer['value']): void => resolve(asFired(value));
    const value = await client.ask({ op: 'detect', ...toCall(observed) }, take);
    if (value !== undefined) return asFired(value);
    const timer = setTimeout(() => resolve(undefined), lateMs);
    timer.unref();
    const late = await promise;
    clearTimeout(timer);
    return late;
  };
}

const asFired = (value: OwnerAnswer['value']): readonly FiredAt[] | undefined =>
  Array.isArray(value) ? (value as readonly FiredAt[]) : undefined;

function toCall(observed: readonly Observed[]) {
  const indexes = new Map<string, number>();
  const rules: Observed['rule'][] = [];
  const seen = observed.map(({ rule, ...one }): SeenOf => {
    let of = indexes.get(rule.id);
    if (of === undefined) {
      of = rules.push(rule) - 1;
      indexes.set(rule.id, of);
    }
    return { ...one, of };
  });
  return { rules, seen };
}
