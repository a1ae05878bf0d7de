/**
 * The plan, the result of authorisation: an operation that asks only for what is granted, and the
 * projection that restores the caller's shape. Made by authorize/, run by an engine, read by
 * shape/.
 *
 * Result keys: in the executed document a field is unaliased, or its alias starts with a reserved
 * prefix (`fg_`, or `fg3_` where implementations must not merge), so that no alias of the caller
 * can replace a key that stitching reads. `fgs_` (`fgs3_`) marks ids read only for the record
 * (whose data it is), `fgw_` (`fgw3_`) what conditions of rules read, also ahead of a write.
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
  /** The document for an engine; undefined if nothing granted has to be fetched. */
  readonly document: DocumentNode | undefined;
  /** Variables that `document` declares. */
  readonly variableNames: readonly string[];
  /**
   * The variables that are the gateway's own, filled from each request's caller; absent if none.
   */
  readonly pins?: readonly PinnedVariable[];
  /** The caller's introspection fields, executed against the public schema. */
  readonly introspection: DocumentNode | undefined;
  readonly projection: ProjectedSelection;
  /** Coordinates, each once, in order of first appearance. */
  readonly denied: readonly string[];
  readonly masked: readonly string[];
  readonly allowed: readonly string[];
  /** Coordinates decided by arguments or objects. */
  readonly depends: readonly string[];
  /** By coordinate: the reason, if objects refuse some of it. */
  readonly rowDenials: ReadonlyMap<string, Denial>;
  /**
   * Classified coordinates that the projection delivers; `ProjectedValue.classified` is an index.
   */
  readonly classified: readonly ClassifiedCoordinate[];
  /** The reasons for the refusals in `denied`. */
  readonly denials: readonly Denial[];
  /** What rules in shadow mode would have done; absent if nothing. */
  readonly shadows?: readonly ShadowEffect[] | undefined;
  /** Mutation root fields that an object decides, by result key; absent if none. */
  readonly writes?: ReadonlyMap<string, FieldGuard>;
}

/** A query of the gateway's own; callers see nothing of it. */
export type ReadOperation = Pick<
  AuthorizedOperation,
  'type' | 'document' | 'variableNames' | 'pins'
>;

/** How an argument of a mutation becomes an argument of a read. */
export interface SentAs {
  /** Whether the read takes a list. */
  readonly isList: boolean;
  readonly as: 'text' | 'number' | 'same';
  /** The leaf type of the mutation's argument. */
  readonly leaf: GraphQLLeafType;
}

/** A read before a root field of a mutation, and the checks on its result. */
export interface ReadBefore {
  /** Such as `Query.employee(id: args.id)`. */
  readonly read: string;
  readonly operation: ReadOperation;
  /** Result key of its only root field. */
  readonly rawKey: string;
  readonly isList: boolean;
  /** Variables of the read, from the mutation's arguments. */
  readonly given: readonly (SentAs & {
    readonly variable: string;
    /** The path below the mutation's arguments. */
    readonly path: readonly string[];
    /** The key under which the object states the same value; undefined if it does not. */
    readonly stated: string | undefined;
  })[];
  /** The prefix of fields that conditions read. */
  readonly prefix: string;
}

/** A classified coordinate that this plan delivers, and why. */
export interface ClassifiedCoordinate {
  readonly coordinate: string;
  readonly classes: readonly string[];
  /** The rule that granted or masked it. */
  readonly rule: string;
  readonly mask: MaskName | undefined;
}

/** How an object's result tells whose data it is. */
export interface SubjectKey {
  /** The subject's type, as in `audit.subjects`. */
  readonly type: string;
  /** Result key of its id. */
  readonly rawKey: string;
}

