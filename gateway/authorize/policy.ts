/**
 * The compiled form of the access policies: per coordinate of one schema, who may have it.
 *
 * Made once per schema and policy (compile-policy.ts), frozen, shared by all requests. Conditions
 * are numbered; a caller's answers to them are a bit set (grants.ts), so a decision is a few bit
 * tests and depends on nothing else.
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
  /** What it asks of objects, it asks of those that the rule's `types` are, wherever they stand. */
  readonly ofObjects?: true;
  /** What `types` require of an object, asked of the one that is read before a write. */
  readonly ofRead?: true;
}

export interface MaskClause extends Clause {
  readonly mask: MaskName;
}

export interface CoordinatePolicy {
  readonly coordinate: string;
  /** Labels of every rule that matches, sorted. */
  readonly classes: readonly string[];
  /** Any one grants. */
  readonly grants: readonly Clause[];
  /** All must hold. */
  readonly requires: readonly Clause[];
  readonly forbid: AccessRule | undefined;
  /** In order; the first whose condition holds applies where no grant does. */
  readonly masks: readonly MaskClause[];
  readonly outcome: 'deny' | 'hide' | 'reject';
  /** In the public schema at all; what is not listed does not exist for anybody. */
  readonly listed: boolean;
  /** Every caller whom the gateway lets in has it unmasked. */
  readonly guaranteed: boolean;
  /** Granted by wildcards or types alone: structured scalars stay closed. */
  readonly broadOnly: boolean;
  /** Made of the grants of what a filter means: what arguments or objects decide does not open it. */
  readonly isImplied?: true;
}

/** A filter, and the guarded fields that it means: those with a class or hidden from some. */
export interface FilterMatch {
  /** `Query.employees(ssn:)`, `EmployeeFilter.ssn` or `EmployeeSort.SALARY`. */
  readonly coordinate: string;
  /** Coordinates, sorted. */
  readonly means: readonly string[];
  /** What told first. */
  readonly by: 'name' | 'type' | 'description' | 'default';
}

/** A filter that needs the unmasked grant of all that it means, unless a rule names it. */
export interface ImpliedLock extends FilterMatch {
  /** The rule that names the filter itself, and decides in place of the grants. */
  readonly named: AccessRule | undefined;
}

/** What an object of a type must be to be delivered at all. */
export interface ObjectClause extends Clause {
  /** It leaves its list. */
  readonly drops: boolean;
}

/** What conditions that are decided at each use look at, by their numbers. */
export interface PerUse {
  readonly asksForArguments: boolean;
  /** In which ways a new sign-in would meet it, by arguments; absent: it does not ask for both. */
  readonly stepUps?: StepUpsOf;
  /** Fields of the object, and of the one above it. */
  readonly object: readonly string[];
  readonly parent: readonly string[];
  /** Fields of what is read before a write, by the text of the read; absent: none. */
  readonly before?: ReadonlyMap<string, readonly string[]>;
}

/** An argument or input field whose default chooses a guarded field: governed where it is left out. */
export interface LockedDefault {
  /** Of the argument or the input field. */
  readonly name: string;
  /** The guarded fields that its default chooses, as coordinates, sorted. */
  readonly means: readonly string[];
  /** What leaving it out needs. */
  readonly policy: CoordinatePolicy;
  /** What it means is hidden from who may not have it: nobody is asked to sign in for it. */
  readonly isHidden: boolean;
  /** The service applies it: null and an empty list are not sent, and leave it out as well. */
  readonly isOfService: boolean;
}

export interface Policy {
  readonly conditions: readonly Condition[];
  /** So many of them are of rules in force, the first; the rest is of rules on trial. */
  readonly inForce: number;
  /** Of `conditions`, those that look at arguments or objects. */
  readonly perUse: ReadonlyMap<number, PerUse>;
  /** By object type: what rules with `types` require of its objects. */
  readonly objects: ReadonlyMap<string, readonly ObjectClause[]>;
  /** Fields that can return an object that is kept back; `drop` where all such leave their lists. */
  readonly keepsBack: ReadonlyMap<string, 'deny' | 'drop'>;
  /** Fields that conditions look at, as coordinates: fetched for them whoever calls. */
  readonly looked: ReadonlySet<string>;
  /** Every field of every object and interface type, by `Type.field`. */
  readonly fields: ReadonlyMap<string, CoordinatePolicy>;
  /** Arguments, input fields and enum values that a rule names, and filters that are locked. */
  readonly inputs: ReadonlyMap<string, CoordinatePolicy>;
  /** Filters on fields that have a class or that are hidden from some, by coordinate. */
  readonly filters: ReadonlyMap<string, ImpliedLock>;
  /** Inputs that mean a guarded field where they are left out, by `Type.field` or input type. */
  readonly defaults: ReadonlyMap<string, readonly LockedDefault[]>;
  /** Whether a service applies any of these. */
  readonly hasServiceDefaults: boolean;
  /** Texts that an upstream reads as it likes, to a guarded field that they may filter on. */
  readonly freeFilters: ReadonlyMap<string, string>;
  /** Input types that a mutation's arguments reach: closed field by field until listed. */
  readonly writable: ReadonlySet<string>;
  /** Arguments that are fixed from the token, by `Type.field`: no caller sees them. */
  readonly pins: ReadonlyMap<string, readonly Pin[]>;
  /** The same of fields inside input objects: these are in nobody's schema. */
  readonly inputPins: ReadonlyMap<string, readonly InputPin[]>;
  /** What may be read before fields of a mutation, by coordinate. */
  readonly writes: ReadonlyMap<string, readonly CompiledRead[]>;
  /** Fields of a mutation that make their object, as coordinates: there is none before. */
  readonly makes: ReadonlySet<string>;
  /** Rules on trial, each with what it would make of the policy; `conditions` has theirs too. */
  readonly trials: readonly Trial[];
}

/** A rule on trial. */
export interface Trial {
  readonly rule: AccessRule;
  /** With this rule in force and no other that is on trial. */
  readonly policy: Policy;
  /** Fields, inputs and enum values on which a decision may be another one. */
  readonly touches: ReadonlySet<string>;
  /** Whether what a variable carries may matter to it. */
  readonly asksForInputs: boolean;
}
