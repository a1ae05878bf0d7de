/**
 * The part of gateway.yaml about where counts are kept. What happens when a shared store does not
 * answer has no default: whoever uses one decides whether to refuse or to count alone.
 */
import { z } from 'zod';
import { complain } from './yaml-complaint.ts';

const address = z
  .string()
  .regex(/^(?:memory|(?:rediss?|sentinel):\/\/\S+)$/)
  .describe('`memory`, redis://…, rediss://…, sentinel://…, or a list of redis:// for a cluster');

export const storeKeys = {
  store: z
    .union([
      address,
      z
        .array(z.string().regex(/^rediss?:\/\/\S+$/))
        .min(1)
        .max(100),
    ])
    .describe('`memory`, redis://…, rediss://…, sentinel://…, or a list of redis:// for a cluster')
    .default('memory'),
  onStoreDown: z.enum(['refuse', 'local']).optional(),
  /** Gateways that share the store; with `local` each keeps to its share. */
  instances: z.int().min(1).max(10_000).optional(),
  /** Keys the names of counts in the store; equal in all instances. */
  storeSecret: z.string().min(16).max(1_000).describe('text of 16 characters or more').optional(),
};

interface StoreForm {
  readonly store: string | readonly string[];
  readonly onStoreDown?: 'refuse' | 'local' | undefined;
  readonly instances?: number | undefined;
}

export function checkStore(value: StoreForm, context: { issues: z.core.$ZodRawIssue[] }): void {
  if (value.store === 'memory') return;
  if (value.onStoreDown === undefined) {
    const message = '"onStoreDown" is required with a shared store: `refuse` or `local`';
    complain(context, { code: 'missing-key', message, path: ['store'], part: 'key' });
  }
  if (value.onStoreDown === 'local' && value.instances === undefined) {
    const message = '"instances" is required with `onStoreDown: local`: how many share the limits';
    complain(context, { code: 'missing-key', message, path: ['onStoreDown'] });
  }
}
