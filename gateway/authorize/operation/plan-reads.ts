/**
 * Plans what is read before a root field of a mutation: a query of the gateway's own that selects
 * only what the open conditions look at. It holds no value; its arguments are variables that each
 * request fills.
 */
import {
  type FieldNode,
  GraphQLNonNull,
  getNullableType,
  Kind,
  OperationTypeNode,
  parseType,
  type VariableDefinitionNode,
} from 'graphql';
import { toVariable } from '../../plan/own-variables.ts';
import type { ReadBefore } from '../../plan/plan.ts';
import type { CompiledRead } from '../compile-reads.ts';
import type { Policy } from '../policy.ts';
import { toAliased } from './plan-nodes.ts';
import { PlanPins } from './plan-pins.ts';

const prefix = 'fgw_';

/** For the conditions with these numbers; empty if none looks at what is read. */
export function planReads(
  policy: Policy,
  coordinate: string,
  conditions: readonly number[],
): readonly ReadBefore[] {
  const looked = new Map<string, Set<string>>();
  for (const number of conditions) {
    for (const [text, names] of policy.perUse.get(number)?.before ?? []) {
      looked.set(text, new Set([...(looked.get(text) ?? []), ...names]));
    }
  }
  const known = policy.writes.get(coordinate) ?? [];
  return [...looked].map(([text, names]) => {
    const found = known.find(({ read }) => read.text === text);
    if (found === undefined) throw new Error(`${coordinate} has no such read before it`);
    return planRead(policy, found, names);
  });
}

function planRead(
  policy: Policy,
  { read, isList, given }: CompiledRead,
  names: ReadonlySet<string>,
): ReadBefore {
  const rawKey = `${prefix}${read.field}`;
  const asked = given.map(({ definition, stated, ...one }, index) => ({
    ...one,
    definition,
    variable: `fgr${index}`,
    stated: stated && `${prefix}${stated}`,
  }));
  const stated = given.flatMap((one) => one.stated ?? []);
  const selections = [...new Set([...names, ...stated])].map((name) =>
    toAliased(`${prefix}${name}`, name),
  );
  const definitions = asked.map(({ variable, definition: { type } }): VariableDefinitionNode => {
    const declared = parseType(String(new GraphQLNonNull(getNullableType(type))));
    return { kind: Kind.VARIABLE_DEFINITION, variable: toVariable(variable), type: declared };
  });
  const bare: FieldNode = {
    ...toAliased(rawKey, read.field),
    arguments: asked.map(({ argument, variable }) => ({
      kind: Kind.ARGUMENT,
      name: { kind: Kind.NAME, value: argument },
      value: toVariable(variable),
    })),
    selectionSet: { kind: Kind.SELECTION_SET, selections },
  };
  const pins = new PlanPins(policy, { variableDefinitions: definitions });
  const node = pins.fix(`Query.${read.field}`, bare);
  const variableDefinitions = [...definitions, ...pins.definitions()];
  return {
    read: read.text,
    rawKey,
    isList,
    prefix,
    given: asked.map(({ variable, path, stated, isList, as, leaf }) => {
      return { variable, path, stated, isList, as, leaf };
    }),
    operation: {
      type: OperationTypeNode.QUERY,
      document: {
        kind: Kind.DOCUMENT,
        definitions: [
          {
            kind: Kind.OPERATION_DEFINITION,
            operation: OperationTypeNode.QUERY,
            variableDefinitions,
            selectionSet: { kind: Kind.SELECTION_SET, selections: [node] },
          },
        ],
      },
      variableNames: variableDefinitions.map(({ variable }) => variable.name.value),
      pins: pins.variables(),
    },
  };
}
