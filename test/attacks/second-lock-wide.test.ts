/** Shield is given a type of many fields in parts: the lock stands on each of them, once. */
import { buildSchema, graphql, isObjectType } from 'graphql';
import { expect, it } from 'vitest';
import { lockSchema } from '../../gateway/authorize/shield-lock.ts';
import { createConditionRules } from '../../gateway/authorize/shield-rules.ts';
import { anonymous, policyOf } from '../authorize/policy-rig.ts';

const names = Array.from({ length: 1_201 }, (_, at) => `f${at}`);
const wide = `type Query { ${names.map((name) => `${name}: String`).join(' ')} few: Few } type Few { a: String b: String }`;

it('a field is seen where a rule grants it and nowhere else, and its resolver runs once', async () => {
  const listed = names.filter((_, at) => at % 2 === 0);
  const policy = policyOf(
    wide,
    `- { name: half, fields: { Query: [few, ${listed.join(', ')}], Few: [a] }, allow: everyone }`,
  );
  const schema = buildSchema(wide);
  let ran = 0;
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      field.resolve = () => {
        ran += 1;
        return 'seen';
      };
    }
  }
  lockSchema(schema, policy, createConditionRules(policy.conditions));
  const record = {
    caller: anonymous,
    verdicts: { masked: [] },
    networks: [],
    startedAtMs: 0,
  };
  const source = `{ ${names.join(' ')} few { a b } }`;
  const { data } = await graphql({ schema, source, contextValue: { record } });
  const seen = Object.keys(data ?? {}).filter((name) => data?.[name] === 'seen');
  expect(seen).toEqual(listed);
  expect({ ...(data?.few as object) }).toEqual({ a: 'seen', b: null });
  expect(ran).toBe(listed.length + 2);
});
