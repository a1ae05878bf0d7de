/**
 * What detections count, as a worker sees it: the owner counts for all, so that what is spread over
 * workers is no less. An answer that comes late is taken all the same: it may hold an alert that comes
 * once.
 */
import type { FiredAt, Observed } from '../detect/detection-counts.ts';
import type { OwnerAnswer, SeenOf } from './owner-calls.ts';
import type { OwnerClient } from './owner-client.ts';

/** How long a late answer is waited for. */
const lateMs = 10_000;

/** Resolves with the alerts; with undefined where nobody answered. */
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
  const places = new Map<string, number>();
  const rules: Observed['rule'][] = [];
  const seen = observed.map(({ rule, ...one }): SeenOf => {
    let of = places.get(rule.id);
    if (of === undefined) {
      of = rules.push(rule) - 1;
      places.set(rule.id, of);
    }
    return { ...one, of };
  });
  return { rules, seen };
}
