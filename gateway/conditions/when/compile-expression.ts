/**
 * Compiles a parsed expression to closures, and collects what it reads. A value that cannot be
 * evaluated is undefined and propagates, except through `||` and `&&`, where the other side may
 * decide alone, as in CEL.
 *
 * Evaluated here rather than by the library: a row that lacks a value throws nothing, numbers stay
 * JSON numbers, and no expression can take long. test/conditions compares the two.
 */

import { isRounded } from '../../graph/upstream-value.ts';
import { readClaim, readOwnPath } from '../../own-path.ts';
import { checkTypes, untyped } from './check-types.ts';
import type { Given, Reads, RowObject } from './given.ts';
import { Misfit } from './misfit.ts';
import type { Node } from './parse-expression.ts';
import { type Reference, toReference } from './references.ts';
import {
  type Comparison,
  comparisons,
  type Scalar,
  sizeOf,
  type TextTest,
  textTests,
  toText,
  toValue,
  type Value,
} from './values.ts';

export type Evaluate = (given: Given) => Value;

export function compileExpression(
  node: Node,
): { reads: Reads; evaluate: Evaluate } | { message: string; offset: number } {
  try {
    const compiled = compilePart(node);
    checkTypes(node, untyped);
    return compiled;
  } catch (error) {
    if (!(error instanceof Misfit)) throw error;
    return { message: error.message, offset: error.offset };
  }
}

/** Compiles a part of an expression; throws Misfit. */
export function compilePart(node: Node): { reads: Reads; evaluate: Evaluate } {
  const compiler = new Compiler();
  const evaluate = compiler.compile(node);
  return { reads: compiler.reads(), evaluate };
}

class Compiler {
  readonly #references: Reference[] = [];

  reads(): Reads {
    const of = (root: Reference['root']) => this.#references.filter((one) => one.root === root);
    const names = (root: Reference['root']) => [
      ...new Set(of(root).map(({ path }) => path[0] ?? '')),
    ];
    return {
      claims: of('claims').length > 0,
      client: of('client').length > 0,
      args: of('args').map(({ path }) => path),
      object: names('object'),
      parent: names('parent'),
    };
  }

  compile(node: Node): Evaluate {
    switch (node.op) {
      case 'value': {
        const value = toLiteral(node);
        return () => value;
      }
      case 'id':
      case '.':
      case '[]':
        return this.#reference(node);
      case 'list':
        return this.#list(node.args);
      case '!_': {
        const inner = this.compile(node.args);
        return (given) => {
          const value = inner(given);
          return typeof value === 'boolean' ? !value : undefined;
        };
      }
      case '-_': {
        const inner = this.compile(node.args);
        return (given) => {
          const value = inner(given);
          return typeof value === 'number' ? -value : undefined;
        };
      }
      case '&&':
        return this.#logic(node.args, false);
      case '||':
        return this.#logic(node.args, true);
      case '?:':
        return this.#choice(node.args);
      case 'call':
        return this.#call(node);
      case 'rcall':
        return this.#textTest(node);
      default:
        return this.#comparison(node);
    }
  }

