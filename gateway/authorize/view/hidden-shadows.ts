/**
 * Notes what rules in shadow mode would have granted of a document that was refused because its
 * fields do not exist for the caller: such a field stays unknown until its rule is in force, and
 * the rule's author wants to know who asks for it meanwhile.
 *
 * Parses the text once more, without expanding fragments, and only if such a rule is in shadow
 * mode.
 */
import {
  type GraphQLNamedType,
  type GraphQLSchema,
  isAbstractType,
  parse,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type { Refusal } from '../../decision.ts';
import { splitCoordinate } from '../../graph/coordinate.ts';
import type { ShadowEffect } from '../../shadow.ts';
import { decide } from '../decide.ts';
import type { Grants } from '../grants.ts';
import type { Policy, ShadowRule } from '../policy.ts';
import { hasCoordinate } from '../schema-coordinates.ts';

/** Undefined if nothing would have been granted. */
export type HiddenShadows = (
  refusal: Refusal,
  text: string,
  caller: { readonly grants: Grants; readonly schema: GraphQLSchema },
) => readonly ShadowEffect[] | undefined;

/** Undefined if no rule in shadow mode grants anything. */
export function createHiddenShadows(
  schema: GraphQLSchema,
  policy: Policy,
): HiddenShadows | undefined {
  const granting = policy.shadows.filter(({ rule }) => rule.allow !== undefined);
  if (granting.length === 0) return undefined;
  const touched = new Set(granting.flatMap(({ touches }) => [...touches]));
  const names = new Set([...touched].map((one) => splitCoordinate(one)[1]));
  return ({ reason }, text, { grants, schema: seen }) => {
    if (reason !== 'limits/invalid') return undefined;
    // A field that the caller can see was refused for another reason, if at all.
    const asked = coordinatesIn(schema, text, names).filter(
      (one) => touched.has(one) && !hasCoordinate(seen, one),
    );
    const effects = granting.flatMap((shadow): ShadowEffect[] => {
      const coordinates = asked.filter((one) => isGranted(one, policy, shadow, grants));
      if (coordinates.length === 0) return [];
      return [{ kind: 'access', rule: shadow.rule.name, effect: 'grant', coordinates }];
    });
    return effects.length === 0 ? undefined : effects;
  };
}

function isGranted(
  coordinate: string,
  policy: Policy,
  shadow: ShadowRule,
  grants: Grants,
): boolean {
  if (!shadow.touches.has(coordinate)) return false;
  const [now, then] = [policy.fields.get(coordinate), shadow.policy.fields.get(coordinate)];
  if (now === undefined || then === undefined) return false;
  return decide(now, grants).kind === 'refuse' && decide(then, grants).kind !== 'refuse';
}

/** Fields with these names, each once. The text has been parsed before, under limits. */
function coordinatesIn(
  schema: GraphQLSchema,
  text: string,
  names: ReadonlySet<string>,
): readonly string[] {
  const places = new Map<string, readonly string[]>();
  const info = new TypeInfo(schema);
  const Field = (): void => {
    const name = info.getFieldDef()?.name;
    const parent = info.getParentType();
    if (name === undefined || parent == null || !names.has(name)) return;
    const place = `${parent.name}.${name}`;
    if (places.has(place)) return;
    const types = typesAt(schema, parent);
    places.set(
      place,
      types.map((type) => `${type}.${name}`),
    );
  };
  visit(parse(text), visitWithTypeInfo(info, { Field }));
  return [...new Set([...places.values()].flat())];
}

const typesAt = (schema: GraphQLSchema, type: GraphQLNamedType): readonly string[] =>
  isAbstractType(type)
    ? [type.name, ...schema.getPossibleTypes(type).map(({ name }) => name)]
    : [type.name];
