/**
 * Checks, at start, that the conditions of a rule can look at what they name, at each coordinate
 * that the rule matches: arguments of the field, fields of its object, and fields of the parent
 * object. A misfit is reported with the place of the expression.
 */
import {
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLSchema,
  type GraphQLType,
  getNamedType,
  getNullableType,
  isAbstractType,
  isEnumType,
  isLeafType,
  isListType,
  isObjectType,
  isRequiredArgument,
} from 'graphql';
import type { Condition } from '../../conditions/condition.ts';
import type { TypeOf, ValueType } from '../../conditions/when/check-types.ts';
import type { Expression } from '../../conditions/when/expression.ts';
import { Misfit } from '../../conditions/when/misfit.ts';
import type { Node } from '../../conditions/when/parse-expression.ts';
import type { Problem } from '../../files/config-error.ts';
import { didYouMean } from '../../files/nearest.ts';
import type { SourceLocation } from '../../files/source-location.ts';
import type { InputPin } from '../compile-input-pins.ts';
import type { Pin } from '../compile-pins.ts';
import { pinAt, typeInside } from '../input-path.ts';
import { isOpaque } from '../opaque.ts';
import { type AccessRule, expressionsIn } from './access-file.ts';

/** What expressions are checked against at one coordinate. */
export interface WhenPlace {
  readonly coordinate: string;
  /** The object type with the field that is decided on; undefined if there is none. */
  readonly object: GraphQLObjectType | undefined;
  /** The field whose arguments are meant; undefined if there is none. */
  readonly field: GraphQLField<unknown, unknown> | undefined;
  /** For a mutation: the type of what is read before it. */
  readonly before?: GraphQLObjectType;
}

export class WhenChecker {
  readonly problems: Problem[] = [];
  /** Coordinates of the object fields that conditions look at. */
  readonly looked = new Set<string>();
  readonly #schema: GraphQLSchema;
  readonly #checked = new Map<Expression, Set<string>>();
  readonly #faulty = new Set<Expression>();
  readonly #parents = new Map<string, readonly GraphQLObjectType[]>();

  readonly #pinned: ReadonlyMap<string, readonly Pin[]>;
  readonly #pinnedInside: ReadonlyMap<string, readonly InputPin[]>;

  /**
   * @param pinned arguments fixed from the token, by field; a field is never fetched without them
   */
  constructor(
    schema: GraphQLSchema,
    pinned: ReadonlyMap<string, readonly Pin[]>,
    pinnedInside: ReadonlyMap<string, readonly InputPin[]> = new Map(),
  ) {
    this.#schema = schema;
    this.#pinned = pinned;
    this.#pinnedInside = pinnedInside;
  }

