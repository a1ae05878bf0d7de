/**
 * Operations that use one coordinate, by every way that passes no type twice, with every choice of
 * values where a required argument leaves one. Exhaustive and slow: for small schemas.
 */
import {
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql';

export interface Way {
  readonly text: string;
  /** The field that the coordinate is, or is given on. */
  readonly field: string;
}

/** A literal, and the coordinates of input fields and enum values in it. */
interface Literal {
  readonly text: string;
  readonly uses: readonly string[];
}

type Wrap = (selection: string) => string;

const literalDepthMax = 4;

export function documentsFor(schema: GraphQLSchema, coordinate: string): Way[] {
  const roots = [schema.getQueryType(), schema.getMutationType()] as const;
  return roots.flatMap((root, index) => {
    if (!root) return [];
    const wrap: Wrap = (selection) => `${index === 0 ? 'query' : 'mutation'} { ${selection} }`;
    return from(schema, root, { coordinate, wrap, passed: [] });
  });
}

function from(
  schema: GraphQLSchema,
  type: GraphQLObjectType,
  at: { coordinate: string; wrap: Wrap; passed: readonly string[] },
): Way[] {
  if (at.passed.includes(type.name)) return [];
  const passed = [...at.passed, type.name];
  return Object.values(type.getFields()).flatMap((field) => {
    const own = `${type.name}.${field.name}`;
    const named = getNamedType(field.type);
    const leaf = isCompositeType(named) ? ' { __typename }' : '';
    const here = callsOf(own, field)
      .filter(({ uses }) => own === at.coordinate || uses.includes(at.coordinate))
      .map(({ text }) => ({ text: at.wrap(`${text}${leaf}`), field: own }));
    const possible = isAbstractType(named) ? schema.getPossibleTypes(named) : [named];
    const below = possible.filter(isObjectType).flatMap((next) =>
      requiredCallsOf(own, field).flatMap(({ text }) => {
        const inside: Wrap = (selection) =>
          at.wrap(`${text} { ... on ${next.name} { ${selection} } }`);
        return from(schema, next, { coordinate: at.coordinate, wrap: inside, passed });
      }),
    );
    return [...here, ...below];
  });
}

/** With what is required alone. */
function requiredCallsOf(own: string, field: GraphQLField<unknown, unknown>): Literal[] {
  const choices = field.args
    .filter(isRequiredArgument)
    .map((one) => given(`${own}(${one.name}:)`, one.name, literals(one.type, 0)));
  return product(choices).map((one) => ({
    text: `${field.name}${one.text === '' ? '' : `(${one.text})`}`,
    uses: one.uses,
  }));
}

/** With what is required, and with any one other argument. */
function callsOf(own: string, field: GraphQLField<unknown, unknown>): Literal[] {
  const others = field.args.filter((one) => !isRequiredArgument(one));
  return [undefined, ...others].flatMap((extra) => {
    const args = field.args.filter((one) => isRequiredArgument(one) || one === extra);
    const choices = args.map((one) =>
      given(`${own}(${one.name}:)`, one.name, literals(one.type, 0)),
    );
    return product(choices).map((one) => ({
      text: `${field.name}${one.text === '' ? '' : `(${one.text})`}`,
      uses: one.uses,
    }));
  });
}

const given = (coordinate: string, name: string, values: readonly Literal[]): Literal[] =>
  values.map(({ text, uses }) => ({ text: `${name}: ${text}`, uses: [coordinate, ...uses] }));

const product = (choices: readonly (readonly Literal[])[]): Literal[] =>
  choices.reduce<Literal[]>(
    (all, some) =>
      all.flatMap((one) =>
        some.map((other) => ({
          text: [one.text, other.text].filter((text) => text !== '').join(', '),
          uses: [...one.uses, ...other.uses],
        })),
      ),
    [{ text: '', uses: [] }],
  );

/** Values of a type: null and the empty list too. */
function literals(type: GraphQLInputType, depth: number): Literal[] {
  if (depth > literalDepthMax) return isNonNullType(type) ? [] : [{ text: 'null', uses: [] }];
  if (isNonNullType(type)) {
    return literals(type.ofType, depth).filter(({ text }) => text !== 'null');
  }
  const nothing = { text: 'null', uses: [] };
  if (isListType(type)) {
    const items = literals(type.ofType, depth).filter(({ text }) => text !== 'null');
    const lists = items.map(({ text, uses }) => ({ text: `[${text}]`, uses }));
    return [nothing, { text: '[]', uses: [] }, ...lists];
  }
  const named = getNamedType(type);
  if (isEnumType(named)) {
    const values = named.getValues().map(({ name }) => name);
    return [nothing, ...values.map((name) => ({ text: name, uses: [`${named.name}.${name}`] }))];
  }
  if (!isInputObjectType(named)) return [nothing, { text: '"1"', uses: [] }];
  const fields = Object.values(named.getFields());
  const others = fields.filter((one) => !isRequiredInputField(one));
  const objects = [undefined, ...others].flatMap((extra) => {
    const kept = fields.filter((one) => isRequiredInputField(one) || one === extra);
    const choices = kept.map((one) =>
      given(`${named.name}.${one.name}`, one.name, literals(one.type, depth + 1)),
    );
    return product(choices).map(({ text, uses }) => ({ text: `{ ${text} }`, uses }));
  });
  return [nothing, ...objects];
}
