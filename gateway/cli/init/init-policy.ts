/**
 * Proposes an access policy for one upstream: names every readable field, so that fields added
 * later stay closed; gives a class and a scope to what sounds sensitive; leaves out structured
 * scalars, which rules cannot look into.
 */
import {
  type GraphQLField,
  getNamedType,
  isInterfaceType,
  isLeafType,
  isObjectType,
} from 'graphql';
import { isOpaque } from '../../authorize/opaque.ts';
import { proposeClass } from '../../authorize/sensitive-names.ts';
import { ownTypes } from '../../delegate/stitch/stitch-conflicts.ts';
import type { FittedUpstream } from './init-compose.ts';

export interface ProposedRule {
  readonly name: string;
  readonly class: string | undefined;
  readonly scope: string;
  /** Field names by type. */
  readonly fields: Map<string, string[]>;
}

export interface ProposedPolicy {
  readonly rules: readonly ProposedRule[];
  /** Coordinates of structured scalars, left closed. */
  readonly opaque: readonly string[];
}

/**
 * `has` tells whether an earlier upstream's policy names the type. A type that sounds sensitive
 * (`BankAccount`) lends its class to its own values whose names say nothing.
 */
export function proposePolicy(
  { given: { name: upstream }, schema, prefix = '' }: FittedUpstream,
  has: (type: string) => boolean,
): ProposedPolicy {
  const rules: ProposedRule[] = [];
  const opaque: string[] = [];
  const owners = [schema.getQueryType(), ...ownTypes(schema)];
  for (const type of owners) {
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    const typeName = type === schema.getQueryType() ? 'Query' : type.name;
    if (typeName !== 'Query' && has(typeName)) continue;
    const ofType = typeName === 'Query' ? undefined : proposeClass(type.name.slice(prefix.length));
    for (const field of Object.values(type.getFields())) {
      if (isOpaque(field.type)) {
        opaque.push(`${typeName}.${field.name}`);
        continue;
      }
      const proposed = proposeClass(field.name) ?? (isOwnValue(field) ? ofType : undefined);
      addName(ruleFor(rules, upstream, { proposed, type: typeName }), typeName, field.name);
    }
  }
  return { rules, opaque };
}

/** Names common to all objects, used by orders and filters of a whole API. */
const common =
  /^(?:id|ids|uuid|cursor|version)$|^(?:created|updated|modified|archived|deleted)(?:_?(?:at|on|date))?$/i;

/** Excludes objects, which are judged by their own type. */
function isOwnValue({ name, type }: GraphQLField<unknown, unknown>): boolean {
  return isLeafType(getNamedType(type)) && !common.test(name);
}

/** Most names of one type in one rule of a policy file. */
const namesMax = 5_000;

function ruleFor(
  rules: ProposedRule[],
  upstream: string,
  { proposed, type }: { readonly proposed: string | undefined; readonly type: string },
): ProposedRule {
  const ofClass = rules.filter((rule) => rule.class === proposed);
  const known = ofClass.at(-1);
  if (known !== undefined && (known.fields.get(type)?.length ?? 0) < namesMax) return known;
  const name = proposed === undefined ? `${upstream}-reads` : `${upstream}-${proposed}`;
  const rule: ProposedRule = {
    name: known === undefined ? name : `${name}-${ofClass.length + 1}`,
    class: proposed,
    scope: proposed === undefined ? `${upstream}:read` : `${upstream}:${proposed}:read`,
    fields: new Map(),
  };
  rules.push(rule);
  return rule;
}

function addName({ fields }: ProposedRule, type: string, name: string): void {
  const names = fields.get(type) ?? [];
  if (!names.includes(name)) names.push(name);
  fields.set(type, names);
}
