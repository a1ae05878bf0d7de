/** Opens the store of rates that the configuration names. */
import { createHash } from 'node:crypto';
import type { StoreConfig } from './config.ts';
import { createMemoryStore } from './rates/memory-store.ts';
import { createRedisStore } from './rates/redis-store.ts';
import type { RateStore } from './rates/store.ts';

export function openStore(config: StoreConfig, log: (line: string) => void): RateStore {
  const clock = (): number => performance.now();
  if (config.urls === 'memory') return createMemoryStore({ clock });
  const { urls, instances, onStoreDown } = config;
  const common = {
    urls,
    // Without a secret of its own, what every instance knows of the store keys the names.
    secret:
      config.secret ??
      createHash('sha256')
        .update(`names ${String(urls)}`)
        .digest('hex'),
    report: (state: unknown) => log(JSON.stringify({ kind: 'store', state })),
  };
  return onStoreDown === 'local' && instances !== undefined
    ? createRedisStore({ ...common, onStoreDown: 'local', instances, clock })
    : createRedisStore({ ...common, onStoreDown: 'refuse' });
}
