/** An expression that is not supported, with the position. Internal to this folder. */
import type { Node } from './parse-expression.ts';

export class Misfit extends Error {
  /** Characters from the start of the expression. */
  readonly offset: number;

  constructor(message: string, node: Pick<Node, 'start'>) {
    super(message);
    this.offset = node.start;
  }
}
