/**
 * The compiled form of an operation for cost estimation: a tree of weights and sizes that is
 * evaluated with the variables of each request.
 */
import type { SizeReader, VariableValues } from '../list-size.ts';

/** Selections on one type; one alternative per concrete type. */
export interface SetCost {
  readonly alternatives: readonly Alternative[];
}

/** The compiled operation. */
export interface OperationCost extends SetCost {
  /** Whether the cost is the same for all variables. */
  readonly isFixed: boolean;
  /** Whether it selects fields with pinned arguments, whose values must be read too. */
  readonly readsPinned: boolean;
}

export interface Alternative {
  readonly typeWeight: number;
  readonly fields: readonly FieldCost[];
  /** Weight of the upstream calls made once per object, and of those made once per list. */
  readonly callsEach: number;
  readonly callsOnce: number;
}

/** A field of one concrete type. */
export interface FieldCost {
  readonly coordinate: string;
  /** The weight of the field itself, once per object it is on. */
  readonly weight: number;
  /** The weight of the values in its arguments. */
  readonly input: ((variables: VariableValues) => number) | undefined;
  readonly list: ListCost | undefined;
  /** The weight of each entry, if entries are leaves. */
  readonly leafWeight: number;
  readonly below: SetCost | undefined;
}

export interface ListCost {
  readonly readers: readonly SizeReader[];
  readonly assumed: number;
  /** Whether the size applies to list fields of the returned object instead of this field. */
  readonly passes: boolean;
  /** Whether the parent's size applies if no argument of this field states one. */
  readonly inherits: boolean;
}

/** The result of an estimate. */
export interface CostEstimate {
  /** Infinite if the operation is too complex to be estimated. */
  readonly cost: number;
  /** The largest size that the document asks of a field, by coordinate. */
  readonly lists: ReadonlyMap<string, number>;
}
