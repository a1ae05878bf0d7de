/** What an expression reads, and the values that it is given. */
import type { Caller } from '../../request.ts';

/** The references of an expression. */
export interface Reads {
  readonly claims: boolean;
  readonly client: boolean;
  /** Paths below the field's arguments. */
  readonly args: readonly (readonly string[])[];
  /** Fields of the object that has the field, and of its parent object. */
  readonly object: readonly string[];
  readonly parent: readonly string[];
}

/** A fetched object; its fields are under `prefix` and the field's name. */
export interface RowObject {
  readonly source: Readonly<Record<string, unknown>>;
  readonly prefix: string;
}

/** The values available; everything that reads an undefined one cannot be evaluated. */
export interface Given {
  readonly caller: Caller;
  readonly args?: Readonly<Record<string, unknown>> | undefined;
  readonly object?: RowObject | undefined;
  readonly parent?: RowObject | undefined;
}
