/**
 * The implementation that everybody would write from the documentation: stitching with batched
 * type merging, graphql-shield rules by `applyMiddleware`, Yoga with its defaults. Each attack is
 * tried on it as well, so that a test of the gateway is known to be able to fail.
 *
 * shield and its middleware come from their CommonJS builds, the only ones that load and know
 * each other's classes.
 */
import { createRequire } from 'node:module';
import type { MergedTypeConfig, SubschemaConfig } from '@graphql-tools/delegate';
import { stitchSchemas } from '@graphql-tools/stitch';
import type { Executor } from '@graphql-tools/utils';
import { buildSchema, execute, type GraphQLSchema, graphql, parse, print } from 'graphql';
import type * as Middleware from 'graphql-middleware';
import type * as Shield from 'graphql-shield';
import { createYoga, type Plugin } from 'graphql-yoga';
import type { Joins } from '../../gateway/delegate/stitch/stitch-config.ts';
import type { QueryOptions, TestAnswer, TestUpstream } from '../support/gateway.ts';

const load = createRequire(import.meta.url);
const { shield, rule } = load('graphql-shield') as typeof Shield;
const { applyMiddleware } = load('graphql-middleware') as typeof Middleware;

type Rule = ReturnType<ReturnType<typeof rule>>;
type RuleTree = Parameters<typeof shield>[0];

export interface ObviousOptions {
  readonly upstreams: Readonly<Record<string, TestUpstream>>;
  readonly joins?: Joins;
  /** The rule tree, made from the rule that asks for a scope. Absent: no shield at all. */
  readonly rules?: (tools: { scope: (name: string) => Rule; rule: typeof rule }) => RuleTree;
  /** Envelop or Yoga plugins. */
  readonly plugins?: readonly object[];
}

export interface Obvious {
  query(query: string, about?: QueryOptions): Promise<TestAnswer>;
  /** Any body, as JSON. */
  post(body: unknown, about?: QueryOptions): Promise<TestAnswer>;
}

const url = 'http://obvious.test/graphql';

export function obvious(options: ObviousOptions): Obvious {
  const stitched = stitchSchemas({
    subschemas: Object.entries(options.upstreams).map(([name, upstream]) =>
      toSubschema(name, upstream, options.joins ?? {}),
    ),
  });
  const yoga = createYoga({
    schema: guard(stitched, options.rules),
    // Faults that an attack provokes would fill the report of the tests.
    logging: false,
    plugins: [...(options.plugins ?? [])] as Plugin[],
    context: ({ request }) => ({ scopes: (request.headers.get('x-scopes') ?? '').split(' ') }),
  });
  const post: Obvious['post'] = async (body, about = {}) => {
    const response = await yoga.fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...about.headers, ...scopesOf(about) },
      body: JSON.stringify(body),
      ...(about.signal && { signal: about.signal }),
    });
    const text = await response.text();
    const headers = Object.fromEntries(response.headers);
    return { status: response.status, headers, text, body: toJson(text) };
  };
  return {
    post,
    query: (query, about = {}) => {
      const { variables, operationName } = about;
      return post({ query, variables, operationName }, about);
    },
  };
}

/** An upstream that executes what it is sent; a lenient one does not validate it before. */
export function played(
  sdl: string,
  rootValue: object,
  about: { lenient?: boolean } = {},
): TestUpstream {
  const schema = buildSchema(sdl);
  return {
    sdl,
    answer: ({ query, variables: variableValues }) =>
      about.lenient === true
        ? execute({ schema, document: parse(query), rootValue, variableValues })
        : graphql({ schema, source: query, rootValue, variableValues }),
  };
}

function guard(schema: GraphQLSchema, rules: ObviousOptions['rules']): GraphQLSchema {
  if (rules === undefined) return schema;
  const scope = (name: string): Rule =>
    rule()(async (_parent, _args, context: { scopes: string[] }) => context.scopes.includes(name));
  return applyMiddleware(schema, shield(rules({ scope, rule })));
}

function toSubschema(name: string, upstream: TestUpstream, joins: Joins): SubschemaConfig {
  const executor = async ({ document, variables = {} }: Parameters<Executor>[0]) =>
    upstream.answer({ query: print(document), variables });
  const merge = Object.entries(joins).flatMap(([type, join]): [string, MergedTypeConfig][] => {
    const target = join[name];
    if (typeof target !== 'object') return [];
    const { field: fieldName, argument } = target;
    const read = (object: Record<string, unknown>) => object[join.key];
    const fetch =
      target.batch === true
        ? { key: read, argsFromKeys: (keys: readonly unknown[]) => ({ [argument]: keys }) }
        : { args: (object: Record<string, unknown>) => ({ [argument]: read(object) }) };
    return [[type, { selectionSet: `{ ${join.key} }`, fieldName, ...fetch }]];
  });
  return {
    schema: buildSchema(upstream.sdl),
    executor: executor as Executor,
    batch: true,
    merge: Object.fromEntries(merge),
  };
}

function scopesOf({ as }: QueryOptions): Record<string, string> {
  return as?.scopes === undefined ? {} : { 'x-scopes': as.scopes.join(' ') };
}

function toJson(text: string): TestAnswer['body'] {
  return text === '' ? {} : JSON.parse(text);
}
