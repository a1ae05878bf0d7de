/**
 * Reads a GraphQL upstream's pinned SDL into the schema that the gateway trusts, whatever the
 * upstream says of itself later.
 *
 * Refuses to start on SDL that does not build, on names reserved for the gateway, on writes
 * reachable from a query, and on operations missing from the SDL. Subscriptions are left out.
 */
import { pruneSchema } from '@graphql-tools/utils';
import { closest } from 'fastest-levenshtein';
import {
  buildASTSchema,
  type DocumentNode,
  GraphQLError,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  parse,
  Source,
  validateSchema,
} from 'graphql';
import { validateSDL } from 'graphql/validation/validate.js';
import { MisfitError } from '../../files/misfit-error.ts';
import { splitCoordinate } from '../../graph/coordinate.ts';
import { isReservedName } from '../../graph/reserved-name.ts';
import { leaveDefaults } from './graphql-defaults.ts';
import { prefixTypes } from './graphql-wire-names.ts';
import { boundedSdl, readSdl } from './read-sdl.ts';

export interface GraphqlSubgraphOptions {
  readonly upstream: string;
  /** Path of the SDL, or the SDL itself in `sdl`: exactly one of the two. */
  readonly file?: string;
  readonly sdl?: string;
  /** `Query.employees`, `Mutation.pay`: the only root fields kept; absent: all of them. */
  readonly operations?: readonly string[];
  /** Prefix of its type names in the graph, such as `Payroll_`. */
  readonly prefix?: string | undefined;
}

/** The upstream's part of the graph; throws with file, line and column if the SDL is wrong. */
export function loadGraphqlSubgraph(options: GraphqlSubgraphOptions): GraphQLSchema {
  const { upstream, file, sdl, prefix, operations } = options;
  if ((file === undefined) === (sdl === undefined)) {
    throw new Error(`upstream ${upstream}: give either a schema file or its text`);
  }
  const source = file ?? `upstream ${upstream}`;
  const text = sdl === undefined ? readSdl(source) : boundedSdl(source, sdl);
  const built = build(new Source(text, source), prefix);
  refuseReservedNames(built, upstream);
  refuseNestedWrites(built, upstream);
  const rooted = keepRoots(built, operations, upstream);
  const problems = validateSchema(rooted);
  if (problems.length > 0) throw new Error(`upstream ${upstream}: ${describe(problems)}`);
  return rooted;
}

/** Writes below a query would run by GET, concurrently, and again when a call is repeated. */
function refuseNestedWrites(schema: GraphQLSchema, upstream: string): void {
  const root = schema.getMutationType();
  if (!root) return;
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    const nested = Object.values(type.getFields()).find(
      ({ type: of }) => getNamedType(of) === root,
    );
    if (nested === undefined) continue;
    throw new Error(
      `upstream ${upstream}: ${type.name}.${nested.name} leads back to ${root.name}: writes are root fields of a mutation only; take the field out of the SDL`,
    );
  }
}

function build(source: Source, prefix: string | undefined): GraphQLSchema {
  const written = parseSdl(source);
  const document = prefix === undefined ? written : prefixTypes(written, prefix);
  // buildASTSchema performs the same checks, but joins the messages and drops their positions.
  refuseProblems(source, validateSDL(document));
  const schema = toSchema(source, document);
  refuseProblems(source, validateSchema(schema));
  if (prefix !== undefined) keepOwnNames(schema, prefix);
  leaveDefaults(schema);
  return schema;
}

/** Arguments are named after the upstream's own type names: `workerTeam`, not `payWorkerTeam`. */
function keepOwnNames(schema: GraphQLSchema, prefix: string): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!type.name.startsWith(prefix) || isIntrospectionType(type)) continue;
    type.extensions = { ...type.extensions, ownName: type.name.slice(prefix.length) };
  }
}

function toSchema(source: Source, document: DocumentNode): GraphQLSchema {
  try {
    return buildASTSchema(document, { assumeValidSDL: true });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    // graphql-js recurses without end on such a default.
    throw new Error(`${source.name}: an input has a default that holds itself`, { cause: error });
  }
}

