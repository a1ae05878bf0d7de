/**
 * Decides whether an expression can hold for a caller under any arguments and objects: claims and
 * client are known before anything is fetched. If it cannot be determined, it may hold.
 */
import type { Caller } from '../../request.ts';
import { compilePart } from './compile-expression.ts';
import type { Node } from './parse-expression.ts';

export type MayHold = (caller: Caller) => boolean;

/** The possible results of a part. */
interface Outlook {
  readonly true: boolean;
  readonly false: boolean;
  /** Whether it can be evaluated at all. */
  readonly value: boolean;
}
type OutlookOf = (caller: Caller) => Outlook;

const open: Outlook = { true: true, false: true, value: true };
const nothing: Outlook = { true: false, false: false, value: false };

/** Compiles an expression that is known to compile. */
export function compileMayHold(node: Node): MayHold {
  const outlookOf = compile(node);
  return (caller) => outlookOf(caller).true;
}

function compile(node: Node): OutlookOf {
  const { reads, evaluate } = compilePart(node);
  if (reads.args.length + reads.object.length + reads.parent.length > 0) return compileOpen(node);
  return (caller) => {
    const value = evaluate({ caller });
    return { true: value === true, false: value === false, value: value !== undefined };
  };
}

/** Compiles a part that reads arguments or objects. */
function compileOpen(node: Node): OutlookOf {
  switch (node.op) {
    case '!_': {
      const inner = compile(node.args);
      return (caller) => negated(inner(caller));
    }
    case '&&':
      return both(node.args);
    case '||': {
      const [one, other] = node.args.map(compile) as [OutlookOf, OutlookOf];
      return (caller) => negated(joined(negated(one(caller)), negated(other(caller))));
    }
    case '?:': {
      const [test, yes, no] = node.args.map(compile) as [OutlookOf, OutlookOf, OutlookOf];
      return (caller) => chosen(test(caller), yes(caller), no(caller));
    }
    case 'list':
      return allOf(node.args);
    case '-_':
      return allOf([node.args]);
    case 'call': {
      const [name, parts] = node.args;
      return name === 'has' ? () => open : allOf(parts);
    }
    case 'rcall': {
      const [, receiver, parts] = node.args;
      return allOf([receiver, ...parts]);
    }
    case 'id':
    case '.':
    case '[]':
      return () => open;
    default:
      return Array.isArray(node.args) ? allOf(node.args as Node[]) : () => open;
  }
}

function both([one, other]: readonly [Node, Node]): OutlookOf {
  const left = compile(one);
  const right = compile(other);
  return (caller) => joined(left(caller), right(caller));
}

/** Comparisons and computations: any result, if all parts can be evaluated. */
function allOf(nodes: readonly Node[]): OutlookOf {
  const parts = nodes.map(compile);
  return (caller) => (parts.every((part) => part(caller).value) ? open : nothing);
}

const toOutlook = (canHold: boolean, canFail: boolean): Outlook => ({
  true: canHold,
  false: canFail,
  value: canHold || canFail,
});

const negated = (one: Outlook): Outlook => toOutlook(one.false, one.true);

/** `&&`: one false side decides, whatever the other is. */
const joined = (one: Outlook, other: Outlook): Outlook =>
  toOutlook(one.true && other.true, one.false || other.false);

function chosen(test: Outlook, yes: Outlook, no: Outlook): Outlook {
  const can = (what: keyof Outlook): boolean =>
    (test.true && yes[what]) || (test.false && no[what]);
  return { true: can('true'), false: can('false'), value: can('value') };
}
