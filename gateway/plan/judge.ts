/**
 * Decides, for one request, the conditions that depend on objects: engines ask it at each object
 * while they shape an answer. Conditions that do not depend on the object are decided once. Fails
 * closed: a condition that cannot be evaluated does not hold.
 */
import type { Condition } from '../conditions/condition.ts';
import type { Situation } from '../conditions/situation.ts';
import { type Residual, specialise, type Use } from '../conditions/use.ts';
import { describeFault } from '../errors.ts';
import { type Caller, noteFault, type RequestRecord } from '../request.ts';
import type { Admission, FieldGuard, ObjectGuard, ProjectedValue } from './plan.ts';
import { wholeArguments } from './whole-arguments.ts';
import { type ResponsePath, WithheldPaths } from './withheld-paths.ts';

export interface JudgeInput {
  /** The conditions of the plan's policy; guards refer to them by number. */
  readonly conditions: readonly Condition[];
  readonly caller: Caller;
  readonly situation: Situation;
  /** Coerced. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** Gets what throws: that it is kept back looks like a rule's doing. */
  readonly record?: Pick<RequestRecord, 'faults'>;
}

type Raw = Readonly<Record<string, unknown>>;

export class Judge {
  /** Coordinates of withheld values, for the record. */
  readonly keptBack = new Set<string>();
  /** Places of withheld values, so that failures there are not reported; noted by the engines. */
  readonly places = new WithheldPaths();
  readonly #input: JudgeInput;
  readonly #residuals = new Map<number, Residual>();
  readonly #args = new Map<FieldGuard, Use['args']>();
  /** Decisions made before writes; the result of a write without one is withheld. */
  readonly #written = new Map<FieldGuard, ProjectedValue>();

  constructor(input: JudgeInput) {
    this.#input = input;
  }

  get caller(): Caller {
    return this.#input.caller;
  }

  /**
   * The form in which the field may leave; undefined for none. Of a write, as decided before it.
   */
  choose(
    guard: FieldGuard,
    coordinate: string,
    object: Raw,
    parent: Raw | undefined,
  ): ProjectedValue | undefined {
    const chosen =
      guard.before === undefined
        ? this.#chosenFor(guard, this.#toUse(guard.keys, object, parent, this.argumentsOf(guard)))
        : this.#written.get(guard);
    if (chosen === undefined) this.keptBack.add(coordinate);
    return chosen;
  }

  /** Decides whether a write may happen, by what was read before it. */
  settleWrite(guard: FieldGuard, before: NonNullable<Use['before']>): boolean {
    const chosen = this.#chosenFor(guard, { args: this.argumentsOf(guard), before });
    if (chosen !== undefined) this.#written.set(guard, chosen);
    return chosen !== undefined;
  }

  /**
   * Notes a refused write at once: if another failure nulls the whole answer, no projection runs
   * that would note it.
   */
  refuseWrite({ choices: [first] }: FieldGuard, place: ResponsePath): void {
    if (first !== undefined) this.keptBack.add(first.value.coordinate);
    this.places.add(place);
  }

  #chosenFor(guard: FieldGuard, use: Use): ProjectedValue | undefined {
    if (!guard.requires.every((condition) => this.#holds(condition, use))) return undefined;
    const choice = guard.choices.find(
      ({ condition }) => condition === undefined || this.#holds(condition, use),
    );
    return choice?.value;
  }

  /** Whether an object may leave, and if not, whether it is removed from its list or denied. */
  admit(guard: ObjectGuard, coordinate: string, object: Raw, parent: Raw | undefined): Admission {
    const use = this.#toUse(guard.keys, object, parent, undefined);
    const failed = guard.requires.find(({ condition }) => !this.#holds(condition, use));
    if (failed === undefined) return 'admit';
    this.keptBack.add(coordinate);
    return failed.drops ? 'drop' : 'deny';
  }

  #holds(condition: number, use: Use): boolean {
    try {
      const residual = this.#residualOf(condition);
      return typeof residual === 'boolean' ? residual : residual(use);
    } catch (error) {
      if (this.#input.record !== undefined) noteFault(this.#input.record, describeFault(error));
      return false;
    }
  }

  #residualOf(number: number): Residual {
    const known = this.#residuals.get(number);
    if (known !== undefined) return known;
    const { conditions, caller, situation } = this.#input;
    const condition = conditions[number];
    const residual = condition !== undefined && specialise(condition, { caller, situation });
    this.#residuals.set(number, residual);
    return residual;
  }

  #toUse(keys: FieldGuard['keys'], object: Raw, parent: Raw | undefined, args: Use['args']): Use {
    return {
      args,
      object: { source: object, prefix: keys.object },
      parent: parent && { source: parent, prefix: keys.parent },
    };
  }

  /** The field's arguments, coerced and with defaults; the same for every object. */
  argumentsOf(guard: FieldGuard): Use['args'] {
    const { definition, node } = guard;
    if (definition === undefined) return undefined;
    const known = this.#args.get(guard);
    if (known !== undefined) return known;
    const args = wholeArguments(definition, node, this.#input.variables);
    this.#args.set(guard, args);
    return args;
  }
}
