/**
 * What a document asks for that exists in the unified graph and for no caller: fields that no rule
 * lists, and arguments and input fields that are nobody's to write. Callers are told that there is
 * none; who wrote the rules is told which, and why.
 */
import {
  type FieldNode,
  type GraphQLSchema,
  getNamedType,
  isInputObjectType,
  type ObjectFieldNode,
  parse,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type { Policy } from '../../authorize/policy.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';

export interface ClosedPlace {
  readonly code: 'unlisted' | 'pinned';
  readonly coordinate: string;
  readonly message: string;
}

/** Each coordinate once, in the order of the document, which must parse. */
export function closedIn(
  text: string,
  { executable, policy, limits, public: { schema } }: Snapshot,
): readonly ClosedPlace[] {
  const found = new Map<string, ClosedPlace>();
  const pinned = pinnedBy(policy);
  const add = (coordinate: string): void => {
    found.set(coordinate, toPlace(coordinate, pinned.get(coordinate)));
  };
  const types = new TypeInfo(executable);
  const Field = ({ arguments: given = [] }: FieldNode): void => {
    const field = types.getFieldDef();
    const coordinate = `${types.getParentType()?.name}.${field?.name}`;
    if (policy.fields.get(coordinate)?.listed === false) add(coordinate);
    const pins = given.map(({ name }) => `${coordinate}(${name.value}:)`);
    for (const pin of pins) if (pinned.has(pin)) add(pin);
  };
  const ObjectField = ({ name: { value: name } }: ObjectFieldNode): void => {
    const parent = getNamedType(types.getParentInputType());
    if (parent && hasInput(executable, parent.name, name) && !hasInput(schema, parent.name, name)) {
      add(`${parent.name}.${name}`);
    }
  };
  const visitor = visitWithTypeInfo(types, { Field, ObjectField });
  visit(parse(text, { maxTokens: limits.tokens }), visitor);
  return [...found.values()];
}

function toPlace(coordinate: string, rule: string | undefined): ClosedPlace {
  return rule === undefined
    ? {
        code: 'unlisted',
        coordinate,
        message: `${coordinate} does not exist for callers: no rule lists it`,
      }
    : {
        code: 'pinned',
        coordinate,
        message: `${coordinate} is fixed from the token: rule ${rule} pins it, so leave it out`,
      };
}

/** The rule that pins an argument or an input field, by coordinate. */
function pinnedBy({ pins, inputPins }: Policy): ReadonlyMap<string, string> {
  const whole = [...pins.values()].flat();
  const inner = [...inputPins.values()].flat();
  return new Map([
    ...whole.map(({ coordinate, rule }) => [coordinate, rule.name] as const),
    ...inner.map(({ hides, rule }) => [hides, rule.name] as const),
  ]);
}

function hasInput(schema: GraphQLSchema, typeName: string, name: string): boolean {
  const type = schema.getType(typeName);
  return isInputObjectType(type) && Object.hasOwn(type.getFields(), name);
}
