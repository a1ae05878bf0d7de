/**
 * An operation compiled for estimating: a tree of weights and sizes that is run with the variables
 * of each request.
 */
import type { SizeReader, VariableValues } from '../list-size.ts';

/** Selections under one type; one alternative per concrete type. */
export interface SetCost {
  readonly alternatives: readonly Alternative[];
}

/** What an operation costs. */
export interface OperationCost extends SetCost {
  /** No argument has a say in it: it costs the same with all variables. */
  readonly isFixed: boolean;
  /** It selects fields whose arguments are fixed from the token: those values are read too. */
  readonly readsPinned: boolean;
}

export interface Alternative {
  readonly typeWeight: number;
  readonly fields: readonly FieldCost[];
  /** Weight of upstream calls made once per object, and once for all objects of a list. */
  readonly callsEach: number;
  readonly callsOnce: number;
}

/** A field of one concrete type. */
export interface FieldCost {
  readonly coordinate: string;
  /** Of the field itself, once per object it stands on. */
  readonly weight: number;
  /** Of what its arguments hold. */
  readonly input: ((variables: VariableValues) => number) | undefined;
  readonly list: ListCost | undefined;
  /** Of each entry, where they are leaves. */
  readonly leafWeight: number;
  readonly below: SetCost | undefined;
}

export interface ListCost {
  readonly readers: readonly SizeReader[];
  readonly assumed: number;
  /** The object's list fields take the size; the field itself brings one object. */
  readonly passes: boolean;
  /** Where no argument of its own says, the size is that of the field above. */
  readonly inherits: boolean;
}

/** What a run of a program comes to. */
export interface CostEstimate {
  /** Infinite where the operation is too intricate to be estimated. */
  readonly cost: number;
  /** The most entries that arguments of the document ask of a field, by coordinate. */
  readonly lists: ReadonlyMap<string, number>;
}
