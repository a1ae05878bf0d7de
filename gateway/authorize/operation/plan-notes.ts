/**
 * Collects, for the record, what was decided about each coordinate that a plan met, and by which
 * rule.
 */
import type { Denial } from '../../decision.ts';
import type { AuthorizedOperation, FieldGuard } from '../../plan/plan.ts';
import { type FieldVerdict, toDenial, withoutObjects } from '../decide-field.ts';
import type { Clause, Policy } from '../policy.ts';

type Refused = FieldVerdict & { kind: 'refuse' };
type Granted = Exclude<FieldVerdict, Refused>;

export class PlanNotes {
  readonly #policy: Policy;
  readonly #denied = new Set<string>();
  readonly #masked = new Set<string>();
  readonly #allowed = new Set<string>();
  readonly #depends = new Set<string>();
  readonly #denials = new Map<string, Denial>();
  /** Denials of what objects decide, used if they refuse it. */
  readonly #rowDenials = new Map<string, Denial>();
  /** Root fields of a mutation that an object decides. */
  readonly #writes = new Map<string, FieldGuard>();

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  refused({ coordinate, denial }: Refused): void {
    this.#denied.add(coordinate);
    this.#denials.set(coordinate, denial);
  }

  granted(coordinate: string, verdict: Granted): void {
    if (verdict.kind === 'mask') this.#masked.add(coordinate);
    else if (verdict.kind === 'allow') this.#allowed.add(coordinate);
    else this.#rowDenials.set(coordinate, this.#rowDenial(coordinate, verdict));
    if (verdict.kind === 'depends' || verdict.byArguments) this.#depends.add(coordinate);
    for (const input of verdict.inputsByArguments ?? []) this.#depends.add(input);
  }

  /** An object at which the field is refused has already met what `types` require of it. */
  #rowDenial(coordinate: string, verdict: Granted & { kind: 'depends' }): Denial {
    const own = withoutObjects(verdict);
    const denial = toDenial(this.#policy, coordinate, own.kind === 'depends' ? own : verdict);
    return verdict.stepUp === undefined ? denial : { ...denial, stepUp: true };
  }

  /**
   * Notes a field whose objects must meet a clause; a denial of the field itself says more and is
   * kept.
   */
  objectsOf(coordinate: string, clause: Clause | undefined): void {
    const known = this.#rowDenials.get(coordinate);
    if (known !== undefined) {
      // No sign-in helps if the object itself is withheld.
      const { stepUp: _, ...denial } = known;
      this.#rowDenials.set(coordinate, denial);
      return;
    }
    const missing = clause === undefined ? [] : [clause];
    const refused = { kind: 'refuse', outcome: 'deny', missing, forbid: undefined } as const;
    this.#rowDenials.set(coordinate, toDenial(this.#policy, coordinate, refused));
  }

  write(rawKey: string, guard: FieldGuard): void {
    this.#writes.set(rawKey, guard);
  }

  denialOf(coordinate: string): Denial | undefined {
    return this.#denials.get(coordinate);
  }

  all(): Pick<
    AuthorizedOperation,
    'denied' | 'masked' | 'allowed' | 'depends' | 'rowDenials' | 'denials' | 'writes'
  > {
    return {
      denied: [...this.#denied],
      masked: [...this.#masked],
      allowed: [...this.#allowed],
      depends: [...this.#depends],
      rowDenials: this.#rowDenials,
      denials: [...this.#denials.values()],
      ...(this.#writes.size > 0 && { writes: this.#writes }),
    };
  }
}
