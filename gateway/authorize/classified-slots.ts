/** Where the tally of a plan counts each coordinate that has a class: numbered as they are met. */
import type { ClassifiedCoordinate } from '../plan.ts';
import type { GrantedField } from './decide-field.ts';
import type { Policy } from './policy.ts';

export class ClassifiedSlots {
  private readonly policy: Policy;
  private readonly classified = new Map<string, ClassifiedCoordinate>();
  private readonly slots = new Map<string, number>();

  constructor(policy: Policy) {
    this.policy = policy;
  }

  /** Undefined where the coordinate has no class. */
  of(coordinate: string, verdict: GrantedField): number | undefined {
    const { classes = [] } = this.policy.fields.get(coordinate) ?? {};
    if (classes.length === 0) return undefined;
    if (!this.classified.has(coordinate)) {
      const mask = verdict.kind === 'mask' ? verdict.mask : undefined;
      this.slots.set(coordinate, this.classified.size);
      this.classified.set(coordinate, { coordinate, classes, rule: verdict.rule.name, mask });
    }
    return this.slots.get(coordinate);
  }

  /** By slot. */
  all(): ClassifiedCoordinate[] {
    return [...this.classified.values()];
  }
}
