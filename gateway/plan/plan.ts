/**
 * What authorisation leaves to be done: an operation that asks only for what is granted, and the
 * projection that puts its result back into the caller's shape. Made by authorize/, run by an
 * engine, read by shape/.
 *
 * Result keys. In the executed document a field is either unaliased or its alias starts with a
 * reserved prefix (`fg_`, or `fg3_` where implementations must not meet), so that no alias of the
 * caller can take the place of a key that stitching reads. `fgs_` (or `fgs3_`) stands before ids
 * that are read for the record alone: whose data it is. `fgw_` (or `fgw3_`) stands before what the
 * conditions of rules look at, and before what is read ahead of a write.
 */
import type {
  DocumentNode,
  FieldNode,
  GraphQLField,
  GraphQLLeafType,
  GraphQLOutputType,
  OperationTypeNode,
} from 'graphql';
import type { Denial } from '../decision.ts';
import type { ShadowEffect } from '../shadow.ts';
import type { StepUp } from '../step-up.ts';
import type { PinnedVariable } from './pinned.ts';

export type MaskName = 'last4' | 'first1' | 'year' | 'domain' | 'hash' | 'redact';

export interface AuthorizedOperation {
  readonly type: OperationTypeNode;
  /** What an engine runs; undefined where nothing granted is left to fetch. */
  readonly document: DocumentNode | undefined;
  /** Variables that `document` declares. */
  readonly variableNames: readonly string[];
  /** Those of them that are ours: each request brings its own caller's values. Absent: none. */
  readonly pins?: readonly PinnedVariable[];
  /** The caller's introspection fields, to be run against the public schema. */
  readonly introspection: DocumentNode | undefined;
  readonly projection: ProjectedSelection;
  /** Coordinates, each once, in order of first appearance. */
  readonly denied: readonly string[];
  readonly masked: readonly string[];
  readonly allowed: readonly string[];
  /** Those that arguments or objects decide, or have decided. */
  readonly depends: readonly string[];
  /** By coordinate: why, where objects refuse something of it. */
  readonly rowDenials: ReadonlyMap<string, Denial>;
  /** Coordinates with a class that the projection delivers; `ProjectedValue.classified` counts them. */
  readonly classified: readonly ClassifiedCoordinate[];
  /** Why what is in `denied` was refused. */
  readonly denials: readonly Denial[];
  /** What rules on trial would have done; absent where that is nothing. */
  readonly trials?: readonly ShadowEffect[] | undefined;
  /** Root fields of a mutation that an object decides, by result key; absent: none. */
  readonly writes?: ReadonlyMap<string, FieldGuard>;
}

/** A query of the gateway's own, which no caller sees anything of. */
export type ReadOperation = Pick<
  AuthorizedOperation,
  'type' | 'document' | 'variableNames' | 'pins'
>;

/** How an argument of a mutation is sent on as one of a read. */
export interface SentAs {
  /** Whether the read takes a list of it. */
  readonly isList: boolean;
  readonly as: 'text' | 'number' | 'same';
  /** Of the mutation's argument. */
  readonly leaf: GraphQLLeafType;
}

/** What is read before a root field of a mutation, and what must come back. */
export interface ReadBefore {
  /** `Query.employee(id: args.id)` */
  readonly read: string;
  readonly operation: ReadOperation;
  /** Result key of its one root field. */
  readonly rawKey: string;
  readonly isList: boolean;
  /** Variables of the read, from the mutation's arguments. */
  readonly given: readonly (SentAs & {
    readonly variable: string;
    /** Below the mutation's arguments. */
    readonly path: readonly string[];
    /** Where the object states the same; undefined where it does not. */
    readonly stated: string | undefined;
  })[];
  /** Stands before what conditions look at. */
  readonly prefix: string;
}

/** A classified coordinate that this plan delivers, and why. */
export interface ClassifiedCoordinate {
  readonly coordinate: string;
  readonly classes: readonly string[];
  /** The rule that granted it, or that masks it. */
  readonly rule: string;
  readonly mask: MaskName | undefined;
}

/** Where an object's result tells whose data it is. */
export interface SubjectKey {
  /** The subject's type, as `audit.subjects` names it. */
  readonly type: string;
  /** Result key of its id. */
  readonly rawKey: string;
}

