/** Numbers the classified coordinates of a plan, as slots in which the plan's tally counts them. */
import type { ClassifiedCoordinate } from '../plan/plan.ts';
import type { CertainField } from './operation/plan-value.ts';
import type { Policy } from './policy.ts';

export class ClassifiedSlots {
  readonly #policy: Policy;
  readonly #classified = new Map<string, ClassifiedCoordinate>();
  readonly #slots = new Map<string, number>();

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  /**
   * Undefined if the coordinate has no class. A coordinate that objects decide has a slot per
   * choice.
   */
  of(coordinate: string, verdict: CertainField): number | undefined {
    const { classes = [] } = this.#policy.fields.get(coordinate) ?? {};
    if (classes.length === 0) return undefined;
    const mask = verdict.kind === 'mask' ? verdict.mask : undefined;
    const rule = verdict.rule.name;
    const key = `${coordinate} ${mask} ${rule}`;
    if (!this.#classified.has(key)) {
      this.#slots.set(key, this.#classified.size);
      this.#classified.set(key, { coordinate, classes, rule, mask });
    }
    return this.#slots.get(key);
  }

  /** In the order of slots. */
  all(): ClassifiedCoordinate[] {
    return [...this.#classified.values()];
  }
}
