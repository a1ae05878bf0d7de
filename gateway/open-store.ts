/** Opens the rate store of the configuration. */
import { createHash } from 'node:crypto';
import type { StoreConfig } from './config.ts';
import { createMemoryStore } from './rates/memory-store.ts';
import type { StoreState } from './rates/redis-gate.ts';
import { createRedisStore } from './rates/redis-store.ts';
import type { RateStore } from './rates/store.ts';

/** How this process counts together with the other workers of its instance. */
export interface AmongWorkers {
  /** The store behind `store: memory`. */
  readonly store: RateStore;
  /** Processes that form one instance of the gateway. */
  readonly slots: number;
}

export function openStore(
  config: StoreConfig,
  log: (line: string) => void,
  among?: AmongWorkers,
): RateStore {
  const clock = (): number => performance.now();
  if (config.urls === 'memory') return among?.store ?? createMemoryStore({ clock });
  const { urls, onStoreDown } = config;
  const instances = config.instances && config.instances * (among?.slots ?? 1);
  const common = {
    urls,
    // Without a configured secret, the key is derived from what every instance knows: the store's
    // URLs.
    secret:
      config.secret ??
      createHash('sha256')
        .update(`names ${String(urls)}`)
        .digest('hex'),
    report: (state: StoreState) =>
      log(JSON.stringify({ kind: 'store', level: state.up ? 'info' : 'error', state })),
  };
  return onStoreDown === 'local' && instances !== undefined
    ? createRedisStore({ ...common, onStoreDown: 'local', instances, clock })
    : createRedisStore({ ...common, onStoreDown: 'refuse' });
}
