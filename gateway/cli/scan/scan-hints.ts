/**
 * Collects what upstream descriptions say of values besides their types, by coordinate of the
 * graph: formats and extensions of OpenAPI documents, directives of SDL. Patterns are tried on
 * samples, in bounded time.
 */
import {
  type ConstDirectiveNode,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isInputObjectType,
  isIntrospectionType,
  isObjectType,
  Kind,
} from 'graphql';
import type { KindHints } from '../../authorize/sensitive/sensitive-hints.ts';
import { patternOf } from '../../delegate/openapi/call/check-leaf.ts';
import { hintsOf } from '../../delegate/openapi/document/schema-hints.ts';
import type { LoadedGraph } from '../../graph.ts';

type Described = GraphQLField<unknown, unknown> | GraphQLArgument | GraphQLInputField;

export function collectHints({
  subgraphs,
}: Pick<LoadedGraph, 'subgraphs'>): ReadonlyMap<string, KindHints> {
  const found = new Map<string, KindHints>();
  for (const { schema } of subgraphs.values()) {
    for (const [coordinate, one] of describedIn(schema)) {
      const hints = toHints(one);
      if (hints !== undefined) found.set(coordinate, together(found.get(coordinate), hints));
    }
  }
  return found;
}

function* describedIn(schema: GraphQLSchema): Generator<readonly [string, Described]> {
  for (const type of Object.values(schema.getTypeMap())) {
    if (isIntrospectionType(type)) continue;
    if (!isInputObjectType(type) && !isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const own = `${type.name}.${field.name}`;
      yield [own, field];
      if (!('args' in field)) continue;
      for (const one of field.args) yield [`${own}(${one.name}:)`, one];
    }
  }
}

/** Merges hints, because a join's key is described by two upstreams. */
function together(known: KindHints | undefined, { formats, ...more }: KindHints): KindHints {
  if (known === undefined) return { formats, ...more };
  return {
    formats: [...known.formats, ...formats],
    accepts: [...known.accepts, ...more.accepts],
    names: [...known.names, ...more.names],
    marks: [...known.marks, ...more.marks],
  };
}

function toHints({ extensions, astNode, type }: Described): KindHints | undefined {
  const written = hintsOf(extensions);
  const directives = [...(astNode?.directives ?? []), ...directivesOf(getNamedType(type))];
  if (written === undefined && directives.length === 0) return undefined;
  const given = directives.flatMap(({ arguments: args = [] }) => args);
  const texts = (name: string): string[] =>
    given.flatMap(({ name: { value }, value: node }) =>
      value === name && node.kind === Kind.STRING ? [node.value] : [],
    );
  const { formats = [], patterns = [], names = [], marks = [] } = written ?? {};
  return {
    formats: [...formats, ...texts('format')],
    accepts: [...patterns, ...texts('pattern')].flatMap(acceptedBy),
    names,
    marks: [...marks, ...directives.flatMap(toMarks)],
  };
}

const directivesOf = (type: GraphQLNamedType): readonly ConstDirectiveNode[] =>
  type.astNode?.directives ?? [];

function toMarks({ name: { value: name }, arguments: args = [] }: ConstDirectiveNode) {
  const values = args.map(({ value }) => ('value' in value ? String(value.value) : ''));
  return (values.length === 0 ? ['true'] : values).map((value) => ({ name, value }));
}

interface Sample {
  readonly kind: string;
  readonly accepted: readonly string[];
  /** Values accepted only by patterns of another kind, or by unspecific ones. */
  readonly refused: readonly string[];
}

const samples: readonly Sample[] = [
  {
    kind: 'ssn',
    accepted: ['123-45-6789', '078-05-1120'],
    refused: ['abc-de-fghi', '2020-01-01', '1234-56-789', '12345', '123-456-7890', 'x'],
  },
  {
    kind: 'iban',
    accepted: ['DE89370400440532013000', 'GB29NWBK60161331926819'],
    refused: ['ABCDEFGHIJKLMNOPQRSTUV', '1234567890123456789012', 'x', 'Ada Lovelace'],
  },
  {
    kind: 'cardNumber',
    accepted: ['4111111111111111', '5500005555555559'],
    refused: ['411111111111111a', '12345', '123456789', 'x', '41111111111111111111111'],
  },
  {
    kind: 'phone',
    accepted: ['+14155552671', '+442071838750'],
    refused: ['x', 'abc', '12-2020', '2020-01-01', 'a@example.com'],
  },
];

/** The kinds of samples that a pattern describes; empty if it cannot be tried. */
function acceptedBy(pattern: string): readonly string[] {
  const find = patternOf(pattern);
  if (find === undefined) return [];
  const accepts = (text: string): boolean => find(text, { left: 100_000 }) === true;
  return samples
    .filter(({ accepted, refused }) => accepted.every(accepts) && !refused.some(accepts))
    .map(({ kind }) => kind);
}
