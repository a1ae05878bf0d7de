import { buildSchema, type GraphQLOutputType } from 'graphql';
import { expect, it } from 'vitest';
import { listDepthOf } from '../../gateway/graph/list-depth.ts';

it.each([
  ['Int!', 0],
  ['[Int]', 1],
  ['[Int!]!', 1],
  ['[[Int!]!]!', 2],
])('the lists of %s are %i', (text, lists) => {
  const fields = buildSchema(`type Query { f: ${text} }`).getQueryType()?.getFields();
  expect(listDepthOf(fields?.f?.type as GraphQLOutputType)).toBe(lists);
});
