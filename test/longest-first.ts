/**
 * Order of test files: those that take longest begin first, so that no core waits for the last of
 * them at the end.
 */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Minutes and half minutes: thousands of operations, and whole gateways of several processes. */
const long = [
  'properties/authorization',
  'e2e/workers',
  'properties/engines',
  'e2e/workers-shared',
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = long.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
      return at < 0 ? long.length : at;
    };
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other));
  }
}
