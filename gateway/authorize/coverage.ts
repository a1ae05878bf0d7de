/**
 * Lists what the access policies leave out: coordinates that no rule covers and that therefore
 * exist for no caller. For operators who want to know whether that is intended.
 */
import { type GraphQLSchema, isInputObjectType } from 'graphql';
import type { Policy } from './policy.ts';

/** Fields of objects and interfaces, then input fields that mutations reach, in schema order. */
export function findUnlisted(schema: GraphQLSchema, policy: Policy): string[] {
  const fields = [...policy.fields.values()].filter(({ listed }) => !listed);
  const inputs = [...policy.writable].flatMap((typeName) => {
    const type = schema.getType(typeName);
    const names = isInputObjectType(type) ? Object.keys(type.getFields()) : [];
    return names.map((name) => `${typeName}.${name}`);
  });
  // Pinned inputs exist for no caller either, but a rule says so.
  const pinned = new Set([...policy.inputPins.values()].flat().map(({ hides }) => hides));
  const isListed = (name: string) => pinned.has(name) || policy.inputs.get(name)?.listed === true;
  return [
    ...fields.map(({ coordinate }) => coordinate),
    ...inputs.filter((coordinate) => !isListed(coordinate)),
  ];
}
