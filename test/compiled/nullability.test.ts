/** What an upstream lets be null must have a place in the graph, at every depth of a list. */
import { buildSchema, type GraphQLObjectType, type GraphQLOutputType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { refuseStricter } from '../../gateway/compiled/nullability.ts';
import { Unsupported } from '../../gateway/compiled/program.ts';

function typeOf(text: string): GraphQLOutputType {
  const query = buildSchema(`type Query { f: ${text} }`).getQueryType() as GraphQLObjectType;
  return query.getFields().f?.type as GraphQLOutputType;
}

describe('a type of the graph over that of its upstream', () => {
  const compare = ({ upstream, graph }: { upstream: string; graph: string }) =>
    refuseStricter({ type: typeOf(upstream) }, { type: typeOf(graph) });

  it.each([
    { upstream: 'Int', graph: 'Int' },
    { upstream: 'Int!', graph: 'Int!' },
    { upstream: 'Int!', graph: 'Int' },
    { upstream: '[Int!]!', graph: '[Int]' },
    { upstream: '[[Int!]!]!', graph: '[[Int]]' },
  ])('$upstream does as $graph', (types) => {
    expect(() => compare(types)).not.toThrow();
  });

  it.each([
    { upstream: 'Int', graph: 'Int!' },
    { upstream: '[Int]!', graph: '[Int!]!' },
    { upstream: '[Int!]', graph: '[Int!]!' },
    { upstream: '[[Int]!]', graph: '[[Int!]!]' },
    { upstream: '[[Int!]]', graph: '[[Int!]!]' },
    { upstream: 'Int', graph: '[Int]' },
    { upstream: '[Int]', graph: 'Int' },
    { upstream: '[Int]', graph: '[[Int]]' },
  ])('$upstream does not do as $graph', (types) => {
    expect(() => compare(types)).toThrow(Unsupported);
  });
});
