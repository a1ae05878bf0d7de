/**
 * What an expression refers to by name: `claims.team`, `client`, `args.input.id`, `object.id`,
 * `parent.id`. Paths must be literal, so that what is read is known at start.
 */
import { didYouMean } from '../../files/nearest.ts';
import { Misfit } from './misfit.ts';
import type { Node } from './parse-expression.ts';

const roots = ['claims', 'client', 'args', 'object', 'parent'] as const;
export type Root = (typeof roots)[number];

export interface Reference {
  readonly root: Root;
  readonly path: readonly string[];
}

const stepsMax = 8;

/** Undefined if the node is no reference; throws Misfit if it is one that cannot be read. */
export function toReference(node: Node): Reference | undefined {
  const path: string[] = [];
  let at = node;
  while (at.op === '.' || at.op === '[]') {
    path.unshift(stepOf(at));
    at = at.args[0];
  }
  if (at.op !== 'id') {
    if (path.length > 0) throw new Misfit('only claims, args, object and parent have fields', at);
    return undefined;
  }
  const name = at.args;
  const root = roots.find((one) => one === name);
  if (root === undefined) {
    throw new Misfit(`there is no "${name}" here${didYouMean(name, roots)}`, at);
  }
  refuseLength(root, path.length, node);
  return { root, path };
}

function stepOf(node: Node & { op: '.' | '[]' }): string {
  if (node.op === '.') return node.args[1];
  const [, index] = node.args;
  if (index.op === 'value' && typeof index.args === 'string') return index.args;
  throw new Misfit('what is read must be spelt out: a name in quotes', index);
}

function refuseLength(root: Root, length: number, node: Node): void {
  if (root === 'client') {
    if (length > 0)
      throw new Misfit('`client` is the name of an application: it has no fields', node);
  } else if (length === 0) {
    throw new Misfit(
      `\`${root}\` alone cannot be compared: name what is read, as in ${root}.id`,
      node,
    );
  } else if (length > 1 && (root === 'object' || root === 'parent')) {
    throw new Misfit(`only fields of the ${root} itself can be read, not what they hold`, node);
  } else if (length > stepsMax) {
    throw new Misfit(`a place is at most ${stepsMax} names deep`, node);
  }
}
