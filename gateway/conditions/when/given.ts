/** What an expression asks for, and what it is given. */
import type { Caller } from '../../request.ts';

/** What an expression may look at; of an argument path the first step. */
export interface Reads {
  readonly claims: boolean;
  readonly client: boolean;
  /** Paths below the field's arguments. */
  readonly args: readonly (readonly string[])[];
  /** Fields of the object that has the field, and of the object above that one. */
  readonly object: readonly string[];
  readonly parent: readonly string[];
}

/** An object as it was fetched; what is read of it stands under `prefix` and the field's name. */
export interface RowObject {
  readonly source: Readonly<Record<string, unknown>>;
  readonly prefix: string;
}

/** What is there to look at; what is undefined makes everything that reads it impossible. */
export interface Given {
  readonly caller: Caller;
  readonly args?: Readonly<Record<string, unknown>> | undefined;
  readonly object?: RowObject | undefined;
  readonly parent?: RowObject | undefined;
}
