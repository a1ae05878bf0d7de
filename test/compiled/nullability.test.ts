/** What an upstream lets be null must have a place in the graph, at every depth of a list. */
import { buildSchema, type GraphQLObjectType, type GraphQLOutputType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { listDepthOf, refuseStricter } from '../../gateway/compiled/nullability.ts';
import { Unsupported } from '../../gateway/compiled/program.ts';

function typeOf(text: string): GraphQLOutputType {
  const query = buildSchema(`type Query { f: ${text} }`).getQueryType() as GraphQLObjectType;
  return query.getFields().f?.type as GraphQLOutputType;
}

describe('a type of the graph over that of its upstream', () => {
  it.each([
    { upstream: 'Int', graph: 'Int', fits: true },
    { upstream: 'Int!', graph: 'Int!', fits: true },
    { upstream: 'Int!', graph: 'Int', fits: true },
    { upstream: 'Int', graph: 'Int!', fits: false },
    { upstream: '[Int!]!', graph: '[Int]', fits: true },
    { upstream: '[Int]!', graph: '[Int!]!', fits: false },
    { upstream: '[Int!]', graph: '[Int!]!', fits: false },
    { upstream: '[[Int]!]', graph: '[[Int!]!]', fits: false },
    { upstream: '[[Int!]]', graph: '[[Int!]!]', fits: false },
    { upstream: '[[Int!]!]!', graph: '[[Int]]', fits: true },
    { upstream: 'Int', graph: '[Int]', fits: false },
    { upstream: '[Int]', graph: 'Int', fits: false },
    { upstream: '[Int]', graph: '[[Int]]', fits: false },
  ])('$upstream as $graph: $fits', ({ upstream, graph, fits }) => {
    const compare = () => refuseStricter({ type: typeOf(upstream) }, { type: typeOf(graph) });
    if (fits) expect(compare).not.toThrow();
    else expect(compare).toThrow(Unsupported);
  });
});

it.each([
  ['Int!', 0],
  ['[Int]', 1],
  ['[Int!]!', 1],
  ['[[Int!]!]!', 2],
])('the lists of %s are %i', (text, lists) => {
  expect(listDepthOf(typeOf(text))).toBe(lists);
});
