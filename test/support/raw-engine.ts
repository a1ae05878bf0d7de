/** The reference engine with its result as it is executed, before it is put into the caller's shape. */

import type { DelegationContext } from '../../gateway/delegate/upstream.ts';
import { createReferenceEngine } from '../../gateway/engine/reference.ts';
import type { EngineError } from '../../gateway/engine.ts';
import { createDelivery } from '../../gateway/plan/delivery.ts';
import type { AuthorizedOperation } from '../../gateway/plan/plan.ts';

export interface RawEngine {
  execute(
    operation: AuthorizedOperation,
    variables: Readonly<Record<string, unknown>>,
    context: DelegationContext,
  ): Promise<{ data: unknown; errors: readonly EngineError[] }>;
}

export function createRawEngine(
  options: Omit<Parameters<typeof createReferenceEngine>[0], 'project'>,
): RawEngine {
  const engine = createReferenceEngine({
    ...options,
    project: (_selection, raw) => ({
      data: raw as Record<string, unknown> | null,
      errors: [],
      masked: [],
    }),
  });
  return {
    async execute(operation, variables, context) {
      const { projected, errors } = await engine.execute(
        operation,
        variables,
        context,
        createDelivery(),
      );
      return { data: projected.data, errors };
    },
  };
}