/** Fields of one selection set, per concrete object type. */
export interface ProjectedSelection {
  /** The type's name where it is known before execution; undefined: read `__typename`. */
  readonly typeName: string | undefined;
  readonly byType: ReadonlyMap<string, readonly ProjectedField[]>;
  /** By concrete type; only of types whose data is classified here, or below. */
  readonly subjects?: ReadonlyMap<string, SubjectKey>;
  /** By concrete type: what must hold of each such object. */
  readonly guards?: ReadonlyMap<string, ObjectGuard>;
  /** Coordinate of the field that selects, for refusals of a whole object. */
  readonly coordinate: string;
}

/** Where what a condition reads of an object and of the one above stands: under these prefixes. */
export interface GuardKeys {
  readonly object: string;
  readonly parent: string;
}

/** Conditions on an object itself, by their numbers in the policy: all must hold, or it is kept back. */
export interface ObjectGuard {
  /** What must not even tell that there is such an object comes first. */
  readonly requires: readonly {
    readonly condition: number;
    /** Whether one that fails it leaves its list, and nothing says so. */
    readonly drops: boolean;
  }[];
  readonly keys: GuardKeys;
}

/** What becomes of an object. */
export type Admission = 'admit' | 'deny' | 'drop';

/** Who may have a value, decided at the object that has it. Conditions by their numbers in the policy. */
export interface FieldGuard {
  /** All must hold. */
  readonly requires: readonly number[];
  /** The first whose condition holds decides; one without a condition always does. */
  readonly choices: readonly {
    readonly condition: number | undefined;
    readonly value: ProjectedValue;
  }[];
  readonly keys: GuardKeys;
  /** Of a write: what is read before it, and decides then. */
  readonly before?: readonly ReadBefore[];
  /** Where conditions look at arguments, too. */
  readonly definition: GraphQLField<unknown, unknown> | undefined;
  readonly node: FieldNode;
}

export type ProjectedField =
  | { readonly kind: 'typename'; readonly key: string }
  /** `rawKey` names its answer among those of the plan's introspection. */
  | { readonly kind: 'introspection'; readonly key: string; readonly rawKey: string }
  | {
      readonly kind: 'denied';
      readonly key: string;
      readonly coordinate: string;
      /** The sign-in that alone would grant it; undefined where none would. */
      readonly stepUp?: StepUp | undefined;
    }
  | ProjectedValue;

export interface ProjectedValue {
  readonly kind: 'value';
  /** Response key the caller asked for. */
  readonly key: string;
  /** Response key in the executed document. */
  readonly rawKey: string;
  readonly coordinate: string;
  /** The caller's first selection of it, with its arguments as written. */
  readonly node: FieldNode;
  /** Type in the public schema. */
  readonly type: GraphQLOutputType;
  readonly mask: MaskName | undefined;
  /** What `hash` puts in a value's place; undefined for every other mask. */
  readonly hash?: ((text: string) => string) | undefined;
  /** Values of an enum that may leave; undefined: every value. */
  readonly members?: ReadonlySet<string> | undefined;
  /** Structured scalar values leave only where the coordinate is granted by name. */
  readonly scalarsOnly: boolean;
  /** Index into `AuthorizedOperation.classified`; undefined where the coordinate has no class. */
  readonly classified: number | undefined;
  /** Decides at each object which of its choices stands for this one, if any. */
  readonly guard?: FieldGuard | undefined;
  readonly selection: ProjectedSelection | undefined;
}

/** Aliases and upstream names that only the gateway may use. */
export const reservedName = /^fg[sw]?\d*_/;

/** Keys that no caller gets: ids for the record, and what conditions look at. */
export const innerName = /^fg[sw]\d*_/;

/** Where in a path of result keys such a key stands: what lies below, as entries of a list, is no caller's either. */
export function innerStepOf(path: readonly (string | number)[]): number | undefined {
  const index = path.findIndex((key) => typeof key === 'string' && innerName.test(key));
  return index === -1 ? undefined : index;
}

/** The caller's response key behind a result key, for error paths. */
export function toCallerKey(rawKey: string): string {
  return rawKey.replace(reservedName, '');
}
