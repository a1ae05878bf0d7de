/**
 * What the public schema shows: nothing that no rule mentions, everything that somebody may have,
 * and no promise of a value that a refusal could break.
 */
import {
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  validateSchema,
} from 'graphql';
import type { Oracle } from './oracle.ts';

export function publicSchemaFaults(schema: GraphQLSchema, oracle: Oracle): string[] {
  const faults = validateSchema(schema).map((error) => error.message);
  for (const type of Object.values(oracle.schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    const shown = schema.getType(type.name);
    faults.push(...typeFaults(schema, isObjectType(shown) ? shown : undefined, type, oracle));
  }
  return faults;
}

function typeFaults(
  schema: GraphQLSchema,
  shown: GraphQLObjectType | undefined,
  type: GraphQLObjectType,
  oracle: Oracle,
): string[] {
  const { name } = type;
  const fields = shown?.getFields() ?? {};
  return Object.values(type.getFields()).flatMap(({ name: field, type: returned, args }) => {
    const coordinate = `${name}.${field}`;
    const seen = fields[field];
    if (seen === undefined) {
      // A type of which nothing is left falls, and what returns or needs it falls with it.
      const needed = [returned, ...args.filter(isRequiredArgument).map((each) => each.type)];
      const fallen = needed.some((each) => schema.getType(getNamedType(each).name) === undefined);
      // So does one that asks for a filter on what no rule lists.
      const closed = args
        .filter(isRequiredArgument)
        .some((each) =>
          oracle
            .filtersOn(name, `${field}(${each.name}:)`)
            .some((meant) => !oracle.lists(...meant)),
        );
      return shown === undefined || fallen || closed || oracle.grants(name, field).length === 0
        ? []
        : [`${coordinate} is granted, not shown`];
    }
    const faults: string[] = [];
    if (oracle.matches(name, field).size === 0)
      faults.push(`${coordinate} is shown, no rule says so`);
    // Conditions only ever grant more to the named than to the anonymous.
    const everyone = oracle.verdict(undefined, name, field) === 'yes';
    if (isNonNullType(seen.type) && !everyone)
      faults.push(`${coordinate} keeps its ! though refused to some`);
    if (isNonNullType(seen.type) && name === 'Query')
      faults.push(`${coordinate} keeps its ! at the root`);
    return faults;
  });
}