/** The fields of one selection set, per concrete object type. */
export interface ProjectedSelection {
  /** The type's name if it is known before execution; if undefined, read `__typename`. */
  readonly typeName: string | undefined;
  readonly byType: ReadonlyMap<string, readonly ProjectedField[]>;
  /** By concrete type; only for types with classified data here or below. */
  readonly subjects?: ReadonlyMap<string, SubjectKey>;
  /** By concrete type: the conditions on each object. */
  readonly guards?: ReadonlyMap<string, ObjectGuard>;
  /** Coordinate of the selecting field, for refusals of a whole object. */
  readonly coordinate: string;
}

/** The prefixes of fields that a condition reads from the object and from its parent. */
export interface GuardKeys {
  readonly object: string;
  readonly parent: string;
}

/** Conditions on an object itself, by number in the policy: all must hold, or it is withheld. */
export interface ObjectGuard {
  /** Conditions that must not reveal the object's existence come first. */
  readonly requires: readonly {
    readonly condition: number;
    /** Whether an object that fails it is silently removed from its list. */
    readonly drops: boolean;
  }[];
  readonly keys: GuardKeys;
}

/** What happens to an object. */
export type Admission = 'admit' | 'deny' | 'drop';

/** Who may have a value, decided at its object. Conditions by number in the policy. */
export interface FieldGuard {
  /** All must hold. */
  readonly requires: readonly number[];
  /** The first whose condition holds applies; one without a condition always holds. */
  readonly choices: readonly {
    readonly condition: number | undefined;
    readonly value: ProjectedValue;
  }[];
  readonly keys: GuardKeys;
  /** The sign-in that alone would open the field at every object; absent if none would. */
  readonly stepUp?: StepUp;
  /** For a write: the reads before it, on which the decision is made. */
  readonly before?: readonly ReadBefore[];
  /** Set if conditions also read arguments. */
  readonly definition: GraphQLField<unknown, unknown> | undefined;
  readonly node: FieldNode;
}

export type ProjectedField =
  | { readonly kind: 'typename'; readonly key: string }
  /** `rawKey` finds the answer among the results of the plan's introspection. */
  | { readonly kind: 'introspection'; readonly key: string; readonly rawKey: string }
  | {
      readonly kind: 'denied';
      readonly key: string;
      readonly coordinate: string;
      /** The sign-in that alone would grant it; undefined if none would. */
      readonly stepUp?: StepUp | undefined;
    }
  | ProjectedValue;

export interface ProjectedValue {
  readonly kind: 'value';
  /** The response key that the caller asked for. */
  readonly key: string;
  /** The response key in the executed document. */
  readonly rawKey: string;
  readonly coordinate: string;
  /** The caller's first selection of it, with its arguments as written. */
  readonly node: FieldNode;
  /** The type in the public schema. */
  readonly type: GraphQLOutputType;
  readonly mask: MaskName | undefined;
  /** The function behind the mask `hash`; undefined for any other. */
  readonly hash?: ((text: string) => string) | undefined;
  /** Enum values that may leave; undefined for all. */
  readonly members?: ReadonlySet<string> | undefined;
  /** Set if structured values must not leave, because the coordinate is not granted by name. */
  readonly scalarsOnly: boolean;
  /** Index into `AuthorizedOperation.classified`; undefined if the coordinate has no class. */
  readonly classified: number | undefined;
  /** Chooses at each object which value replaces this one, if any. */
  readonly guard?: FieldGuard | undefined;
  readonly selection: ProjectedSelection | undefined;
}

/** Prefixes of aliases and upstream names reserved for the gateway. */
export const reservedName = /^fg[ksw]?\d*_/;

/** Prefixes of keys that no caller receives: ids for the record, and what conditions read. */
export const innerName = /^fg[sw]\d*_/;

/** Index of such a key in a path; everything from there on, such as list entries, is internal. */
export function innerStepOf(path: readonly (string | number)[]): number | undefined {
  const index = path.findIndex((key) => typeof key === 'string' && innerName.test(key));
  return index === -1 ? undefined : index;
}

/** The caller's response key for a result key, for error paths. */
export function toCallerKey(rawKey: string): string {
  return rawKey.replace(reservedName, '');
}
