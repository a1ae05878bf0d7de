/**
 * Explains why a listed field is missing from the schema: a type that it needs has no field or
 * input opened by a rule.
 */
import {
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  isInputObjectType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql';
import type { Policy } from '../../authorize/policy.ts';
import { splitCoordinate } from '../../graph/coordinate.ts';

interface About {
  readonly policy: Pick<Policy, 'inputs'>;
  readonly executable: GraphQLSchema;
  /** The public schema. */
  readonly schema: GraphQLSchema;
}

/** Returns one line that starts with the coordinate. */
export function explainFallen(coordinate: string, about: About): string {
  const [typeName, name] = splitCoordinate(coordinate);
  const type = about.executable.getType(typeName);
  const field = isObjectType(type) ? type.getFields()[name] : undefined;
  const why = field === undefined ? [] : missingOf(field, about);
  return `${coordinate}: hidden with what it needs${why.length === 0 ? '' : `: ${why.join(', and ')}`}`;
}

function missingOf(field: GraphQLField<unknown, unknown>, { policy, schema, executable }: About) {
  const given = field.args.filter(isRequiredArgument).map(({ type }) => type);
  const names = [field.type, ...given].map((type) => getNamedType(type).name);
  return [...new Set(names)].flatMap((name) => {
    const type = executable.getType(name);
    if (schema.getType(name) !== undefined) return [];
    const isOpen = (input: string) => policy.inputs.get(`${name}.${input}`)?.listed === true;
    const closed = isInputObjectType(type)
      ? Object.values(type.getFields()).filter(
          (one) => isRequiredInputField(one) && !isOpen(one.name),
        )
      : [];
    return closed.length === 0
      ? `no rule opens a field of ${name}`
      : `no rule opens ${closed.map((one) => `${name}.${one.name}`).join(', ')}`;
  });
}