  #reference(node: Node): Evaluate {
    const reference = toReference(node);
    if (reference === undefined) throw new Misfit('cannot be read here', node);
    this.#references.push(reference);
    const read = readerOf(reference);
    return reference.root === 'claims' ? remembered(read) : (given) => toValue(read(given));
  }

  #list(nodes: readonly Node[]): Evaluate {
    const items = nodes.map((one) => this.compile(one));
    return (given) => {
      const values: Scalar[] = [];
      for (const item of items) {
        const value = item(given);
        if (value === undefined || typeof value === 'object') return undefined;
        values.push(value);
      }
      return values;
    };
  }

  /** `decides` is the value with which one side decides both. */
  #logic([one, other]: readonly [Node, Node], decides: boolean): Evaluate {
    const left = this.compile(one);
    const right = this.compile(other);
    return (given) => {
      const first = left(given);
      if (first === decides) return decides;
      const second = right(given);
      if (second === decides) return decides;
      return first === !decides && second === !decides ? !decides : undefined;
    };
  }

  #choice([condition, one, other]: readonly [Node, Node, Node]): Evaluate {
    const test = this.compile(condition);
    const yes = this.compile(one);
    const no = this.compile(other);
    return (given) => {
      const answer = test(given);
      if (typeof answer !== 'boolean') return undefined;
      return answer ? yes(given) : no(given);
    };
  }

  #comparison(node: Node): Evaluate {
    if (!isComparison(node)) throw new Misfit(`\`${node.op}\` is not supported here`, node);
    const compare = comparisons[node.op];
    const left = this.compile(node.args[0]);
    const right = this.compile(node.args[1]);
    return (given) => compare(left(given), right(given));
  }

  #call(node: Node & { op: 'call' }): Evaluate {
    const [name, [only, more]] = node.args;
    if (only === undefined || more !== undefined || !isFunction(name)) {
      throw new Misfit(`there is no function ${name} here: there are ${functionNames}`, node);
    }
    if (name === 'has') return this.#has(only);
    const inner = this.compile(only);
    return name === 'size' ? (given) => sizeOf(inner(given)) : (given) => toText(inner(given));
  }

  /** Refused for objects: an absent field looks the same as one whose upstream failed. */
  #has(node: Node): Evaluate {
    const reference = toReference(node);
    if (reference?.root !== 'claims' && reference?.root !== 'args') {
      const message =
        'has() is for claims and arguments: a field that an upstream fails to bring looks absent';
      throw new Misfit(message, node);
    }
    this.#references.push(reference);
    const read = readerOf(reference);
    return (given) => {
      const value = read(given);
      return value !== undefined && value !== null;
    };
  }

  #textTest(node: Node & { op: 'rcall' }): Evaluate {
    const [name, receiver, [only, more]] = node.args;
    if (only === undefined || more !== undefined || !isTextTest(name)) {
      const message = `there is no ${name}() here: there are ${Object.keys(textTests).join(', ')}`;
      throw new Misfit(message, node);
    }
    const test = textTests[name];
    const text = this.compile(receiver);
    const part = this.compile(only);
    return (given) => test(text(given), part(given));
  }
}

const functions = ['has', 'size', 'string'] as const;
const functionNames = functions.join(', ');
const isFunction = (name: string): name is (typeof functions)[number] =>
  functions.some((one) => one === name);
const isTextTest = (name: string): name is TextTest => Object.hasOwn(textTests, name);
const isComparison = (node: Node): node is Node & { op: Comparison } =>
  Object.hasOwn(comparisons, node.op);

function toLiteral(node: Node & { op: 'value' }): Scalar {
  const { args: value } = node;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value) && !isRounded(value)) return value;
  if (typeof value === 'bigint' && Number.isSafeInteger(Number(value))) return Number(value);
  if (value !== null) throw new Misfit('text, whole numbers, decimals, true or false alone', node);
  throw new Misfit('nothing is ever equal to null: what has no value refuses by itself', node);
}

/**
 * Reads the raw value: own properties only, and claims in the same way as the rest of the gateway.
 */
function readerOf({ root, path }: Reference): (given: Given) => unknown {
  const [name = ''] = path;
  switch (root) {
    case 'claims':
      return ({ caller }) => readClaim(caller.claims, path);
    case 'client':
      return ({ caller }) => caller.client;
    case 'args':
      return ({ args }) => readOwnPath(args, path);
    case 'object':
      return ({ object }) => readField(object, name);
    case 'parent':
      return ({ parent }) => readField(parent, name);
  }
}

/** A caller's claims are constant, so a list in them is read once instead of per row. */
function remembered(read: (given: Given) => unknown): Evaluate {
  const valueByCaller = new WeakMap<Given['caller'], { readonly value: Value }>();
  return (given) => {
    const { caller } = given;
    const found = valueByCaller.get(caller);
    if (found !== undefined) return found.value;
    const value = toValue(read(given));
    valueByCaller.set(caller, { value });
    return value;
  };
}

function readField(row: RowObject | undefined, name: string): unknown {
  if (row === undefined) return undefined;
  const key = row.prefix + name;
  return Object.hasOwn(row.source, key) ? row.source[key] : undefined;
}
