/** Opens the store of rates that the configuration names. */
import { createHash } from 'node:crypto';
import type { StoreConfig } from './config.ts';
import { createMemoryStore } from './rates/memory-store.ts';
import type { StoreState } from './rates/redis-gate.ts';
import { createRedisStore } from './rates/redis-store.ts';
import type { RateStore } from './rates/store.ts';

/** How this process stands among those that it counts together with. */
export interface AmongWorkers {
  /** Where `store: memory` keeps its counts. */
  readonly store: RateStore;
  /** Processes that stand for one instance of the gateway. */
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
    // Without a secret of its own, what every instance knows of the store keys the names.
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
