/**
 * One expression of a policy, `when: object.id == claims.employee_id`: CEL, parsed by a library and
 * compiled by compile-expression.ts. It states what it reads, so that what must be fetched for it
 * is known at start, and decides whether it holds for given values.
 *
 * Fails closed: an expression that cannot be evaluated does not hold.
 */
import type { Path } from '../../files/config-error.ts';
import type { Caller } from '../../request.ts';
import { checkTypes, type Types } from './check-types.ts';
import { compileExpression, type Evaluate } from './compile-expression.ts';
import type { Given, Reads } from './given.ts';
import { compileMayHold, type MayHold } from './may-hold.ts';
import { Misfit } from './misfit.ts';
import { type Node, parseExpression } from './parse-expression.ts';

/** Why a text is no expression; `offset` counts characters from 0. */
export interface ExpressionProblem {
  readonly message: string;
  readonly offset: number;
}

export class Expression {
  /** The text as written. */
  readonly text: string;
  readonly reads: Reads;
  /** Its path in the file. */
  readonly path: Path;
  readonly #evaluate: Evaluate;
  readonly #mayHold: MayHold;
  readonly #node: Node;

  /** Use `readExpression`. */
  constructor(node: Node, compiled: { reads: Reads; evaluate: Evaluate; path: Path }) {
    const { reads, evaluate, path } = compiled;
    this.text = node.input;
    this.path = path;
    this.reads = reads;
    this.#evaluate = evaluate;
    this.#mayHold = compileMayHold(node);
    this.#node = node;
    Object.freeze(this);
  }

  holds(given: Given): boolean {
    return this.#evaluate(given) === true;
  }

  /** False if it holds for no arguments and objects, for example because a claim is missing. */
  mayHold(caller: Caller): boolean {
    return this.#mayHold(caller);
  }

  /** The first type error, given the types of all references; undefined if there is none. */
  misfit(types: Types): ExpressionProblem | undefined {
    try {
      checkTypes(this.#node, types);
      return undefined;
    } catch (error) {
      if (!(error instanceof Misfit)) throw error;
      return { message: error.message, offset: error.offset };
    }
  }

  /** Equal texts are equal conditions. */
  toJSON(): string {
    return this.text;
  }
}

export function readExpression(text: string, path: Path = []): Expression | ExpressionProblem {
  const parsed = parseExpression(text);
  if ('message' in parsed) return parsed;
  const compiled = compileExpression(parsed);
  return 'message' in compiled ? compiled : new Expression(parsed, { ...compiled, path });
}
