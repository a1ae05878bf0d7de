/**
 * Type-checks an expression as far as the schema is known: a comparison that can never be evaluated
 * is a mistake, and is reported at start.
 */
import { Misfit } from './misfit.ts';
import type { Node } from './parse-expression.ts';
import { type Reference, toReference } from './references.ts';

/** `any` for claims and for an upstream's custom scalars. */
export type ValueType = 'text' | 'number' | 'boolean' | 'any';
export interface TypeOf {
  readonly value: ValueType;
  readonly isList: boolean;
}

/** The type of a reference; throws Misfit if it does not exist. */
export type Types = (reference: Reference, node: Node) => TypeOf;

const any: TypeOf = { value: 'any', isList: false };
const scalar = (value: ValueType): TypeOf => ({ value, isList: false });

/** Types before a schema is known: a client is text, everything else unknown. */
export const untyped: Types = ({ root }) => (root === 'client' ? scalar('text') : any);

/** Throws Misfit if the expression does not type-check. */
export function checkTypes(node: Node, types: Types): void {
  const whole = typeOf(node, types);
  if (!fits(whole, 'boolean')) throw new Misfit('a condition must be true or false', node);
}

function typeOf(node: Node, types: Types): TypeOf {
  const of = (one: Node): TypeOf => typeOf(one, types);
  switch (node.op) {
    case 'value':
      return scalar(toType(node.args));
    case 'id':
    case '.':
    case '[]': {
      const reference = toReference(node);
      return reference === undefined ? any : types(reference, node);
    }
    case 'list':
      return { value: joined(node.args.map(of)), isList: true };
    case '!_':
      return wanted(node.args, of(node.args), 'boolean');
    case '-_':
      return wanted(node.args, of(node.args), 'number');
    case '&&':
    case '||':
      for (const side of node.args) wanted(side, of(side), 'boolean');
      return scalar('boolean');
    case '?:':
      return choice(node.args, of);
    case 'call': {
      const [name, [only]] = node.args;
      const inner = only && of(only);
      if (name === 'has') return scalar('boolean');
      if (name === 'string')
        return only && inner?.isList ? wanted(only, inner, 'text') : scalar('text');
      return scalar('number');
    }
    case 'rcall': {
      const [, receiver, given] = node.args;
      for (const one of [receiver, ...given]) wanted(one, of(one), 'text');
      return scalar('boolean');
    }
    case 'in': {
      const [one, list] = node.args;
      const [item, items] = [of(one), of(list)];
      if (!items.isList && items.value !== 'any') throw new Misfit('`in` asks for a list', list);
      compare(node, item, { ...items, isList: false });
      return scalar('boolean');
    }
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
      compare(node, of(node.args[0]), of(node.args[1]));
      return scalar('boolean');
    default:
      throw new Misfit(`\`${node.op}\` is not supported here`, node);
  }
}

function choice(
  [condition, one, other]: readonly [Node, Node, Node],
  of: (node: Node) => TypeOf,
): TypeOf {
  wanted(condition, of(condition), 'boolean');
  const [first, second] = [of(one), of(other)];
  return first.isList === second.isList ? { ...first, value: joined([first, second]) } : any;
}

function compare(node: Node, one: TypeOf, other: TypeOf): void {
  if (one.isList || other.isList) throw new Misfit('lists are compared by `in` alone', node);
  if (one.value === 'any' || other.value === 'any' || one.value === other.value) return;
  throw new Misfit(`${one.value} is never compared with ${other.value}: string() makes text`, node);
}

function wanted(node: Node, found: TypeOf, value: ValueType): TypeOf {
  if (!fits(found, value))
    throw new Misfit(`must be ${value === 'text' ? value : `a ${value}`}`, node);
  return scalar(value);
}

const fits = ({ value, isList }: TypeOf, wantedValue: ValueType): boolean =>
  !isList && (value === 'any' || value === wantedValue);

function joined(all: readonly TypeOf[]): ValueType {
  const [first] = all;
  return first !== undefined && all.every(({ value }) => value === first.value)
    ? first.value
    : 'any';
}

function toType(literal: unknown): ValueType {
  if (typeof literal === 'string') return 'text';
  return typeof literal === 'boolean' ? 'boolean' : 'number';
}