function parseSdl(source: Source): DocumentNode {
  try {
    return parse(source);
  } catch (error) {
    if (error instanceof RangeError) {
      throw new Error(`${source.name}: nests too deeply to be read`, { cause: error });
    }
    if (!(error instanceof GraphQLError)) throw error;
    throw new Error(describeAt(source, error), { cause: error });
  }
}

/** Most problems in one message: a file that is no SDL has hundreds. */
const problemsMax = 5;

function refuseProblems(source: Source, problems: readonly GraphQLError[]): void {
  if (problems.length === 0) return;
  const first = problems.slice(0, problemsMax).map((problem) => describeAt(source, problem));
  const more = problems.length - first.length;
  throw new Error([...first, ...(more > 0 ? [`and ${more} more`] : [])].join('; '));
}

function describeAt(source: Source, error: GraphQLError): string {
  const at = error.locations?.[0];
  const place = at === undefined ? source.name : `${source.name}:${at.line}:${at.column}`;
  return `${place}: ${error.message}`;
}

function describe(problems: readonly GraphQLError[]): string {
  return problems.map((problem) => problem.message).join('; ');
}

function refuseReservedNames(schema: GraphQLSchema, upstream: string): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (isIntrospectionType(type)) continue;
    const fields = isObjectType(type) || isInterfaceType(type) ? Object.keys(type.getFields()) : [];
    const taken = [type.name, ...fields].find(isReservedName);
    if (taken === undefined) continue;
    const where = taken === type.name ? taken : `${type.name}.${taken}`;
    throw new Error(
      `upstream ${upstream}: ${where} has a name that is kept for the gateway: rename it, or leave it out of the SDL`,
    );
  }
}

function keepRoots(
  schema: GraphQLSchema,
  operations: readonly string[] | undefined,
  upstream: string,
): GraphQLSchema {
  const config = schema.toConfig();
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const others = config.types.filter((type) => !roots.some((root) => root === type));
  const kept = operations && readOperations(schema, operations, upstream);
  const query = keepFields(config.query, kept?.Query);
  if (query === undefined) throw new Error(`upstream ${upstream}: no query field is left`);
  const mutation = keepFields(config.mutation, kept?.Mutation);
  const rooted = new GraphQLSchema({
    ...config,
    types: others,
    query,
    mutation,
    subscription: undefined,
  });
  return kept === undefined ? rooted : pruneSchema(rooted);
}

interface KeptFields {
  readonly Query: ReadonlySet<string>;
  readonly Mutation: ReadonlySet<string>;
}

function readOperations(
  schema: GraphQLSchema,
  operations: readonly string[],
  upstream: string,
): KeptFields {
  const kept = { Query: new Set<string>(), Mutation: new Set<string>() };
  const known = [
    ...Object.keys(schema.getQueryType()?.getFields() ?? {}).map((name) => `Query.${name}`),
    ...Object.keys(schema.getMutationType()?.getFields() ?? {}).map((name) => `Mutation.${name}`),
  ];
  for (const [index, operation] of operations.entries()) {
    if (!known.includes(operation)) {
      const hint = known.length === 0 ? '' : ` (did you mean ${closest(operation, known)}?)`;
      const path = ['upstreams', upstream, 'operations', index];
      throw new MisfitError(
        `upstream ${upstream}: there is no operation ${operation}${hint}`,
        path,
      );
    }
    const [root, name] = splitCoordinate(operation);
    kept[root === 'Query' ? 'Query' : 'Mutation'].add(name);
  }
  return kept;
}

/**
 * In place, because other types may refer to the root. Drops interfaces whose fields it no longer
 * has (GitHub's query root is a `Node`).
 */
function keepFields(
  root: GraphQLObjectType | null | undefined,
  kept: ReadonlySet<string> | undefined,
): GraphQLObjectType | undefined {
  if (root === null || root === undefined) return undefined;
  if (kept === undefined) return root;
  const fields = root.getFields();
  for (const name of Object.keys(fields)) if (!kept.has(name)) delete fields[name];
  const interfaces = root.getInterfaces() as GraphQLInterfaceType[];
  const met = interfaces.filter((one) =>
    Object.keys(one.getFields()).every((name) => kept.has(name)),
  );
  interfaces.splice(0, interfaces.length, ...met);
  return Object.keys(fields).length === 0 ? undefined : root;
}