  check(rule: AccessRule, condition: Condition | undefined, place: WhenPlace): void {
    for (const expression of expressionsIn(condition)) {
      const seen = this.#checked.get(expression) ?? new Set();
      this.#checked.set(expression, seen);
      if (seen.has(place.coordinate) || this.#faulty.has(expression)) continue;
      seen.add(place.coordinate);
      const misfit = expression.misfit((reference, node) => this.#typeOf(reference, node, place));
      if (misfit !== undefined) this.complain(rule, expression, misfit);
    }
  }

  /** Once per expression, because the same fault may occur at many coordinates. */
  complain(
    rule: AccessRule,
    expression: Expression,
    { message, offset }: { message: string; offset?: number },
  ): void {
    if (this.#faulty.has(expression)) return;
    this.#faulty.add(expression);
    const at = offset === undefined ? '' : ` (character ${offset + 1})`;
    const source = placeOf(expression, rule) ?? rule.source;
    const text = `rule ${rule.name}: ${message}${at}`;
    this.problems.push({ ...source, path: '', code: 'unknown-name', message: text });
  }

  #typeOf(
    { root, path }: { root: string; path: readonly string[] },
    node: Node,
    place: WhenPlace,
  ): TypeOf {
    switch (root) {
      case 'args':
        return this.#argument(path, node, place);
      case 'object':
        return this.#ofObject(path[0] ?? '', node, place);
      case 'parent':
        return this.#ofParent(path[0] ?? '', node, place);
      default:
        return { value: root === 'client' ? 'text' : 'any', isList: false };
    }
  }

  #argument(path: readonly string[], node: Node, place: WhenPlace): TypeOf {
    const { field, coordinate } = place;
    if (field === undefined) throw new Misfit(`${coordinate} has no arguments to look at`, node);
    const [name = '', ...steps] = path;
    const found = field.args.find((one) => one.name === name);
    if (found === undefined && field.args.length === 0) {
      const what = '`args` are those of the field that the rule names, or whose argument it names';
      throw new Misfit(`${coordinate} has no arguments: ${what}`, node);
    }
    if (found === undefined) {
      const hint = didYouMean(
        name,
        field.args.map((one) => one.name),
      );
      throw new Misfit(`${coordinate} has no argument ${name}${hint}`, node);
    }
    // A pinned argument is in no caller's view, so the condition could never hold.
    const [own = ''] = coordinate.split('(', 1);
    const pin = pinAt({ pins: this.#pinned, inputPins: this.#pinnedInside }, own, path);
    if (pin !== undefined) {
      throw new Misfit(`${pin.coordinate} is pinned: look at claims.${pin.claim.join('.')}`, node);
    }
    const at = typeInside(found.type, steps);
    if ('misfit' in at) throw new Misfit(at.misfit, node);
    const { type } = at;
    return (
      leafOf(type) ?? fail(`args.${path.join('.')} is no plain value, but ${String(type)}`, node)
    );
  }

  #ofObject(name: string, node: Node, place: WhenPlace): TypeOf {
    const { coordinate } = place;
    const object = place.before ?? place.object;
    if (object === undefined || this.#isRoot(object)) {
      const isWrite = object !== undefined && object === this.#schema.getMutationType();
      const why = isWrite
        ? '`object` on a mutation is what is read before it: name it in the same rule, as in `object: "Query.employee(id: args.id)"`'
        : `there is no object at ${coordinate} to look at`;
      throw new Misfit(why, node);
    }
    const type = this.#plainField(object, name);
    if (type === undefined) throw new Misfit(this.#whyNot(object, name), node);
    this.looked.add(`${object.name}.${name}`);
    return type;
  }

  #whyNot(type: GraphQLObjectType, name: string): string {
    const fields = type.getFields();
    if (Object.hasOwn(fields, name)) return `${type.name}.${name} is no plain value`;
    const why = `${type.name} has no field ${name}`;
    const isAbove = this.#parentsOf(type).some((above) => this.#plainField(above, name));
    return isAbove
      ? `${why}: \`object\` is what has the field itself, and of the one above it is parent.${name}`
      : `${why}${didYouMean(name, Object.keys(fields))}`;
  }

  /** Parents may be of several types; it suffices that one has the field. */
  #ofParent(name: string, node: Node, { object, coordinate, before }: WhenPlace): TypeOf {
    if (before !== undefined) {
      throw new Misfit(`what is read before ${coordinate} has no parent`, node);
    }
    if (object === undefined || this.#isRoot(object)) {
      throw new Misfit(`there is no parent at ${coordinate} to look at`, node);
    }
    const above = this.#parentsOf(object);
    const found = above.flatMap((type) => {
      const value = this.#plainField(type, name);
      if (value !== undefined) this.looked.add(`${type.name}.${name}`);
      return value ?? [];
    });
    const [first] = found;
    if (first === undefined) {
      const names = above.map((type) => type.name).join(', ') || 'nothing but a root';
      throw new Misfit(`nothing above ${object.name} has a plain field ${name}: ${names}`, node);
    }
    const isOne = found.every((one) => one.value === first.value && one.isList === first.isList);
    return isOne ? first : { value: 'any', isList: false };
  }

  /** The type of a field that can be fetched in addition and compared; undefined if it cannot. */
  #plainField(type: GraphQLObjectType, name: string): TypeOf | undefined {
    const fields = type.getFields();
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field === undefined || field.args.some(isRequiredArgument)) return undefined;
    return this.#pinned.has(`${type.name}.${name}`) ? undefined : leafOf(field.type);
  }

  #isRoot(type: GraphQLObjectType): boolean {
    const schema = this.#schema;
    return type === schema.getQueryType() || type === schema.getMutationType();
  }

  /** Object types with a field that can return the type. */
  #parentsOf(type: GraphQLObjectType): readonly GraphQLObjectType[] {
    const known = this.#parents.get(type.name);
    if (known !== undefined) return known;
    const returns = (output: GraphQLType): boolean => {
      const named = getNamedType(output);
      return named === type || (isAbstractType(named) && this.#schema.isSubType(named, type));
    };
    const found = Object.values(this.#schema.getTypeMap()).filter(
      (one): one is GraphQLObjectType =>
        isObjectType(one) &&
        !one.name.startsWith('__') &&
        !this.#isRoot(one) &&
        Object.values(one.getFields()).some((field) => returns(field.type)),
    );
    this.#parents.set(type.name, found);
    return found;
  }
}

function fail(message: string, node: Node): never {
  throw new Misfit(message, node);
}

/** Rules with the same expression share one condition, but each has its own place for it. */
function placeOf({ text }: Expression, { whens }: AccessRule): SourceLocation | undefined {
  for (const [expression, source] of whens ?? []) if (expression.text === text) return source;
  return undefined;
}

function leafOf(type: GraphQLType): TypeOf | undefined {
  const nullable = getNullableType(type as GraphQLInputType);
  const isList = isListType(nullable);
  const inner = getNullableType(isList ? nullable.ofType : nullable);
  if (!isLeafType(inner) || isOpaque(inner)) return undefined;
  const value: ValueType = isEnumType(inner) ? 'text' : (valueTypes[inner.name] ?? 'any');
  return { value, isList };
}

const valueTypes: Readonly<Record<string, ValueType>> = {
  String: 'text',
  ID: 'text',
  Int: 'number',
  Float: 'number',
  Boolean: 'boolean',
};
