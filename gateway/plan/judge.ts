/**
 * Decides, for one request, what hangs on objects: engines ask it at each object while they shape
 * an answer. What does not hang on the object is decided once. Fails closed: what cannot be
 * evaluated is kept back.
 */
import type { Condition } from '../conditions/condition.ts';
import type { Situation } from '../conditions/situation.ts';
import { type Residual, specialise, type Use } from '../conditions/use.ts';
import type { Caller } from '../request.ts';
import type { Admission, FieldGuard, ObjectGuard, ProjectedValue } from './plan.ts';
import { wholeArguments } from './whole-arguments.ts';
import { type ResponsePath, WithheldPaths } from './withheld-paths.ts';

export interface JudgeInput {
  /** Of the policy that made the plan; guards name them by number. */
  readonly conditions: readonly Condition[];
  readonly caller: Caller;
  readonly situation: Situation;
  /** Coerced. */
  readonly variables: Readonly<Record<string, unknown>>;
}

type Raw = Readonly<Record<string, unknown>>;

export class Judge {
  /** Coordinates of which something was kept back, for the record. */
  readonly keptBack = new Set<string>();
  /**
   * Where something was kept back, so that no failure there is told; noted by whoever asks the
   * judge.
   */
  readonly places = new WithheldPaths();
  private readonly input: JudgeInput;
  private readonly residuals = new Map<number, Residual>();
  private readonly args = new Map<FieldGuard, Use['args']>();
  /** What was decided before writes; of one that is not in it nothing may leave. */
  private readonly written = new Map<FieldGuard, ProjectedValue>();

  constructor(input: JudgeInput) {
    this.input = input;
  }

  get caller(): Caller {
    return this.input.caller;
  }

  /** What of the field may leave; undefined: nothing. Of a write: as it was decided before it. */
  choose(
    guard: FieldGuard,
    coordinate: string,
    object: Raw,
    parent: Raw | undefined,
  ): ProjectedValue | undefined {
    const chosen =
      guard.before === undefined
        ? this.chosenFor(guard, this.toUse(guard.keys, object, parent, this.argumentsOf(guard)))
        : this.written.get(guard);
    if (chosen === undefined) this.keptBack.add(coordinate);
    return chosen;
  }

  /** Whether a write may be done, by what was read before it. */
  settleWrite(guard: FieldGuard, before: NonNullable<Use['before']>): boolean {
    const chosen = this.chosenFor(guard, { args: this.argumentsOf(guard), before });
    if (chosen !== undefined) this.written.set(guard, chosen);
    return chosen !== undefined;
  }

  /**
   * Notes a refused write at once: a failure beside it may take the whole answer away, and no
   * projection would note it.
   */
  refuseWrite({ choices: [first] }: FieldGuard, place: ResponsePath): void {
    if (first !== undefined) this.keptBack.add(first.value.coordinate);
    this.places.add(place);
  }

  private chosenFor(guard: FieldGuard, use: Use): ProjectedValue | undefined {
    if (!guard.requires.every((condition) => this.holds(condition, use))) return undefined;
    const choice = guard.choices.find(
      ({ condition }) => condition === undefined || this.holds(condition, use),
    );
    return choice?.value;
  }

  /** Whether an object may leave at all, and else whether it leaves its list. */
  admit(guard: ObjectGuard, coordinate: string, object: Raw, parent: Raw | undefined): Admission {
    const use = this.toUse(guard.keys, object, parent, undefined);
    const failed = guard.requires.find(({ condition }) => !this.holds(condition, use));
    if (failed === undefined) return 'admit';
    this.keptBack.add(coordinate);
    return failed.drops ? 'drop' : 'deny';
  }

  private holds(condition: number, use: Use): boolean {
    try {
      const residual = this.residualOf(condition);
      return typeof residual === 'boolean' ? residual : residual(use);
    } catch {
      return false;
    }
  }

  private residualOf(number: number): Residual {
    const known = this.residuals.get(number);
    if (known !== undefined) return known;
    const { conditions, caller, situation } = this.input;
    const condition = conditions[number];
    const residual = condition !== undefined && specialise(condition, { caller, situation });
    this.residuals.set(number, residual);
    return residual;
  }

  private toUse(
    keys: FieldGuard['keys'],
    object: Raw,
    parent: Raw | undefined,
    args: Use['args'],
  ): Use {
    return {
      args,
      object: { source: object, prefix: keys.object },
      parent: parent && { source: parent, prefix: keys.parent },
    };
  }

  /** The same for every object; coerced, defaults applied. */
  argumentsOf(guard: FieldGuard): Use['args'] {
    const { definition, node } = guard;
    if (definition === undefined) return undefined;
    const known = this.args.get(guard);
    if (known !== undefined) return known;
    const args = wholeArguments(definition, node, this.input.variables);
    this.args.set(guard, args);
    return args;
  }
}
