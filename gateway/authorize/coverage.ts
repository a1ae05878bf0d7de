/**
 * Lists what the access policies leave out: coordinates that no rule covers and that therefore
 * exist for no caller. For operators who want to know whether that is intended.
 */
import { type GraphQLSchema, isInputObjectType } from 'graphql';
import { isOpaque } from './opaque.ts';
import type { Policy } from './policy.ts';

/**
 * Fields of objects and interfaces, then input fields that mutations reach, then arguments of
 * mutations that hold a structured scalar, in schema order.
 */
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
    ...[...inputs, ...structuredArguments(schema, policy)].filter((one) => !isListed(one)),
  ];
}

function structuredArguments(schema: GraphQLSchema, { fields, pins }: Policy): string[] {
  const mutation = schema.getMutationType();
  return Object.values(mutation?.getFields() ?? {}).flatMap(({ name, args }) => {
    const field = `${mutation?.name}.${name}`;
    // What is given to an unlisted field goes with it.
    if (fields.get(field)?.listed !== true) return [];
    const all = args.filter(({ type }) => isOpaque(type)).map((one) => `${field}(${one.name}:)`);
    return all.filter((one) => !pins.get(field)?.some(({ coordinate }) => coordinate === one));
  });
}
