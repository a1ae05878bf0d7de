/** Which arguments of a write `check` takes for keys of other objects than the one that is read before it. */
import { buildSchema } from 'graphql';
import { expect, it } from 'vitest';
import { compilePolicy } from '../../gateway/authorize/compile-policy.ts';
import { findWriteCoverage } from '../../gateway/authorize/write-coverage.ts';
import { rulesOf } from './policy-rig.ts';

const schema = buildSchema(`
  type Query { staff(id: ID!): Staff byEmail(email: String!): Staff all(team: String!): [Staff] }
  type Mutation {
    rename(
      id: ID!, bossId: String, boss_id: Int, uuid: String, staffUuid: String, guid: String, staff_key: String
      slug: String, ref: UUID, email: String, team: String, name: String, monkey: String, valid: Boolean
    ): Boolean
  }
  scalar UUID
  type Staff { id: ID! boss: ID }
`);
const rules = rulesOf(
  '- { name: open, fields: { Query: [staff] }, allow: everyone }\n- { name: own, fields: { Mutation: [rename] }, object: "Query.staff(id: args.id)", allow: { when: object.boss == claims.sub } }',
);

it('are those that are called so, typed so, or by which a query finds one', () => {
  const policy = compilePolicy(schema, rules, { anonymousAllowed: true });
  const keys = 'bossId boss_id uuid staffUuid guid staff_key slug ref email'.split(' ');
  expect(findWriteCoverage(schema, policy).otherKeys).toEqual(
    keys.map((name) => `Mutation.rename(${name}:)`),
  );
});
