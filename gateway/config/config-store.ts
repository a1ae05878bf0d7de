/**
 * The part of gateway.yaml about where counts are kept. The behaviour when a shared store is
 * unavailable has no default: the operator decides whether to refuse or to count locally.
 */
import { z } from 'zod';
import { complain } from '../files/yaml-complaint.ts';
import { parseRedisAddress } from '../rates/redis-address.ts';

const forms =
  '`memory`, redis://…, rediss://…, sentinel://host:port,host:port/name, or a list of redis:// for a cluster';

const nodePattern = /^rediss?:\/\/\S+$/;
const addressPattern = /^(?:memory|(?:rediss?|sentinel):\/\/\S+)$/;

const url = z
  .string()
  .regex(nodePattern)
  .describe('the redis:// or rediss:// URL of a node of the cluster');

const address = z.string().regex(addressPattern).describe(forms);

export const storeKeys = {
  store: z
    .union([address, z.array(url).min(1).max(100)])
    .describe(forms)
    .superRefine((written, context) => {
      // Values of another form have been reported already.
      if (written === 'memory' || !hasForm(written)) return;
      try {
        parseRedisAddress(written);
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        complain(context, { code: 'wrong-format', message: error.message });
      }
    })
    .default('memory'),
  onStoreDown: z.enum(['refuse', 'local']).optional(),
  /** Gateways that share the store; with `local`, each keeps to its share. */
  instances: z.int().min(1).max(10_000).optional(),
  /** Keys the names of counts in the store; must be equal in all instances. */
  storeSecret: z.string().min(16).max(1_000).describe('text of 16 characters or more').optional(),
};

interface StoreForm {
  readonly store: string | readonly string[];
  readonly onStoreDown?: 'refuse' | 'local' | undefined;
  readonly instances?: number | undefined;
}

export function checkStore(value: StoreForm, context: { issues: z.core.$ZodRawIssue[] }): void {
  if (value.store === 'memory' || !hasForm(value.store)) return;
  if (value.onStoreDown === undefined) {
    const message = '"onStoreDown" is required with a shared store: `refuse` or `local`';
    complain(context, { code: 'missing-key', message, path: ['store'], part: 'key' });
  }
  if (value.onStoreDown === 'local' && value.instances === undefined) {
    const message = '"instances" is required with `onStoreDown: local`: how many share the limits';
    complain(context, { code: 'missing-key', message, path: ['onStoreDown'] });
  }
}

/** Accepts any value, because checks also run on values that failed validation. */
function hasForm(store: unknown): boolean {
  if (typeof store === 'string') return addressPattern.test(store);
  return (
    Array.isArray(store) && store.every((one) => typeof one === 'string' && nodePattern.test(one))
  );
}
