/** Expands a list of names, interfaces included, to coordinates; for rules that grant nothing. */
import type { GraphQLSchema } from 'graphql';
import { ConfigError } from '../../files/config-error.ts';
import type { SourceLocation } from '../../files/source-location.ts';
import type { AccessRule, RuleField } from './access-file.ts';
import { matchRules } from './match-rules.ts';

/** Throws ConfigError if the schema that callers see has no such field. */
export function coordinatesOf(
  schema: GraphQLSchema,
  about: { name: string; source: SourceLocation; fields: readonly RuleField[] },
): readonly string[] {
  const rule: AccessRule = {
    name: about.name,
    source: about.source,
    classes: [],
    fields: about.fields,
    types: [],
    pins: [],
    allow: undefined,
    require: undefined,
    forbid: false,
    otherwise: undefined,
  };
  const { fields, problems } = matchRules(schema, [rule]);
  if (problems.length > 0) throw new ConfigError(problems);
  return [...fields.keys()];
}
