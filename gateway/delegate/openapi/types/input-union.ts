/**
 * Input types of schemas with alternatives: one field for each alternative, of which exactly one is
 * given.
 */
import { GraphQLInputObjectType } from 'graphql';
import { namesOfShape, namesTaken, writeApart } from '../call/further-names.ts';
import { assignNames, toFieldName } from '../call/wire-names.ts';
import { type InputField, writeAlternative } from '../call/write-input.ts';
import type { ObjectShape, UnionMember, UnionShape } from '../document/schema-shape.ts';
import { type InputMaking, type InputObject, shareInput, toConfigs } from './input-object.ts';
import { membersByValue, type NamedMember } from './member-of.ts';
import type { TypePlace } from './type-place.ts';
import { nameOfMember } from './union-types.ts';

interface UnionMaking extends InputMaking {
  readonly toStructure: (
    shape: ObjectShape | UnionShape,
    place: TypePlace,
    making: InputMaking,
  ) => InputObject | undefined;
}

interface Alternative {
  readonly member: UnionMember;
  readonly label: string;
  readonly object: InputObject;
}

/** Undefined if an alternative has no property that may be written. */
export function toInputUnion(
  shape: UnionShape,
  place: TypePlace,
  making: UnionMaking,
): InputObject | undefined {
  const { space, toStructure } = making;
  const own = space.wantedName(shape.source, place.hint);
  const members = shape.members.map((member, index): Alternative | undefined => {
    const label = nameOfMember(member, index, space);
    const object = toStructure(member.shape, { ...place, hint: `${own}${label}` }, making);
    return object && { member, label, object };
  });
  const alternatives = members.filter((each) => each !== undefined);
  if (alternatives.length < members.length) return undefined;
  return shareInput(shape, place, making, (name) => makeUnion(name, shape, alternatives, making));
}

function makeUnion(
  name: string,
  shape: UnionShape,
  alternatives: readonly Alternative[],
  { space, refuse }: InputMaking,
): InputObject {
  const names = assignNames(alternatives.keys(), {
    toName: (index) => lowerFirst(toFieldName(alternatives[index]?.label ?? '')),
    collided: (_, got) => space.note(`${name}.${got}`, 'two alternatives have one name'),
  });
  // A further property must not write a name that has a rule in another alternative.
  const isTaken = namesTaken(namesOfShape(shape));
  const fields: InputField[] = alternatives.map(({ member, object }, index) => ({
    name: names.get(index) ?? '',
    wire: undefined,
    config: { type: object.type },
    write: writeApart(object.write, member.shape, { isTaken, refuse }),
  }));
  const members: NamedMember[] = alternatives.map(({ member }, index) => ({
    member,
    typeOf: () => fields[index]?.name,
  }));
  const byValue = membersByValue({ shape, members, componentOf: space.componentOf });
  return {
    type: new GraphQLInputObjectType({
      name,
      description: 'Exactly one of these.',
      fields: () => toConfigs(fields),
    }),
    write: (value) => writeAlternative(fields, value, { name, shape, byValue, refuse }),
  };
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
