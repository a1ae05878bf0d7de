/**
 * The compiled form of the access policies: who may have each coordinate of one schema.
 *
 * Made once per schema and policy (compile-policy.ts), frozen, and shared by all requests.
 * Conditions are numbered and a caller's answers form a bit set (grants.ts), so a decision is a few
 * bit tests and depends on nothing else.
 */

import type { Condition } from '../conditions/condition.ts';
import type { StepUpsOf } from '../conditions/step-up.ts';
import type { MaskName } from '../plan/plan.ts';
import type { AccessRule } from './access/access-file.ts';
import type { InputPin } from './compile-input-pins.ts';
import type { Pin } from './compile-pins.ts';
import type { CompiledRead } from './compile-reads.ts';

/** A condition that one rule puts on a coordinate. */
export interface Clause {
  /** Index into `Policy.conditions`. */
  readonly condition: number;
  readonly rule: AccessRule;
  /**
   * Its part about objects applies to all objects of the rule's `types`, wherever they are
   * delivered.
   */
  readonly ofObjects?: true;
  /** A requirement of `types`, checked on the object that is read before a write. */
  readonly ofRead?: true;
}

export interface MaskClause extends Clause {
  readonly mask: MaskName;
}

export interface CoordinatePolicy {
  readonly coordinate: string;
  /** Labels of all matching rules, sorted. */
  readonly classes: readonly string[];
  /** Any one grants. */
  readonly grants: readonly Clause[];
  /** All must hold. */
  readonly requires: readonly Clause[];
  readonly forbid: AccessRule | undefined;
  /** In order; if no grant applies, the first mask whose condition holds does. */
  readonly masks: readonly MaskClause[];
  readonly outcome: 'deny' | 'hide' | 'reject';
  /** Whether it is in the public schema; an unlisted coordinate exists for no caller. */
  readonly listed: boolean;
  /** Whether every admitted caller has it unmasked. */
  readonly guaranteed: boolean;
  /** Granted by wildcards or types alone: structured scalars stay closed. */
  readonly broadOnly: boolean;
  /**
   * Derived from the grants of what a filter means; conditions on arguments or objects do not open
   * it.
   */
  readonly isImplied?: true;
}

/**
 * A filter and the guarded fields that it means: those with a class or hidden from some callers.
 */
export interface FilterMatch {
  /** `Query.employees(ssn:)`, `EmployeeFilter.ssn` or `EmployeeSort.SALARY`. */
  readonly coordinate: string;
  /** Coordinates, sorted. */
  readonly means: readonly string[];
  /** The first evidence found. */
  readonly by: 'name' | 'type' | 'description' | 'default';
}

/** A filter that needs the unmasked grants of all that it means, unless a rule names it. */
export interface ImpliedLock extends FilterMatch {
  /** The rule that names the filter itself and decides in place of the grants. */
  readonly named: AccessRule | undefined;
}

/** A condition that an object of a type must meet to be delivered at all. */
export interface ObjectClause extends Clause {
  /** Whether a refused object is left out of its list. */
  readonly drops: boolean;
}

/** The fields and inputs that a condition decided per use looks at. */
export interface PerUse {
  readonly asksForArguments: boolean;
  /** Step-ups that would meet it, by arguments; absent unless it asks for both. */
  readonly stepUps?: StepUpsOf;
  /** Fields of the object, and of its parent. */
  readonly object: readonly string[];
  readonly parent: readonly string[];
  /** Fields of what is read before a write, by the text of the read; absent if there are none. */
  readonly before?: ReadonlyMap<string, readonly string[]>;
}

/**
 * An argument or input field whose default selects a guarded field; governed when it is left out.
 */
export interface LockedDefault {
  /** Name of the argument or input field. */
  readonly name: string;
  /** The guarded fields that the default selects, as coordinates, sorted. */
  readonly means: readonly string[];
  /** The policy that applies to leaving it out. */
  readonly policy: CoordinatePolicy;
  /** The field it means is hidden from callers without the grant, so no refusal offers a step-up. */
  readonly isHidden: boolean;
  /**
   * The service applies the default: null and an empty list are not sent, so they select it too.
   */
  readonly isOfService: boolean;
}

export interface Policy {
  readonly conditions: readonly Condition[];
  /** The first `inForce` conditions belong to rules in force; the rest to rules in shadow mode. */
  readonly inForce: number;
  /** Those of `conditions` that look at arguments or objects, by number. */
  readonly perUse: ReadonlyMap<number, PerUse>;
  /** Requirements of rules with `types`, by object type. */
  readonly objects: ReadonlyMap<string, readonly ObjectClause[]>;
  /**
   * Fields that can return a withheld object; `drop` if all such objects are left out of their
   * lists.
   */
  readonly keepsBack: ReadonlyMap<string, 'deny' | 'drop'>;
  /** Fields that conditions look at, as coordinates; fetched for that purpose whoever calls. */
  readonly looked: ReadonlySet<string>;
  /** Every field of every object and interface type, by `Type.field`. */
  readonly fields: ReadonlyMap<string, CoordinatePolicy>;
  /** Arguments, input fields and enum values that a rule names, and locked filters. */
  readonly inputs: ReadonlyMap<string, CoordinatePolicy>;
  /** Filters on fields that have a class or are hidden from some callers, by coordinate. */
  readonly filters: ReadonlyMap<string, ImpliedLock>;
  /** Inputs that mean a guarded field when left out, by `Type.field` or input type. */
  readonly defaults: ReadonlyMap<string, readonly LockedDefault[]>;
  /** Whether any of these defaults is applied by a service. */
  readonly hasServiceDefaults: boolean;
  /** Free texts that an upstream interprets, each with a guarded field that it may filter on. */
  readonly freeFilters: ReadonlyMap<string, string>;
  /** Input types that a mutation's arguments reach: closed field by field until listed. */
  readonly writable: ReadonlySet<string>;
  /** Arguments fixed from the token, by `Type.field`: no caller sees them. */
  readonly pins: ReadonlyMap<string, readonly Pin[]>;
  /** Pinned fields inside input objects, by `Type.field`: no caller sees them. */
  readonly inputPins: ReadonlyMap<string, readonly InputPin[]>;
  /** Reads before fields of the mutation type, by coordinate. */
  readonly writes: ReadonlyMap<string, readonly CompiledRead[]>;
  /** Fields of the mutation type that create their object, as coordinates. */
  readonly makes: ReadonlySet<string>;
  /** Rules in shadow mode, each with the policy it would make; `conditions` includes theirs. */
  readonly shadows: readonly ShadowRule[];
}

/** A rule in shadow mode. */
export interface ShadowRule {
  readonly rule: AccessRule;
  /** The policy with this rule in force and no other in shadow mode. */
  readonly policy: Policy;
  /** Fields, inputs and enum values on which the decision may differ. */
  readonly touches: ReadonlySet<string>;
  /** Whether the contents of variables may matter to it. */
  readonly asksForInputs: boolean;
}
